/// Reads the cases of a suite with `kind: build`, and the suite's settings for all of them.
struct BuildReader {
  /// Keys of a suite that boots, which a suite that compiles cannot have.
  private static let foreign = [
    "guest", "requires", "image", "modules", "parameters", "matrix", "dmesg", "setup",
  ]
  private static let own = ["base", "config", "targets", "warnings"]

  private let base: CaseBuild.Base
  private let config: [String: String]
  private let targets: [String]?
  private let warnings: Int?
  private let diagnostics: Diagnostics

  init(_ suite: YAMLMapReader, kind: Suite.Kind) {
    diagnostics = suite.diagnostics
    base = suite.choice("base", CaseBuild.Base.self) ?? .allnoconfig
    config = BuildReader.config(suite)
    targets = BuildReader.targets(suite)
    warnings = suite.integer("warnings", in: SuiteSchema.warningCount)
    for key in kind == .build ? BuildReader.foreign : BuildReader.own where suite.has(key) {
      suite.diagnostics.error(
        at: suite.mark(of: key),
        kind == .build
          ? "a suite with kind: build boots nothing, so it cannot have \(key)"
          : "\(key) belongs to a suite with kind: build; this suite's kind is \(kind.rawValue)",
        note: kind == .build ? "remove the key \(key)" : "write kind: build or remove \(key)")
    }
  }

  func test(_ map: YAMLMapReader) -> Case {
    let targets = BuildReader.targets(map) ?? self.targets
    if targets == nil {
      diagnostics.error(
        at: map.mark, "this case has no targets", note: "for example targets: [mm/], here or in the suite")
    }
    return Case(
      name: map.value("name", NameRule.testCase) ?? "", description: map.string("description") ?? "", run: [],
      timeout: map.duration("timeout") ?? CaseBuild.defaultTimeout,
      build: CaseBuild(
        base: base, config: config.merging(BuildReader.config(map)) { $1 }, targets: targets ?? [],
        warnings: map.integer("warnings", in: SuiteSchema.warningCount) ?? warnings))
  }

  private static func config(_ map: YAMLMapReader) -> [String: String] {
    var result: [String: String] = [:]
    for entry in map.entries("config", "a mapping of configuration symbols") ?? [] {
      if entry.key.hasPrefix("CONFIG_") {
        map.diagnostics.error(
          at: entry.mark, "symbols are written without CONFIG_, found \(Phrase.quoted(entry.key))",
          note: "write \(entry.key.dropFirst(7))")
        continue
      }
      map.diagnostics.checkKey(entry, NameRule.symbol)
      result[entry.key] = map.diagnostics.value(entry.value, "y, m, n or a number") { text throws(ValueProblem) in
        try CaseBuild.value(text)
      }
    }
    return result
  }

  private static func targets(_ map: YAMLMapReader) -> [String]? {
    let found = map.list("targets", of: "targets of make") { node in
      map.diagnostics.value(node, "a target of make") { text throws(ValueProblem) in try CaseBuild.target(text) }
    }
    if found?.isEmpty == true, case .sequence(let items)? = map.node("targets")?.content, items.isEmpty {
      map.error("targets", "the list is empty; name the targets for make")
    }
    return found
  }
}
