import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

extension Failure.Kind {
  /// The code that the command ends with; of sysexits.h, where it has a word for it.
  var exitCode: Int32 {
    switch self {
    case .failed: 1
    case .usage: 64
    case .data: 65
    case .host: 69
    case .busy: 75
    case .interrupted: 130
    }
  }
}

/// Runs a command's body: an error becomes one message on stderr and the right exit code.
func reporting(_ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let code as ExitCode { throw code } catch let error as CleanExit { throw error } catch {
    let failure = Failure(error)
    writeAll("ktest: \(sanitised(failure.description, keepingLines: true))\n", to: 2)
    throw ExitCode(failure.kind.exitCode)
  }
}

/// Sanitises line by line.
func sanitised(_ text: String, keepingLines: Bool) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { sanitised(String($0)) }.joined(separator: "\n")
}
