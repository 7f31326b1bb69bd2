import Glibc

let arguments = CommandLine.arguments
if arguments.count > 1 && arguments[1] == "--case" {
  runCaseStage(Array(arguments[2...]))
} else if arguments.count > 2 && arguments[1] == "--load" {
  runLoad(arguments[2])
} else if getpid() == 1 {
  var agent = Agent()
  agent.run()
} else {
  print("ktest-agent is the first process of a ktest guest; it has no other use.")
  exit(64)
}
