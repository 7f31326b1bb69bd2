import Foundation
import Testing

@testable import KTestValues

/// Holds the schema and the reader together, by documents made from the schema.
struct SuiteSchemaTests {
  /// A key somewhere in the schema, with a document in which it stands alone in the last line.
  struct Place: Sendable, CustomTestStringConvertible {
    var path: String
    var shape: String
    /// The document up to the value.
    var before: String
    var field: SchemaField

    var testDescription: String { path }

    func document(_ value: String) -> String { before + value + "\n" }
    var line: Int { before.split(separator: "\n", omittingEmptySubsequences: false).count }
  }

  /// Every key of every shape, each under the first path that leads to its shape.
  static let places: [Place] = {
    var result: [Place] = []
    var seen: Set<String> = []
    func visit(_ shape: SchemaShape, path: String, before: String, indent: String) {
      guard seen.insert(shape.name).inserted else { return }
      for field in shape.fields {
        var own = before
        for other in shape.fields where other.isRequired && other.key != field.key {
          own += "\(indent)\(other.key): \(other.example)\n"
        }
        if shape.name == "subtests", field.key == "when" { own += "\(indent)min: 3\n" }
        if shape.name == "case", field.key == "skips" { own += "\(indent)subtests: all\n" }
        if shape.name == "dmesg-entry", ["count", "when"].contains(field.key) { own += "\(indent)match: SIGBUS\n" }
        if shape.name == "case", ["skip-codes", "exit-code"].contains(field.key) {
          own += "\(indent)format: exit-code\n"
        }
        if shape.name == "metric" {
          for other in shape.fields where !other.isRequired && field.key != "name" && other.key != field.key {
            own += "\(indent)\(other.key): \(other.example)\n"
          }
        }
        if shape.name == "numa-node", field.key == "memory" { own += "\(indent)cpus: 2\n" }
        own += "\(indent)\(field.key): "
        let place = Place(path: path + "." + field.key, shape: shape.name, before: own, field: field)
        result.append(place)
        for (inner, opening, depth) in shapes(in: field.type) {
          visit(inner, path: place.path, before: own + opening(indent), indent: indent + depth)
        }
      }
    }
    visit(SuiteSchema.suite, path: "suite", before: "", indent: "")
    return result
  }()

  /// The shapes within a type, and how a document opens them in block form.
  private static func shapes(
    in type: SchemaType
  ) -> [(shape: SchemaShape, opening: @Sendable (String) -> String, depth: String)] {
    switch type {
    case .map(let shape): return [(shape, { _ in "\n" }, "  ")]
    case .anyOf(let types): return types.flatMap { shapes(in: $0) }
    case .table(_, let value):
      return shapes(in: value).map { inner in
        (inner.shape, { indent in "\n\(indent)  ndctl:" + inner.opening(indent + "  ") }, "  " + inner.depth)
      }
    case .list(let element, _):
      return shapes(in: element).map { inner in
        (inner.shape, { indent in "\n\(indent)  -" + inner.opening(indent + "  ") }, "  " + inner.depth)
      }
    case .text, .written, .integer, .boolean, .size, .duration, .choice: return []
    }
  }

  /// Some examples need company elsewhere in the document.
  private func completed(_ place: Place, _ text: String) -> String {
    if place.shape == "build-case" {
      return text + "kind: build\n" + (place.field.key == "targets" ? "" : "targets: [mm/]\n")
    }
    switch place.path.split(separator: ".").suffix(2).joined(separator: ".") {
    case "suite.base", "suite.config", "suite.targets", "suite.warnings":
      return text.replacing("{name: one, run: [one]}", with: "{name: one, targets: [mm/]}") + "kind: build\n"
    case "cases.each-module": return text + "parameters: {modules: {description: x}}\n"
    case "requires.parameters": return text + "parameters: {ndctl: {description: x}}\n"
    case "cases.selftest": return text + "kind: selftest\n"
    case let key where key.hasPrefix("selftest."): return text + "kind: selftest\n"
    default: return text
    }
  }

  @Test(arguments: places) func exampleIsAccepted(place: Place) {
    let text = completed(place, place.document(place.field.example))
    let messages = SuiteFixture.messages(text)
    #expect(messages == [], "\(text)")
  }

  /// A key that the reader forgets to read would let this pass unnoticed.
  @Test(arguments: places) func wrongTypeIsReported(place: Place) {
    let diagnostics = Suite.read(bytes: Array(completed(place, place.document("[[]]")).utf8), file: "t").diagnostics
    #expect(diagnostics.contains { $0.line == place.line && $0.severity == .error }, "\(diagnostics)")
  }

  @Test(arguments: places) func misspeltKeyIsUnknown(place: Place) {
    var before = place.before
    before.removeLast(2)
    let text = completed(place, before + "x: \(place.field.example)\n")
    let found = SuiteFixture.messages(text).first { $0.contains("unknown key '\(place.field.key)x'") }
    #expect(found?.contains("did you mean '") == true, "\(SuiteFixture.messages(text))")
  }

  @Test(arguments: places.filter { $0.field.isRequired }) func requiredKeyIsMissed(place: Place) {
    // The line becomes a comment; a shape with no other key becomes empty.
    let lines = place.before.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let messages = SuiteFixture.messages(lines.joined(separator: "\n") + "\n")
    #expect(
      messages.contains {
        $0.contains("needs the key '\(place.field.key)'") || $0.contains("found nothing") || $0.contains("is empty")
      })
  }

  @Test func printedSchema() throws {
    #expect(SuiteSchema.json == SuiteSchema.json)
    try SuiteFixture.expectGolden(SuiteSchema.json, "schema.json")
  }

  /// The printed text is JSON, and its keys are those of the tables, which are those of the reader.
  @Test func printedKeysAreTheReadersKeys() throws {
    let object = try JSONSerialization.jsonObject(with: Data(SuiteSchema.json.utf8))
    let root = try #require(object as? [String: Any])
    let definitions = try #require(root["$defs"] as? [String: [String: Any]])
    var printed: Set<String> = []
    for (name, shape) in definitions.merging(["suite": root], uniquingKeysWith: { first, _ in first }) {
      let properties = try #require(shape["properties"] as? [String: Any])
      // Only a condition may have keys that the schema does not know: the suite's axes.
      #expect((shape["additionalProperties"] as? Bool == false) == (name != "condition"))
      printed.formUnion(properties.keys.map { "\(name).\($0)" })
    }
    var tables: Set<String> = []
    func collect(_ shape: SchemaShape) {
      for field in shape.fields {
        tables.insert("\(shape.name).\(field.key)")
        for inner in Self.shapes(in: field.type) { collect(inner.shape) }
      }
    }
    collect(SuiteSchema.suite)
    #expect(printed == tables)
    #expect(printed.count == Self.places.count)
  }

  /// The fixtures use all there is: what no file uses, no test reads.
  @Test func fixturesUseEveryKey() throws {
    let text = try ["full.yaml", "selftest.yaml", "matrix.yaml", "build.yaml", "parameters.yaml"].map {
      String(decoding: try SuiteFixture.bytes($0), as: UTF8.self)
    }
    .joined()
    for place in Self.places {
      #expect(text.contains("\(place.field.key):"), "no fixture uses \(place.path)")
    }
  }
}
