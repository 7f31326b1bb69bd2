import Glibc
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

  /// Runs the program as a filter of bytes into a new file. What goes wrong leaves no file.
  ///
  /// `subject` is what is unpacked, and `limit` how many bytes may come of it: then the program is ended, and
  /// `KernelError.tooLarge` thrown.
  func filter(
    _ input: [UInt8], arguments: [String], into path: String, limit: Int, subject: String, purpose: String
  ) async throws -> Result {
    // Readable for all: QEMU may run as another user.
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw KernelError.cacheUnwritable(path: path, reason: KernelFiles.message(errno)) }
    defer { close(file) }
    do {
      let result = try await stream(
        arguments, input: input, limit: limit, subject: subject, purpose: purpose
      ) { piece throws(KernelError) in
        let code = DurableFile.writeAll(piece, to: file)
        guard code == 0 else { throw .cacheUnwritable(path: path, reason: KernelFiles.message(code)) }
      }
      if !result.succeeded { KernelFiles.remove(path) }
      return result
    } catch {
      KernelFiles.remove(path)
      throw error
    }
  }

  /// Runs the program and hands its output out piece by piece, at most `limit` bytes: then the program is ended, and
  /// `KernelError.tooLarge` thrown. `subject` is what is unpacked.
  func stream(
    _ arguments: [String], input: [UInt8] = [], limit: Int, subject: String, purpose: String,
    _ take: ([UInt8]) throws(KernelError) -> Void
  ) async throws -> Result {
    try await launch(purpose: purpose) {
      // A file and no pipe: a program that ends early leaves nobody standing there with the rest.
      let source: FileDescriptor
      do throws(FileProblem) {
        source = FileDescriptor(rawValue: try AnonymousFile.holding(input))
      } catch {
        throw KernelError.toolFailed(tool: name, purpose: purpose, output: error.reason)
      }
      var written = 0
      let result = try await Subprocess.run(
        .name(name), arguments: Arguments(arguments), environment: Tool.environment, platformOptions: Tool.options,
        input: .fileDescriptor(source, closeAfterSpawningProcess: true), output: .sequence,
        error: .bytes(limit: 1 << 20)
      ) { execution in
        for try await piece in execution.standardOutput {
          written += piece.count
          guard written <= limit else { throw KernelError.tooLarge(name: subject, limit: limit) }
          try take(piece.withUnsafeBytes { Array($0) })
        }
      }
      return Result(
        succeeded: result.terminationStatus.isSuccess, output: [],
        complaint: String(decoding: result.standardError, as: UTF8.self))
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
