import Glibc

/// The second stage of this executable: `init --case LIMIT-GROUP DIRECTORY -- PROGRAM ARGUMENTS…`, in the new session.
///
/// Swift has no fork(2), so what must happen between fork and exec happens here: joining the limit's control group,
/// changing to the working directory, and becoming the OOM killer's first choice. Errors go to descriptor 3 as text;
/// the descriptor closes by itself when the program starts.
func runCaseStage(_ arguments: [String]) -> Never {
  func fail(_ error: SystemError) -> Never {
    let text = Array(error.description.utf8)
    _ = write(3, text, text.count)
    exit(127)
  }
  guard arguments.count >= 4, arguments[2] == "--" else { exit(127) }
  _ = fcntl(3, F_SETFD, FD_CLOEXEC)
  let (group, directory, program) = (arguments[0], arguments[1], Array(arguments[3...]))
  if !group.isEmpty {
    do { try writeFile("\(group)/cgroup.procs", "0") } catch { fail(error) }
  }
  guard chdir(directory) == 0 else { fail(SystemError("enter \(directory)")) }
  // The agent itself runs at -1000: if the guest runs out of memory, the test must be killed.
  do { try writeFile("/proc/self/oom_score_adj", "0") } catch { fail(error) }
  var noSignals = sigset_t()
  sigemptyset(&noSignals)
  sigprocmask(SIG_SETMASK, &noSignals, nil)
  _ = withCStrings(program) { words in words[0].map { execvp($0, words) } }
  fail(SystemError("start \(program[0])"))
}
