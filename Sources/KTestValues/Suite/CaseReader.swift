internal import GuestProtocol

/// Reads cases, and the settings that they share with their suite.
struct CaseReader {
  let kind: Suite.Kind
  /// The names that `requires.parameters` may use.
  let parameters: [String]
  let matrix: MatrixReader
  /// The suite's settings for all builds.
  let build: BuildReader
  let diagnostics: Diagnostics

  func cases(_ suite: YAMLMapReader) -> [Case] {
    guard let node = suite.node("cases") else { return [] }
    if case .sequence(let items) = node.content {
      if items.isEmpty, !suite.has("collection") { suite.error("cases", "a suite needs at least one case") }
      if items.count > SuiteLimits.cases {
        suite.error("cases", "a suite can have at most \(SuiteLimits.cases) cases, found \(items.count)")
      }
    }
    var first: [String: Mark] = [:]
    return suite.list("cases", of: "cases") { node in
      let shape = kind == .build ? SuiteSchema.buildCase : SuiteSchema.testCase
      guard let map = YAMLMapReader(node, shape, diagnostics) else { return nil }
      let test = kind == .build ? build.test(map) : self.test(map)
      if let mark = first[test.name], !test.name.isEmpty {
        map.error(
          "name", "another case has the name \(Phrase.quoted(test.name))", note: "the first one is in line \(mark.line)"
        )
      } else {
        first[test.name] = map.mark(of: "name")
      }
      return test
    } ?? []
  }

  private func test(_ map: YAMLMapReader) -> Case {
    let format = map.choice("format", Case.Format.self) ?? .ktap
    let exitCode = map.choice("exit-code", Case.ExitCode.self) ?? .status
    checkFormat(format, exitCode, map)
    let subtests = map.node("subtests").flatMap { self.subtests($0) }
    let eachModule = eachModule(map)
    let placeholders = matrix.placeholders + (eachModule == nil ? [] : [MatrixAxis(Suite.modulePlaceholder, [])])
    let run = program(map, axes: placeholders)
    let boots = map.node("fresh")?.isWord("boot") == true
    let fresh = boots ? true : map.boolean("fresh", orWord: "boot")
    var test = Case(
      name: map.value("name", NameRule.testCase) ?? "",
      description: map.string("description") ?? "",
      run: run.words,
      alternatives: run.alternatives,
      format: format,
      exitCode: exitCode,
      skipCodes: map.integers("skip-codes", in: SuiteLimits.exitCodes),
      subtests: subtests,
      skips: skips(map, subtests: subtests),
      requires: requirements(map),
      modules: modules(map),
      eachModule: eachModule,
      timeout: map.duration("timeout") ?? Case.defaultTimeout,
      memoryLimit: limit("memory-limit", map),
      outputLimit: limit("output-limit", map),
      environment: diagnostics.table(
        map, "environment", NameRule.environment, "a mapping of variables", axes: placeholders),
      artefacts: map.list("artefacts", of: "file names") { artefact($0) } ?? [],
      known: map.list("known", of: "known failures") { known($0) } ?? [],
      flaky: flaky(map),
      when: matrix.condition(map),
      tags: tags(map),
      metrics: metrics(map, format: format),
      dmesg: dmesg(map),
      fresh: fresh ?? false,
      selftest: selftest(map))
    test.boots = boots
    return test
  }

  private func eachModule(_ map: YAMLMapReader) -> String? {
    guard let name = map.string("each-module") else { return nil }
    if !parameters.contains(name) {
      map.error(
        "each-module",
        "the suite declares no parameter \(Phrase.quoted(name))\(Suggestion.ending(for: name, in: parameters))",
        note: "declare it: parameters: {\(name): {description: …}}")
    }
    return name
  }

  /// Returns the program and its arguments. A list in place of a word names alternatives.
  private func program(_ map: YAMLMapReader, axes: [MatrixAxis]) -> (words: [String], alternatives: [Int: [String]]) {
    guard let node = map.node("run") else { return ([], [:]) }
    guard case .sequence(let items) = node.content else {
      return (diagnostics.arguments(node, axes: axes) ?? [], [:])
    }
    var alternatives: [Int: [String]] = [:]
    let firsts = items.enumerated().map { place, item in
      guard case .sequence(let names) = item.content, let first = names.first else { return item }
      alternatives[place] = names.compactMap { diagnostics.template($0, axes) }
      if names.count < 2 {
        diagnostics.error(at: item.mark, "a list in place of a word names several programs, found one")
      }
      // The first one is read, and refused, with the other words.
      return first
    }
    let words = diagnostics.arguments(YAMLNode(.sequence(firsts), at: node.mark), axes: axes) ?? []
    return (words, alternatives)
  }

  private func checkFormat(_ format: Case.Format, _ exitCode: Case.ExitCode, _ map: YAMLMapReader) {
    switch format {
    case .ktap, .kselftest:
      if map.has("exit-code") {
        map.error(
          "exit-code", "exit-code belongs to format: exit-code; this case's format is \(format.rawValue)",
          note: "write format: exit-code or remove exit-code")
      }
      if map.has("skip-codes") {
        map.error(
          "skip-codes", "skip-codes belong to format: exit-code; this case's format is \(format.rawValue)",
          note: format == .ktap
            ? "KTAP says SKIP itself; write format: exit-code or remove skip-codes"
            : "a program of kselftest that skips exits with 4; write format: exit-code or remove skip-codes")
      }
    case .exitCode:
      if exitCode == .failures, map.has("skip-codes") {
        map.error(
          "skip-codes", "with exit-code: failures no code means skip: 4 is four failures", note: "remove skip-codes")
      }
      if map.has("subtests") {
        map.error(
          "subtests", "a case with format: exit-code has no subtests to count", note: "remove subtests, or use ktap")
      }
    }
  }

  private func limit(_ key: String, _ map: YAMLMapReader) -> ByteSize? {
    guard let size = map.size(key) else { return nil }
    if size.bytes < 4096 { map.error(key, "\(key) must be at least 4KiB, found \(size)") }
    return size
  }

  private func artefact(_ node: YAMLNode) -> String? {
    guard let path = diagnostics.string(node, "a file name") else { return nil }
    if path.isEmpty || path.split(separator: "/").contains("..") {
      diagnostics.error(
        at: node.mark, "an artefact must be a path in the guest without '..', found \(Phrase.quoted(path))")
      return path
    }
    do throws(Wildcard.Problem) {
      _ = try Wildcard(path)
    } catch {
      let problem = ValueProblem(error, in: path)
      diagnostics.error(at: node.mark, problem.message, note: problem.note)
    }
    return path
  }

  private func selftest(_ map: YAMLMapReader) -> SelftestExpectation? {
    let inner = map.map("selftest", SuiteSchema.selftest)
    if kind == .test, map.has("selftest") {
      map.error("selftest", "only a suite with kind: selftest can expect verdicts", note: "remove the key selftest")
    }
    if kind == .selftest, !map.has("selftest") {
      diagnostics.error(
        at: map.mark, "a case of a selftest needs the key 'selftest'", note: "for example selftest: {verdict: pass}")
    }
    guard let inner, let verdict = inner.choice("verdict", SelftestExpectation.Outcome.self) else { return nil }
    var expectation = SelftestExpectation(
      verdict: verdict, fault: inner.choice("fault", SelftestExpectation.Fault.self) ?? .none,
      reason: inner.pattern("reason"), evidence: inner.pattern("evidence"), optional: inner.boolean("optional") ?? false
    )
    expectation.guest = inner.choice("guest", SelftestExpectation.Origin.self)
    (expectation.notice, expectation.console) = (inner.pattern("notice"), inner.pattern("console"))
    return expectation
  }
}
