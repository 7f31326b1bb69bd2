internal import Foundation
import KTestGuests
import KTestHost

/// `ktest run` as a process of its own, as a user starts it.
struct ChildRun {
  let arguments: [String]
  /// Where the runs of this process's measurements are.
  static let state = FileManager.default.temporaryDirectory.appending(path: "ktest-bench-\(getpid())").path

  init(_ file: SuiteFile, kernel: String, accelerator: Accelerator, host: GuestOptions, places: Places) {
    var arguments = ["run", ([file.path] + file.cases.prefix(1)).joined(separator: ":"), "--kernel", kernel]
    arguments += ["--accel", accelerator.rawValue, "--channel", host.channel.rawValue, "--state", ChildRun.state]
    arguments += ["--cache", places.cacheDirectory]
    if let connect = host.connect { arguments += ["--connect", connect] }
    self.arguments = arguments
  }

  func measure() async throws -> RunTimes {
    let process = try await TimedProcess.run("/proc/self/exe", arguments)
    guard process.succeeded else { throw Failure(.host, "the measured run failed: \(process.lastLine)") }
    let journal = try readJournal(at: try latestRun(in: ChildRun.state))
    let console =
      (try? RegularFile.bytes(of: "\(journal.directory)/\(RunLayout.console(boot: 1))", limit: 1 << 30)) ?? []
    guard
      let times = RunTimes(
        events: journal.events, launched: process.launched, whole: process.seconds, console: console)
    else { throw Failure(.host, "the measured run came to no case: \(process.lastLine)") }
    return times
  }

  func clean() { try? FileManager.default.removeItem(atPath: ChildRun.state) }
}
