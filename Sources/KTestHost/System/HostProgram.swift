import Glibc
import Subprocess
import SystemPackage

/// A program of the host and how to run it. ktest starts programs nowhere else.
///
/// The program runs without a shell and in a process group of its own. If the task is cancelled, or the closure that takes
/// the output throws, the whole group gets SIGTERM, and SIGKILL after ``grace``, because compilers and apt have children.
package struct HostProgram: Sendable {
  package enum Input: Sendable {
    case none
    /// The program reads these bytes from a file in memory. With a pipe, a program that exits early would leave ktest
    /// with the unread rest.
    case bytes([UInt8])
    /// The program gets an open file, which is closed once the program has started.
    case descriptor(Int32)
  }

  /// The path of the program, or a name without a slash, which is looked up in `PATH`.
  package var name: String
  package var arguments: [String]
  /// The changes to the inherited environment; nil removes a variable.
  package var environment: [String: String?]
  /// The working directory; nil for ktest's own.
  package var directory: String?
  package var input: Input
  /// The time between SIGTERM and SIGKILL.
  package var grace: Duration
  /// The limit in bytes for standard error, where it is collected.
  package var complaintLimit: Int

  package init(
    _ name: String, _ arguments: [String] = [], environment: [String: String?] = [:], in directory: String? = nil,
    input: Input = .none, grace: Duration = .seconds(2), complaintLimit: Int = 1 << 20
  ) {
    self.name = name
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.input = input
    self.grace = grace
    self.complaintLimit = complaintLimit
  }

  /// The environment for programs whose messages ktest reads: they are in English.
  package static let plainMessages: [String: String?] = ["LC_ALL": "C"]

  /// Runs the program to its end and collects at most `limit` bytes of its output. A program that fails is a result.
  ///
  /// Throws ``HostProgramFailure`` or `CancellationError`, like all methods that run the program.
  package func collect(limit: Int = 64 << 20) async throws -> HostProgramResult {
    try await launch {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(arguments), environment: changed, workingDirectory: place,
        platformOptions: options, input: try source, output: .bytes(limit: limit), error: .bytes(limit: complaintLimit))
      return HostProgramResult(
        HostProgramStatus(result.terminationStatus), output: result.standardOutput, complaint: result.standardError)
    }
  }

  /// Runs the program to its end and passes its output on piece by piece. An error thrown by `take` ends the program and is
  /// passed on.
  package func stream(_ take: ([UInt8]) async throws -> Void) async throws -> HostProgramResult {
    try await launch {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(arguments), environment: changed, workingDirectory: place,
        platformOptions: options, input: try source, output: .sequence, error: .bytes(limit: complaintLimit)
      ) { execution in
        for try await piece in execution.standardOutput { try await take(piece.withUnsafeBytes { Array($0) }) }
      }
      return HostProgramResult(
        HostProgramStatus(result.terminationStatus), output: [], complaint: result.standardError)
    }
  }

  /// Runs the program to its end with its output in open files. They stay open and may be the same.
  package func run(output: Int32, errors: Int32) async throws -> HostProgramStatus {
    try await launch {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(arguments), environment: changed, workingDirectory: place,
        platformOptions: options, input: try source,
        output: .fileDescriptor(FileDescriptor(rawValue: output), closeAfterSpawningProcess: false),
        error: .fileDescriptor(FileDescriptor(rawValue: errors), closeAfterSpawningProcess: false))
      return HostProgramStatus(result.terminationStatus)
    }
  }

  /// Runs the program with its output in an open file or pipe, and `body` at the same time. The file is closed once the
  /// program has started.
  package func pour<Value: Sendable>(
    into output: Int32, _ body: () async throws -> Value
  ) async throws -> (value: Value, result: HostProgramResult) {
    try await launch {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(arguments), environment: changed, workingDirectory: place,
        platformOptions: options, input: try source,
        output: .fileDescriptor(FileDescriptor(rawValue: output), closeAfterSpawningProcess: true),
        error: .bytes(limit: complaintLimit)
      ) { _ in try await body() }
      let status = HostProgramStatus(result.terminationStatus)
      return (result.closureResult, HostProgramResult(status, output: [], complaint: result.standardError))
    }
  }

  /// Returns the executable regular file of this name in `PATH`, or nil if there is none.
  package static func path(of name: String) -> String? {
    let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return search.split(separator: ":").lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
  }

  package static func isExecutable(_ path: String) -> Bool {
    var status = stat()
    return access(path, X_OK) == 0 && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private func launch<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      let value = try await body()
      // The result of a program that ktest ended itself means nothing.
      try Task.checkCancellation()
      return value
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw HostProgramFailure.missing(name: name)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw HostProgramFailure.notRun(name: name, reason: "\(error)")
    }
  }

  private var executable: Executable { name.contains("/") ? .path(FilePath(name)) : .name(name) }
  private var place: FilePath? { directory.map { FilePath($0) } }

  private var changed: Environment {
    let changes = environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
    return .inherit.updating(Dictionary<Environment.Key, String?>(uniqueKeysWithValues: changes))
  }

  private var options: PlatformOptions {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)]
    return options
  }

  private var source: FileDescriptorInput {
    get throws(HostProgramFailure) {
      let descriptor: Int32
      switch input {
      case .none:
        descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .notRun(name: name, reason: FileProblem.of(errno, "/dev/null").description) }
      case .bytes(let bytes):
        do {
          descriptor = try AnonymousFile.holding(bytes)
        } catch { throw .notRun(name: name, reason: error.reason) }
      case .descriptor(let open): descriptor = open
      }
      return .fileDescriptor(FileDescriptor(rawValue: descriptor), closeAfterSpawningProcess: true)
    }
  }
}
