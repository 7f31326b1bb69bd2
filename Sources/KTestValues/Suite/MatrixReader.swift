/// Reads the axes of a suite, and conditions on their values.
struct MatrixReader {
  /// Keys in the condition of a known failure, which cannot be names of axes.
  private static let taken = ["config", "cmdline"]

  let axes: [MatrixAxis]
  private let diagnostics: Diagnostics

  init(_ suite: YAMLMapReader) {
    diagnostics = suite.diagnostics
    let entries = suite.entries("matrix", "a mapping of axes")
    axes = (entries ?? []).map { MatrixReader.axis($0, suite.diagnostics) }
    if entries?.isEmpty == true { suite.error("matrix", "a matrix needs at least one axis") }
    var cells = 1
    for axis in axes { cells = min(cells * max(1, axis.values.count), SuiteLimits.cells + 1) }
    if cells > SuiteLimits.cells {
      suite.error(
        "matrix", "the axes have more than \(SuiteLimits.cells) combinations",
        note: "move some of them to a separate suite")
    }
  }

  private static func axis(_ entry: YAMLEntry, _ diagnostics: Diagnostics) -> MatrixAxis {
    diagnostics.checkKey(entry, NameRule.axis)
    if taken.contains(entry.key) {
      diagnostics.error(
        at: entry.mark, "an axis cannot have the name \(Phrase.quoted(entry.key)), which has another meaning in 'when'")
    }
    var values: [String] = []
    let read: [String]? = diagnostics.list(entry.value, of: "an axis's values") { node in
      let value = diagnostics.value(node, NameRule.axisValue.what) { text throws(ValueProblem) in
        try NameRule.axisValue.check(text)
      }
      guard let value else { return nil }
      if values.contains(value) {
        diagnostics.error(at: node.mark, "the axis \(entry.key) has the duplicate value \(Phrase.quoted(value))")
        return nil
      }
      values.append(value)
      return value
    }
    if case .sequence(let items) = entry.value.content, items.isEmpty {
      diagnostics.error(at: entry.value.mark, "the axis \(entry.key) has no values")
    }
    return MatrixAxis(entry.key, read ?? [])
  }

  /// Returns the `when` of a case, which has only axes.
  func conditions(_ map: YAMLMapReader) -> [AxisCondition] {
    (map.entries("when", "a mapping of axes and values") ?? []).compactMap { entry in
      guard let axis = axes.first(where: { $0.name == entry.key }) else {
        let names = axes.map(\.name)
        diagnostics.error(
          at: entry.mark,
          "the suite has no axis \(Phrase.quoted(entry.key))\(Suggestion.ending(for: entry.key, in: names))",
          note: names.isEmpty ? "declare it: matrix: {\(entry.key): […]}" : "it has \(names.joined(separator: ", "))")
        return nil
      }
      return condition(axis, entry.value)
    }
  }

  /// Returns the axes in a condition that also has fixed keys.
  func conditions(in map: YAMLMapReader?) -> [AxisCondition] {
    guard let map else { return [] }
    return axes.compactMap { axis in map.node(axis.name).flatMap { condition(axis, $0) } }
  }

  private func condition(_ axis: MatrixAxis, _ node: YAMLNode) -> AxisCondition? {
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
