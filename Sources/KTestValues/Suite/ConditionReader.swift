/// Reads `when`, which has the same keys wherever it stands.
extension MatrixReader {
  /// Returns the condition of an entry; without `when` it always holds.
  func condition(_ owner: YAMLMapReader) -> Condition {
    let keys = SuiteSchema.condition.keys + axes.map(\.name)
    guard let map = owner.map("when", of: SuiteSchema.condition.what, keys: keys) else { return .always }
    let config = map.config("config")
    for (place, wanted) in config.enumerated() {
      let other = config[..<place].first { $0.symbol == wanted.symbol && $0.value != wanted.value }
      if let other, other.value != .enabled, wanted.value != .enabled {
        map.error("config", "no kernel has both \(other) and \(wanted)")
      }
    }
    return Condition(
      axes: axes.compactMap { axis in map.node(axis.name).flatMap { values($0, of: axis) } },
      kernel: map.node("kernel").map(ranges) ?? [], config: config,
      commandLine: map.list("cmdline", of: "kernel parameters") { diagnostics.pattern($0) } ?? [],
      architecture: map.choice("arch", Condition.Architecture.self))
  }

  private func ranges(_ node: YAMLNode) -> [KernelVersionRange] {
    func range(_ node: YAMLNode) -> KernelVersionRange? {
      diagnostics.value(node, "a range of kernel versions") { text throws(ValueProblem) in
        try KernelVersionRange(parsing: text)
      }
    }
    guard case .sequence(let items) = node.content else { return [range(node)].compactMap { $0 } }
    if items.isEmpty { diagnostics.error(at: node.mark, "without a range of kernel versions, this is never true") }
    return items.compactMap(range)
  }

  private func values(_ node: YAMLNode, of axis: MatrixAxis) -> AxisCondition? {
    func value(_ node: YAMLNode) -> String? {
      guard let text = diagnostics.string(node, "a value of the axis \(axis.name)") else { return nil }
      if axis.values.contains(text) { return text }
      diagnostics.error(
        at: node.mark,
        "the axis \(axis.name) has no value \(Phrase.quoted(text))\(Suggestion.ending(for: text, in: axis.values))",
        note: "it has \(axis.values.joined(separator: ", "))")
      return nil
    }
    guard case .sequence(let items) = node.content else { return value(node).map { AxisCondition(axis.name, [$0]) } }
    if items.isEmpty { diagnostics.error(at: node.mark, "without a value of \(axis.name), this is never true") }
    return AxisCondition(axis.name, items.compactMap(value))
  }
}
