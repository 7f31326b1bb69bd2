internal import CLinux
import Glibc

/// A running `make`, whose output goes to a log that is read as it grows.
struct MakeProcess {
  var arguments: [String]
  /// Changes to what is inherited.
  var environment: [String: String?]
  /// The log file, which is appended to.
  var log: String
  /// The name of the tree for messages.
  var tree: String

  /// Runs make and returns whether it succeeded. `watch` gets the state of the log several times a second,
  /// and never after this has returned.
  ///
  /// `make` and all its children end with ktest, whatever ends ktest. Throws ``KernelBuildError`` and
  /// `CancellationError`.
  package func run(watch: @escaping @Sendable (BuildLog) -> Void = { _ in }) async throws -> (
    succeeded: Bool, log: BuildLog
  ) {
    let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard output >= 0 else { throw KernelBuildError.writing(log, errno) }
    defer { close(output) }
    let start = Int(lseek(output, 0, SEEK_END))
    var lifeline: [Int32] = [-1, -1]
    guard ktest_pipe(&lifeline, O_CLOEXEC) == 0 else { throw KernelBuildError.writing("a pipe", errno) }
    let held = lifeline[1]
    defer { close(held) }
    let reader = LogReader(log: log, from: start, tree: tree)
    let polling = Task {
      while (try? await Task.sleep(for: .milliseconds(200))) != nil {
        let state = await reader.read()
        if Task.isCancelled { return }
        watch(state)
      }
    }
    let shell = HostProgram(
      "/bin/sh", ["-c", MakeProcess.script, "make"] + arguments, environment: environment,
      input: .descriptor(lifeline[0]), grace: .seconds(10))
    let status: HostProgramStatus
    do {
      status = try await shell.run(output: output, errors: output)
    } catch {
      polling.cancel()
      await polling.value
      guard let failure = error as? HostProgramFailure else { throw error }
      throw KernelBuildError.hostFailed(reason: "cannot start make: \(failure)", log: log)
    }
    polling.cancel()
    await polling.value
    let state = await reader.read()
    if case .signalled(let signal) = status {
      throw KernelBuildError.hostFailed(reason: "make was killed by signal \(signal)", log: log)
    }
    return (status.isSuccess, state)
  }

  /// A script that waits for make, even through a signal to the whole group, so that make is not considered gone while
  /// it still cleans up. It ends the group when the other end of its standard input is closed, which is when ktest is
  /// gone.
  static let script = """
    exec 3<&0 </dev/null
    trap : TERM INT HUP
    "$0" "$@" 3<&- &
    make=$!
    (trap '' TERM INT HUP; read -r _ <&3; kill -TERM -$$; sleep 5; kill -KILL -$$) >/dev/null 2>&1 &
    watch=$!
    wait $make; status=$?
    while [ $status -gt 128 ] && kill -0 $make 2>/dev/null; do wait $make; status=$?; done
    kill -KILL $watch 2>/dev/null
    exit $status
    """
}

extension KernelBuildError {
  static func writing(_ path: String, _ code: Int32) -> KernelBuildError {
    code == ENOSPC || code == EDQUOT
      ? .diskFull(path: path) : .cannotWrite(path: path, reason: KernelFiles.message(code))
  }
}

/// Reads the log from where it stopped last.
private actor LogReader {
  private let path: String
  private var offset: Int
  private var state: BuildLog

  init(log: String, from offset: Int, tree: String) {
    path = log
    self.offset = offset
    state = BuildLog(tree: tree)
  }

  func read() -> BuildLog {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return state }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = pread(descriptor, &buffer, buffer.count, off_t(offset))
      guard got > 0 else { return state }
      state.add(buffer[..<got])
      offset += got
    }
  }
}
