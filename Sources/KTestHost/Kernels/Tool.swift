import Glibc
import KTestValues

/// One program of the host that a kernel is decompressed, read or built with.
struct Tool: Sendable {
  let name: String
  /// The Debian package to install if it is missing.
  let package: String

  typealias Result = HostProgramResult

  /// Runs the program to its end and collects at most `limit` bytes of its output. A failing program is a result;
  /// `KernelError.toolMissing` or `toolFailed` is thrown if it could not be run. `purpose` completes "is needed to …".
  package func run(
    _ arguments: [String], purpose: String, in directory: String? = nil, limit: Int = 64 << 20,
    environment: [String: String?] = [:]
  ) async throws -> Result {
    let changes = HostProgram.plainMessages.merging(environment) { $1 }
    return try await explained(purpose) {
      try await HostProgram(name, arguments, environment: changes, in: directory).collect(limit: limit)
    }
  }

  /// Runs the program as a filter of bytes into a new file. After an error there is no file.
  ///
  /// `subject` is what is unpacked, and `limit` the maximum number of bytes: beyond it the program is killed, and
  /// `KernelError.tooLarge` is thrown.
  func filter(
    _ input: [UInt8], arguments: [String], into path: String, limit: Int, subject: String, purpose: String
  ) async throws -> Result {
    // It must be readable for all, because QEMU may run as another user.
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw KernelError.cacheUnwritable(path: path, reason: KernelFiles.message(errno)) }
    defer { close(file) }
    do {
      let result = try await stream(
        arguments, input: input, limit: limit, subject: subject, purpose: purpose
      ) { piece throws(KernelError) in
        let code = writeBytes(piece, to: file)
        guard code == 0 else { throw .cacheUnwritable(path: path, reason: KernelFiles.message(code)) }
      }
      if !result.succeeded { KernelFiles.remove(path) }
      return result
    } catch {
      KernelFiles.remove(path)
      throw error
    }
  }

  /// Runs the program and delivers its output in pieces, at most `limit` bytes: beyond that the program is killed, and
  /// `KernelError.tooLarge` is thrown. `subject` is what is unpacked.
  func stream(
    _ arguments: [String], input: [UInt8] = [], limit: Int, subject: String, purpose: String,
    _ take: ([UInt8]) throws(KernelError) -> Void
  ) async throws -> Result {
    let program = HostProgram(name, arguments, environment: HostProgram.plainMessages, input: .bytes(input))
    var written = 0
    return try await explained(purpose) {
      try await program.stream { piece in
        written += piece.count
        guard written <= limit else { throw KernelError.tooLarge(name: subject, limit: limit) }
        try take(piece)
      }
    }
  }

  private func explained(_ purpose: String, _ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch HostProgramFailure.missing {
      throw KernelError.toolMissing(tool: name, package: package, purpose: purpose)
    } catch HostProgramFailure.notRun(_, let reason) {
      throw KernelError.toolFailed(tool: name, purpose: purpose, output: reason)
    }
  }
}
