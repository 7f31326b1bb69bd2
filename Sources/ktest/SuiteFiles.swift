import Foundation
import KTestHarness

/// A suite as it was read from its file.
struct SuiteFile {
  var suite: Suite
  var path: String
  var bytes: [UInt8]
  /// Texts of `CaseSelection` for the cases that are wanted; empty for all.
  var cases: [String]

  /// Finds and reads what stands on a command line: `PATH`, `NAME`, each with `:CASE`, `[AXIS=VALUE]` or both behind it.
  static func find(_ argument: String) throws -> SuiteFile {
    try checkText(argument)
    let parsed = SuiteArgument(parsing: argument, isFile: isFile)
    // Where there is no such file, there is no telling where a path with colons ends.
    let isPath = parsed.name.contains("/") && parsed.selection?.contains("/") == true && !isFile(parsed.name)
    let path = try path(of: isPath ? argument : parsed.name)
    return try read(path, cases: parsed.selection.map { [$0] } ?? [])
  }

  /// Reads and checks one file; what is wrong with it is thrown as one message, what is merely odd goes to stderr.
  static func read(_ path: String, cases: [String] = []) throws -> SuiteFile {
    let bytes = try contents(of: path)
    let (suite, diagnostics) = Suite.read(bytes: bytes, file: path)
    let text = DiagnosticRenderer(source: bytes).render(diagnostics)
    guard let suite else { throw Failure(.data, "this suite cannot be run\n\(text)") }
    if !diagnostics.isEmpty { writeAll(text + "\n", to: 2) }
    return SuiteFile(suite: suite, path: path, bytes: bytes, cases: cases)
  }

  /// The file's bytes. A pipe is none: it can be read once only, and a suite is read again when a run is repeated.
  static func contents(of path: String) throws -> [UInt8] {
    try checkText(path)
    do {
      return try RegularFile.bytes(of: path, limit: YAMLLimits.standard.bytes)
    } catch FileProblem.tooLarge(_, let size, let limit) {
      throw Failure(
        .data,
        "\(path): error: the file has \(size) bytes; at most \(limit) are read\n" + "  note: is it the right file?")
    } catch { throw Failure(.usage, "cannot read the suite \(path): \(error.reason)") }
  }

  private static func checkText(_ path: String) throws {
    guard PathText.hasControls(path) else { return }
    throw Failure(.usage, "a suite's path with control characters is not taken: \"\(PathText.shown(path))\"")
  }

  private static func isFile(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
  }

  private static func path(of name: String) throws -> String {
    if FileManager.default.fileExists(atPath: name) { return name }
    guard !name.contains("/") else { throw Failure(.usage, "no suite file \(name)") }
    let folders = try Places.folders("suites")
    for folder in folders {
      for path in ["\(folder)/\(name).yaml", "\(folder)/build/\(name).yaml"]
      where FileManager.default.fileExists(atPath: path) { return path }
    }
    let known = try (all() + all(in: "/build")).map { $0.dropLast(5).split(separator: "/").last.map(String.init) ?? $0 }
    throw Failure(.usage, "no suite '\(name)'; there are \(known.joined(separator: ", "))")
  }

  /// Every suite file in the suites' folders.
  static func all(in subfolder: String = "") throws -> [String] {
    try Places.folders("suites").flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + subfolder)) ?? []
      return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "\(folder)\(subfolder)/\($0)" }
    }
  }
}
