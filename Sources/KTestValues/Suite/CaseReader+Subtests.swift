/// Readers for what a case says about its subtests.
extension CaseReader {
  /// Returns the rules: a number, `all`, one rule with a condition, or a list of them.
  func subtests(_ node: YAMLNode) -> SubtestRules? {
    guard case .sequence(let items) = node.content else { return rule(node).map { SubtestRules([$0]) } }
    if items.isEmpty { diagnostics.error(at: node.mark, "a list of rules for subtests needs at least one") }
    var rules: [SubtestRules.Rule] = []
    for item in items {
      if rules.last?.when.isAlways == true {
        diagnostics.error(at: item.mark, "this rule is never used, because the one before it always holds")
      }
      if let rule = rule(item) { rules.append(rule) }
    }
    return SubtestRules(rules)
  }

  private func rule(_ node: YAMLNode) -> SubtestRules.Rule? {
    guard case .mapping = node.content else { return number(node).map { SubtestRules.Rule($0) } }
    guard let map = YAMLMapReader(node, SuiteSchema.subtests, diagnostics) else { return nil }
    let when = matrix.condition(map)
    guard map.has("min") != map.has("count") else {
      diagnostics.error(at: node.mark, "a rule for subtests needs either count or min")
      return nil
    }
    let count = map.node("count").flatMap { number($0) }
    let least = map.integer("min", in: SuiteLimits.count).map { SubtestRules.Count.range(.atLeast($0)) }
    return (count ?? least).map { SubtestRules.Rule($0, when: when) }
  }

  private func number(_ node: YAMLNode) -> SubtestRules.Count? {
    if case .scalar(let scalar) = node.content, !scalar.isNull {
      if scalar.text == "all" { return .all }
      if scalar.text.first?.isNumber != true, scalar.text.first != "-" {
        diagnostics.expected("a number of subtests or all", node)
        return nil
      }
    }
    return diagnostics.integer(node, in: SuiteLimits.count).map { .range(.exactly($0)) }
  }

  func skips(_ map: YAMLMapReader, subtests: SubtestRules?) -> [KnownSkip] {
    if map.has("skips"), subtests?.wantsAll != true {
      map.error(
        "skips", "only a case with subtests: all needs reasons for what it skips",
        note: "add subtests: all, or remove skips")
    }
    return map.list("skips", of: "known skips") { node in
      guard let map = YAMLMapReader(node, SuiteSchema.skip, diagnostics) else { return nil }
      let (says, reason, when) = (map.pattern("says"), text("reason", map), matrix.condition(map))
      return map.pattern("subtest").map { KnownSkip(subtest: $0, says: says, reason: reason, when: when) }
    } ?? []
  }

  func known(_ node: YAMLNode) -> KnownFailure? {
    guard let map = YAMLMapReader(node, SuiteSchema.known, diagnostics) else { return nil }
    let (reason, when) = (text("reason", map), matrix.condition(map))
    return map.pattern("subtest").map {
      KnownFailure(subtest: $0, reason: reason, link: map.string("link"), when: when)
    }
  }

  func flaky(_ map: YAMLMapReader) -> FlakyCase? {
    guard let inner = map.map("flaky", SuiteSchema.flaky) else { return nil }
    if kind == .selftest {
      map.error("flaky", "a selftest must get its verdict each time", note: "remove the key flaky")
    }
    return FlakyCase(
      reason: text("reason", inner), link: inner.string("link"),
      retries: inner.integer("retries", in: SuiteLimits.retries) ?? FlakyCase.defaultRetries)
  }

  func tags(_ map: YAMLMapReader) -> [String] {
    var seen: Set<String> = []
    return map.list("tags", of: "tags") { node in
      let tag = diagnostics.value(node, NameRule.tag.what) { text throws(ValueProblem) in
        try NameRule.tag.check(text)
      }
      guard let tag else { return nil }
      guard seen.insert(tag).inserted else {
        diagnostics.error(at: node.mark, "the tag \(Phrase.quoted(tag)) is duplicated")
        return nil
      }
      return tag
    } ?? []
  }

  /// Returns a text for people, which must not be empty.
  private func text(_ key: String, _ map: YAMLMapReader) -> String {
    guard let text = map.string(key) else { return "" }
    if text.allSatisfy(\.isWhitespace) { map.error(key, "the \(key) is empty") }
    return text
  }
}
