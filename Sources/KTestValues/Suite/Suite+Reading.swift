extension Suite {
  /// Parses and checks the text of a suite file. If there is an error among the diagnostics, the suite is nil. `file`
  /// is for the diagnostics.
  package static func read(
    bytes: [UInt8], file: String, limits: YAMLLimits = .standard
  ) -> (suite: Suite?, diagnostics: [Diagnostic]) {
    let diagnostics = Diagnostics(file: file)
    guard let root = YAMLReader.read(bytes: bytes, limits: limits, diagnostics: diagnostics),
      let map = YAMLMapReader(root, SuiteSchema.suite, diagnostics)
    else { return (nil, diagnostics.all) }
    let suite = Suite(map)
    return (diagnostics.hasErrors ? nil : suite, diagnostics.all)
  }

  private init(_ map: YAMLMapReader) {
    let kind = map.choice("kind", Kind.self) ?? .test
    let parameters = Self.parameters(map)
    let matrix = MatrixReader(map, parameters: parameters.map(\.name))
    if kind == .selftest, map.has("matrix") { map.error("matrix", "a selftest cannot have a matrix") }
    let build = BuildReader(map, kind: kind)
    if kind != .test, map.has("collection") {
      map.error("collection", "only a suite of kind test can have a collection")
    }
    let reader = CaseReader(
      kind: kind, parameters: parameters.map(\.name), matrix: matrix, build: build,
      diagnostics: map.diagnostics)
    self.init(
      name: map.value("suite", NameRule.suite) ?? "",
      description: map.string("description") ?? "",
      kind: kind,
      guest: map.map("guest", SuiteSchema.guest).map { GuestReader($0, axes: matrix.placeholders).guest }
        ?? GuestSpec(),
      requires: reader.requirements(map),
      image: map.value("image", NameRule.image) ?? "base",
      modules: reader.modules(map),
      parameters: parameters,
      matrix: matrix.axes,
      dmesg: reader.dmesg(map),
      setup: map.list("setup", of: "programs with their arguments") { node in
        let words = map.diagnostics.arguments(node, axes: matrix.placeholders)
        if let words, let why = KernelLogRule.objection(toProgram: words) {
          map.diagnostics.error(
            at: node.mark, "the program \(Phrase.quoted(words.joined(separator: " "))) is refused: \(why)")
        }
        return words
      } ?? [],
      cases: reader.cases(map))
    collection = Self.collection(map)
    isolation = map.choice("isolation", Isolation.self) ?? .shared
  }

  private static func parameters(_ map: YAMLMapReader) -> [SuiteParameter] {
    (map.entries("parameters", "a mapping of parameters") ?? []).compactMap { entry in
      map.diagnostics.checkKey(entry, NameRule.parameter)
      guard let inner = YAMLMapReader(entry.value, SuiteSchema.parameter, map.diagnostics),
        let description = inner.string("description")
      else { return SuiteParameter(name: entry.key, description: "") }
      return SuiteParameter(name: entry.key, description: description)
    }
  }
}

extension YAMLMapReader {
  func value(_ key: String, _ rule: NameRule) -> String? {
    value(key, rule.what) { text throws(ValueProblem) in try rule.check(text) }
  }

  func pattern(_ key: String) -> WildcardPattern? { node(key).flatMap { diagnostics.pattern($0) } }

  func names(_ key: String, _ rule: NameRule, of what: String) -> [String] {
    list(key, of: what) { node in
      diagnostics.value(node, rule.what) { text throws(ValueProblem) in try rule.check(text) }
    } ?? []
  }

  func config(_ key: String) -> [ConfigRequirement] {
    list(key, of: "configuration symbols") { diagnostics.configSymbol($0) } ?? []
  }
}

extension Diagnostics {
  func configSymbol(_ node: YAMLNode) -> ConfigRequirement? {
    value(node, "a configuration symbol") { text throws(ValueProblem) in try ConfigRequirement(parsing: text) }
  }

  /// Returns a program and its arguments, as written.
  package func arguments(_ node: YAMLNode, axes: [MatrixAxis]) -> [String]? {
    guard case .sequence(let items) = node.content else {
      if case .scalar(let scalar) = node.content, !scalar.isNull {
        error(
          at: node.mark, "expected a program and its arguments as a list, found \(node.found)",
          note: "write [program, argument, …]; there is no shell to split a string")
      } else {
        expected("a program and its arguments as a list", node)
      }
      return nil
    }
    let words = items.compactMap { template($0, axes) }
    guard let program = items.first else {
      error(at: node.mark, "the list is empty; its first element is the program to run")
      return nil
    }
    if words.count == items.count, words.first == "" { error(at: program.mark, "the program's name is empty") }
    return words
  }

  func pattern(_ node: YAMLNode) -> WildcardPattern? {
    let pattern = value(node, "a pattern") { text throws(ValueProblem) in try WildcardPattern(parsing: text) }
    if let pattern, pattern.source.contains(".*") {
      warning(
        at: node.mark, "'.*' is a dot followed by any text: patterns are not regular expressions",
        note: "'*' alone matches any text")
    }
    return pattern
  }

  /// Checks the name of an entry with an arbitrary key.
  func checkKey(_ entry: YAMLEntry, _ rule: NameRule) {
    do throws(ValueProblem) {
      _ = try rule.check(entry.key)
    } catch {
      self.error(at: entry.mark, error.message, note: error.note)
    }
  }

  /// Returns a table of names and values as written, which may contain `${axis}`.
  func table(
    _ map: YAMLMapReader, _ key: String, _ rule: NameRule, _ what: String, axes: [MatrixAxis]
  ) -> [String: String] {
    var result: [String: String] = [:]
    for entry in map.entries(key, what) ?? [] {
      checkKey(entry, rule)
      result[entry.key] = template(entry.value, axes)
    }
    return result
  }
}
