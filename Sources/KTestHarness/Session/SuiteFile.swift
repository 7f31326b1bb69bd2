internal import Foundation
import KTestHost
package import KTestValues

/// A suite that was read from a file.
package struct SuiteFile: Sendable {
  package var suite: Suite
  package var path: String
  package var bytes: [UInt8]
  /// The texts of `CaseSelection` for the selected cases; empty for all.
  package var cases: [String]

  package init(_ suite: Suite, path: String, bytes: [UInt8], cases: [String] = []) {
    self.suite = suite
    self.path = path
    self.bytes = bytes
    self.cases = cases
  }

  /// The suite with only the selected cases, all cells of its matrix included.
  ///
  /// - Throws: `PlanError` for a selection that the suite does not have.
  package var chosenSuite: Suite {
    get throws { try SuiteRequest(suite, cases: cases).chosenSuite }
  }

  /// The cases as a manifest keeps them, each with the suite's name.
  var selection: [String] { cases.map { suite.name + ($0.hasPrefix("[") ? "" : ":") + $0 } }

  /// Returns the bytes of a regular file. A pipe is refused because a suite is read again when a run is repeated.
  ///
  /// - Throws: ``Failure``.
  package static func contents(of path: String) throws -> [UInt8] {
    try checkText(path)
    do {
      return try RegularFile.bytes(of: path, limit: YAMLLimits.standard.bytes)
    } catch FileProblem.tooLarge(_, let size, let limit) {
      throw Failure(
        .data,
        "\(path): error: the file has \(size) bytes; the limit is \(limit)\n" + "  note: is it the right file?")
    } catch { throw Failure(.usage, "cannot read the suite \(path): \(error.reason)") }
  }

  fileprivate static func checkText(_ path: String) throws {
    guard PathText.hasControls(path) else { return }
    throw Failure(
      .usage, "the path of a suite has control characters, which are not supported: \"\(PathText.shown(path))\"")
  }
}

extension Session {
  /// Finds and reads a suite: `PATH` or `NAME`, optionally followed by `[AXIS=VALUE]`, `:CASE` or both.
  ///
  /// - Throws: ``Failure``.
  package func suite(_ argument: String) throws -> SuiteFile {
    try SuiteFile.checkText(argument)
    if !Session.isFile(argument), let collection = KselftestSuite(parsing: argument) {
      return try suite(of: collection)
    }
    let parsed = SuiteArgument(parsing: argument, isFile: Session.isFile)
    // If there is no such file, the end of a path with colons is unknown.
    let isPath =
      parsed.name.contains("/") && parsed.selection?.contains("/") == true && !Session.isFile(parsed.name)
    let path = try suitePath(of: isPath ? argument : parsed.name)
    return try suite(at: path, cases: parsed.selection.map { [$0] } ?? [])
  }

  /// Reads and checks one file. Errors are thrown as one message, and warnings go to the display.
  ///
  /// - Throws: ``Failure``.
  package func suite(at path: String, cases: [String] = []) throws -> SuiteFile {
    let bytes = try SuiteFile.contents(of: path)
    let (suite, diagnostics) = Suite.read(bytes: bytes, file: path)
    let text = DiagnosticRenderer(source: bytes).render(diagnostics)
    guard let suite else { throw Failure(.data, "this suite cannot be run\n\(text)") }
    if !diagnostics.isEmpty { display.diagnostics(text) }
    return SuiteFile(suite, path: path, bytes: bytes, cases: cases)
  }

  private func suite(of collection: KselftestSuite) throws -> SuiteFile {
    let path = KselftestSuite.prefix + collection.folder
    let bytes = Array(collection.text.utf8)
    guard !collection.folder.isEmpty, let suite = Suite.read(bytes: bytes, file: path).suite else {
      throw Failure(
        .usage,
        "\(PathText.shown(path)): give a folder of tools/testing/selftests, such as kselftest:mm or "
          + "kselftest:net/af_unix")
    }
    return SuiteFile(suite, path: path, bytes: bytes, cases: collection.selection.map { [$0] } ?? [])
  }

  /// Returns the paths of all suite files.
  ///
  /// - Parameter subfolder: `/build` or `/selftest`.
  /// - Throws: ``Failure``.
  package func suitePaths(in subfolder: String = "") throws -> [String] {
    try places.folders("suites").flatMap { Session.suites(in: $0 + subfolder) }
  }

  /// The file of each suite that can be run by its name. Of files of one name only the one that the name stands for is
  /// in the list.
  ///
  /// - Throws: ``Failure``.
  package func namedSuitePaths() throws -> [String] {
    var names: Set<String> = []
    var found: [(path: String, isBuild: Bool)] = []
    // In the order in which a name is looked up.
    for folder in try places.folders("suites") {
      for subfolder in ["", "/build"] {
        for path in Session.suites(in: folder + subfolder) {
          let name = String(path.dropLast(5).split(separator: "/").last ?? "")
          if names.insert(name).inserted { found.append((path, !subfolder.isEmpty)) }
        }
      }
    }
    return found.filter { !$0.isBuild }.map(\.path) + found.filter(\.isBuild).map(\.path)
  }

  private static func suites(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "\(folder)/\($0)" }
  }

  private func suitePath(of name: String) throws -> String {
    if FileManager.default.fileExists(atPath: name) { return name }
    guard !name.contains("/") else { throw Failure(.usage, "no suite file \(name)") }
    for folder in try places.folders("suites") {
      for path in ["\(folder)/\(name).yaml", "\(folder)/build/\(name).yaml"]
      where FileManager.default.fileExists(atPath: path) { return path }
    }
    let known = try namedSuitePaths().map { $0.dropLast(5).split(separator: "/").last.map(String.init) ?? $0 }
    let all = "the suites are \(known.joined(separator: ", "))"
    let near = Suggestion.nearest(to: name, in: known)
    throw Failure(.usage, "no suite '\(name)'; " + (near.map { "did you mean '\($0)'? (\(all))" } ?? all))
  }

  private static func isFile(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
  }
}
