internal import Subprocess
internal import SystemPackage

/// One process, run to its end with a clock beside it.
public struct TimedProcess: Sendable {
  public var launched: WallTime
  public var seconds: Double
  public var succeeded: Bool
  /// The end of what it wrote on stderr and stdout.
  public var lastLine: String

  /// Throws ``PlanError`` when the program cannot be started.
  public static func run(_ program: String, _ arguments: [String]) async throws -> TimedProcess {
    let clock = ContinuousClock()
    let (launched, started) = (WallTime.now(), clock.now)
    do {
      let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
      let result = try await Subprocess.run(
        executable, arguments: Arguments(arguments), output: .bytes(limit: 4 << 20), error: .bytes(limit: 4 << 20))
      let seconds = (clock.now - started).inSeconds
      let said = (result.standardOutput + result.standardError).split(separator: UInt8(ascii: "\n"))
      return TimedProcess(
        launched: launched, seconds: seconds, succeeded: result.terminationStatus.isSuccess,
        lastLine: said.last.map { sanitised(String(decoding: $0.prefix(400), as: UTF8.self)) } ?? "")
    } catch let error as SubprocessError {
      throw PlanError("\(program) cannot be run: \(error)", isUsage: false)
    }
  }
}
