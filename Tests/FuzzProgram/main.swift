// fuzz TARGET SECONDS SEED FILE : mutated inputs through one of our readers, and what must hold of all that they make of
// them. The input that is being read is in FILE and its seed in FILE.seed, also when it ends the process; the exit code is
// 1 when something was found. With SECONDS 0 it is one input, that of SEED. `fuzz TARGET INPUT` reads a file.
import Foundation
import Fuzzing

/// Unbuffered: what was said is there when an input ends the process.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

let words = CommandLine.arguments
guard words.count == 3 || words.count == 5, let kind = fuzzTargets.first(where: { $0.name == words[1] }) else {
  say(
    "usage: fuzz TARGET SECONDS SEED FILE, or fuzz TARGET INPUT; targets: \(fuzzTargets.map { $0.name }.joined(separator: " "))"
  )
  exit(64)
}
signal(SIGPIPE, SIG_IGN)
let scratch = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/ktest-fuzz-\(getpid())"
try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
let target = try await kind.init(SeedFiles(root: FileManager.default.currentDirectoryPath, scratch: scratch))

func finish(_ code: Int32) -> Never {
  try? FileManager.default.removeItem(atPath: scratch)
  exit(code)
}

if words.count == 3 {
  guard let input = FileManager.default.contents(atPath: words[2]) else {
    say("\(words[2]) cannot be read")
    finish(64)
  }
  let found = try await FuzzRun(first: 0).problem(of: target, with: [UInt8](input), seed: 0)
  say(found ?? "\(input.count) bytes: nothing found")
  finish(found == nil ? 0 : 1)
}

guard let seconds = Double(words[2]), let first = UInt64(words[3]) else {
  say("SECONDS and SEED are numbers")
  finish(64)
}
var fuzz = FuzzRun(first: first, file: words[4])
fuzz.hangSeconds = 300
say("\(kind.name): from seed \(first); the input that is read is in \(words[4])")
let start = ContinuousClock.now
let outcome = try await fuzz.run(target) { _ in ContinuousClock.now - start < .seconds(seconds) }
let time = (ContinuousClock.now - start).components.seconds
say(
  "\(kind.name): \(outcome.inputs) inputs, \(outcome.bytes >> 20) MiB, in \(time) s from seed \(first), peak memory "
    + "\(outcome.peakMemory >> 20) MiB: \(outcome.found == nil ? "nothing found" : "")")
if let (seed, problem) = outcome.found {
  say("seed \(seed): \(problem); the input is in \(words[4])")
  finish(1)
}
unlink(words[4])
unlink(words[4] + ".seed")
finish(0)
