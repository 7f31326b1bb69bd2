/// Readers for keys that suites and cases have in common.
extension CaseReader {
  func requirements(_ owner: YAMLMapReader) -> Requirements {
    guard let map = owner.map("requires", SuiteSchema.requirements) else { return Requirements() }
    let needed: [String]? = map.list("parameters", of: "parameters") { node in
      guard let name = diagnostics.string(node) else { return nil }
      if !parameters.contains(name) {
        diagnostics.error(
          at: node.mark,
          "the suite declares no parameter \(Phrase.quoted(name))\(Suggestion.ending(for: name, in: parameters))",
          note: "declare it: parameters: {\(name): {description: …}}")
      }
      return name
    }
    return Requirements(
      config: map.list("config", of: "configuration symbols") { symbol($0) } ?? [],
      modules: map.names("modules", NameRule.module, of: "modules"),
      cpu: map.names("cpu", NameRule.cpuFlag, of: "CPU flags"), parameters: needed ?? [])
  }

  /// Returns a symbol, alone or with a condition.
  private func symbol(_ node: YAMLNode) -> ConfigRequirement? {
    guard case .mapping = node.content else { return diagnostics.configSymbol(node) }
    guard let map = YAMLMapReader(node, SuiteSchema.requiredSymbol, diagnostics) else { return nil }
    let when = matrix.condition(map)
    return map.node("symbol").flatMap { diagnostics.configSymbol($0) }.map {
      ConfigRequirement($0.symbol, $0.value, when: when)
    }
  }

  func modules(_ owner: YAMLMapReader) -> [ModuleRequest] {
    owner.list("modules", of: "modules") { node in
      guard case .mapping = node.content else {
        return diagnostics.value(node, "a module's name or {name: …, parameters: …}") { text throws(ValueProblem) in
          try ModuleRequest(parsing: text)
        }
      }
      guard let map = YAMLMapReader(node, SuiteSchema.module, diagnostics) else { return nil }
      let parameters = diagnostics.table(
        map, "parameters", NameRule.moduleParameter, "a mapping of module parameters", axes: matrix.placeholders)
      return map.value("name", NameRule.module.what) { text throws(ValueProblem) in
        try ModuleRequest(parsing: text, parameters: parameters)
      }
    } ?? []
  }

  func dmesg(_ owner: YAMLMapReader) -> DmesgRules {
    guard let map = owner.map("dmesg", SuiteSchema.dmesg) else { return DmesgRules() }
    return DmesgRules(
      expect: map.list("expect", of: "patterns") { entry($0, isAllowed: false) } ?? [],
      allow: map.list("allow", of: "patterns") { entry($0, isAllowed: true) } ?? [])
  }

  private func entry(_ node: YAMLNode, isAllowed: Bool) -> DmesgEntry? {
    guard case .mapping = node.content else { return dmesgPattern(node).map { DmesgEntry(match: $0) } }
    guard let map = YAMLMapReader(node, SuiteSchema.dmesgMatch, diagnostics) else { return nil }
    let count = map.node("count").flatMap { self.count($0, isAllowed: isAllowed) }
    guard map.has("match") != map.has("splat") else {
      diagnostics.error(
        at: node.mark, "a dmesg entry needs either match or splat",
        note: "match is text to find in a line, splat is the title of a splat as ktest prints it")
      return nil
    }
    let when = matrix.condition(map)
    if let splat = map.node("splat") {
      return splatTitle(splat).map { DmesgEntry(.splat($0), count: count, when: when) }
    }
    return map.node("match").flatMap { lineMatch($0) }.map { DmesgEntry(.line($0), count: count, when: when) }
  }

  private func lineMatch(_ node: YAMLNode) -> LineMatch? {
    guard case .sequence(let items) = node.content else { return dmesgPattern(node).map { LineMatch($0) } }
    if items.isEmpty { diagnostics.error(at: node.mark, "a list of patterns needs at least one") }
    return LineMatch(anyOf: items.compactMap { dmesgPattern($0) })
  }

  private func splatTitle(_ node: YAMLNode) -> String? {
    guard let title = diagnostics.string(node) else { return nil }
    if title.contains("*") {
      diagnostics.error(
        at: node.mark, "the title \(Phrase.quoted(title)) contains a '*'; titles are compared as a whole",
        note: "use match for a pattern")
    }
    return title
  }

  private func dmesgPattern(_ node: YAMLNode) -> WildcardPattern? {
    guard let pattern = diagnostics.pattern(node) else { return nil }
    if pattern.matchesEverything {
      diagnostics.error(
        at: node.mark, "the pattern \(Phrase.quoted(pattern.source)) matches every line of the kernel log",
        note: "use a part of the line")
    }
    return pattern
  }

  private func count(_ node: YAMLNode, isAllowed: Bool) -> CountRange? {
    guard case .mapping = node.content else {
      let count = diagnostics.integer(node, in: SuiteLimits.count)
      return count.map { isAllowed ? .atMost($0) : .exactly($0) }
    }
    guard let map = YAMLMapReader(node, SuiteSchema.countRange, diagnostics) else { return nil }
    let least = map.integer("min", in: SuiteLimits.count)
    let most = map.integer("max", in: SuiteLimits.count)
    if isAllowed, map.has("min") {
      map.error("min", "allowed messages need not appear, so min has no meaning here", note: "move the entry to expect")
    }
    if !map.has("min"), !map.has("max") { diagnostics.error(at: node.mark, "a count needs min, max or both") }
    if let least, let most, least > most {
      map.error("max", "max is \(most), less than min, which is \(least)")
    }
    return CountRange(min: least ?? (isAllowed ? 0 : 1), max: most)
  }
}
