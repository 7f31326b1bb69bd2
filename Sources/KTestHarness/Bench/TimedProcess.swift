import GuestProtocol
import KTestHost
import KTestValues

/// A process that is run to its end, and the time it takes.
package struct TimedProcess: Sendable {
  package var launched: WallTime
  package var seconds: Double
  package var succeeded: Bool
  /// The last line of its stderr or stdout.
  package var lastLine: String

  /// Throws ``PlanError`` if the program cannot be started.
  package static func run(_ program: String, _ arguments: [String]) async throws -> TimedProcess {
    let clock = ContinuousClock()
    let (launched, started) = (WallTime.now(), clock.now)
    do {
      let result = try await HostProgram(program, arguments, complaintLimit: 4 << 20).collect(limit: 4 << 20)
      let seconds = (clock.now - started).inSeconds
      let said = (result.output + Array(result.complaint.utf8)).split(separator: UInt8(ascii: "\n"))
      return TimedProcess(
        launched: launched, seconds: seconds, succeeded: result.succeeded,
        lastLine: said.last.map { sanitised(String(decoding: $0.prefix(400), as: UTF8.self)) } ?? "")
    } catch let failure as HostProgramFailure {
      throw PlanError("\(failure)", isUsage: false)
    }
  }
}
