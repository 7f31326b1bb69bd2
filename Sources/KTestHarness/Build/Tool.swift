import Subprocess
import SystemPackage

/// One program of the system that a kernel is found, unpacked or read with.
struct Tool: Sendable {
  let name: String
  /// The Debian package to install where it is missing.
  let package: String

  static let aptCache = Tool(name: "apt-cache", package: "apt")
  static let aptGet = Tool(name: "apt-get", package: "apt")
  static let dpkgDeb = Tool(name: "dpkg-deb", package: "dpkg")

  struct Result: Sendable {
    var succeeded: Bool
    var output: [UInt8]
    /// What it wrote to standard error, for messages.
    var complaint: String

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// Runs the program to its end and collects at most `limit` bytes of its output. A failing program is a result;
  /// thrown is `KernelError.toolMissing` or `toolFailed`, where it could not be run. `purpose` ends "is needed to …".
  func run(
    _ arguments: [String], purpose: String, in directory: String? = nil, limit: Int = 64 << 20,
    environment: [Environment.Key: String?] = [:]
  ) async throws -> Result {
    try await launch(purpose: purpose) {
      let result = try await Subprocess.run(
        .name(name), arguments: Arguments(arguments), environment: Tool.environment.updating(environment),
        workingDirectory: directory.map { FilePath($0) }, platformOptions: Tool.options,
        output: .bytes(limit: limit), error: .bytes(limit: 1 << 20))
      return Result(
        succeeded: result.terminationStatus.isSuccess, output: result.standardOutput,
        complaint: String(decoding: result.standardError, as: UTF8.self))
    }
  }

  /// Runs the program as a filter of bytes into a new file.
  func filter(_ input: [UInt8], arguments: [String], into path: String, purpose: String) async throws -> Result {
    try await launch(purpose: purpose) {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate, .closeOnExec],
        // Readable for all: QEMU may run as another user.
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      return try await file.closeAfter {
        let result = try await Subprocess.run(
          .name(name), arguments: Arguments(arguments), environment: Tool.environment,
          platformOptions: Tool.options, input: .array(input),
          output: .fileDescriptor(file, closeAfterSpawningProcess: false), error: .bytes(limit: 1 << 20))
        return Result(
          succeeded: result.terminationStatus.isSuccess, output: [],
          complaint: String(decoding: result.standardError, as: UTF8.self))
      }
    }
  }

  private func launch(purpose: String, _ body: () async throws -> Result) async throws -> Result {
    do {
      let result = try await body()
      // What a cancelled task's program says is of no interest: it was ended by us.
      try Task.checkCancellation()
      return result
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw KernelError.toolMissing(tool: name, package: package, purpose: purpose)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw KernelError.toolFailed(tool: name, purpose: purpose, output: "\(error)")
    }
  }

  /// Messages in one language, so that they can be read by a program.
  private static let environment = Environment.inherit.updating(["LC_ALL": "C"])

  /// The library's own way to end a program is an immediate kill, which leaves apt's children behind: they are a process
  /// group of their own and are asked first.
  private static let options: PlatformOptions = {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
    return options
  }()
}

extension FileDescriptor {
  /// `closeAfter` of the library takes no asynchronous body.
  fileprivate func closeAfter<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      let result = try await body()
      try close()
      return result
    } catch {
      try? close()
      throw error
    }
  }
}
