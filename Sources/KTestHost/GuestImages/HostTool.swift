import Glibc

/// A program of the host: `cc`, `strip`, apt's own tools.
struct HostTool: Sendable, Equatable {
  var name: String
  var path: String

  struct Outcome: Sendable {
    var status: HostProgramStatus
    /// Its stdout; invalid UTF-8 is replaced.
    package var output: String
    var errors: String

    package var succeeded: Bool { status.isSuccess }

    /// Returns the first or last lines of its error output.
    func lines(first: Int) -> [String] { Array(HostTool.lines(of: errors.isEmpty ? output : errors).prefix(first)) }
    func lines(last: Int) -> [String] { Array(HostTool.lines(of: errors.isEmpty ? output : errors).suffix(last)) }

    /// Throws `diskFull` if the disk is the reason of a failure. Some tools do not notice that their own output was
    /// truncated, so a full disk is an error even if they report success.
    func checkSpace(of folder: String) throws {
      if DiskSpace.isExhausted(at: folder) || (!succeeded && DiskSpace.isBlamed(in: output + errors)) {
        throw ImageError.diskFull(path: folder)
      }
    }
  }

  /// Splits text into lines without control characters: file content in a tool's output must not control the terminal.
  static func lines(of text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map { line in
      var shown = String.UnicodeScalarView()
      for scalar in line.unicodeScalars.prefix(400) {
        shown.append(scalar == "\t" ? " " : scalar.properties.generalCategory == .control ? "·" : scalar)
      }
      return String(shown)
    }
  }

  /// Returns nil if `PATH` has no such program.
  init?(_ name: String) {
    guard let path = HostProgram.path(of: name) else { return nil }
    self.init(path: path)
  }

  /// Returns nil if this is not an executable file.
  init?(path: String) {
    guard HostProgram.isExecutable(path) else { return nil }
    (name, self.path) = (Paths.last(path), path)
  }

  /// Returns the program `name`, or throws an error that says how to get it.
  static func required(_ name: String, for layer: String, advice: String) throws -> HostTool {
    guard let tool = HostTool(name) else { throw ImageError.toolMissing(tool: name, layer: layer, advice: advice) }
    return tool
  }

  /// A stamp that changes with the installed version of the program; computing it starts no process.
  var stamp: String {
    let real = Files.real(path) ?? path
    return "\(name) \(Paths.last(real)) \(FileStamp(real)?.text ?? "")"
  }

  /// Runs it to its end. A status other than 0 is part of the result.
  ///
  /// Its output goes through files in the cache, so that it cannot fill memory: at most 8 MiB are read back. `log`
  /// keeps both streams in one file.
  package func run(
    _ arguments: [String], in folder: String? = nil, cache: ImageCache, environment: [String: String?] = [:],
    log: String? = nil
  ) async throws -> Outcome {
    let output = log ?? cache.temporary()
    let errors = log ?? cache.temporary()
    defer { if log == nil { for path in [output, errors] { Files.remove(path) } } }
    let first = try HostTool.append(to: output)
    defer { close(first) }
    let second = try HostTool.append(to: errors)
    defer { close(second) }
    // It builds in a copy: a git that it calls must find neither the repository of a hook nor one around the cache.
    var changes = Git.environmentWithoutRepository
    for (key, value) in ["LC_ALL": "C", "TZ": "UTC", "SOURCE_DATE_EPOCH": "0"] { changes[key] = value }
    for (key, value) in environment { changes.updateValue(value, forKey: key) }
    let status: HostProgramStatus
    do {
      status = try await HostProgram(path, arguments, environment: changes, in: folder)
        .run(output: first, errors: second)
    } catch HostProgramFailure.notRun(_, let reason) {
      throw ImageError.toolFailed(tool: name, status: "it cannot be started", lines: [reason])
    } catch HostProgramFailure.missing {
      throw ImageError.toolFailed(tool: name, status: "it cannot be started", lines: ["\(path) no longer exists"])
    }
    let outcome = Outcome(
      status: status, output: HostTool.tail(output), errors: log == nil ? HostTool.tail(errors) : "")
    try outcome.checkSpace(of: cache.root)
    return outcome
  }

  private static func append(to path: String) throws -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Files.failure("create", path) }
    return descriptor
  }

  private static func tail(_ path: String) -> String {
    guard let bytes = try? Files.read(path) else { return "" }
    return String(decoding: bytes.suffix(8 << 20), as: UTF8.self)
  }
}
