/// Reads the axes of a suite, and conditions on their values.
struct MatrixReader {
  let axes: [MatrixAxis]
  private let parameters: [String]
  let diagnostics: Diagnostics

  /// - Parameter parameters: the suite's parameters, for which `${name}` stands as well.
  init(_ suite: YAMLMapReader, parameters: [String] = []) {
    diagnostics = suite.diagnostics
    self.parameters = parameters
    let entries = suite.entries("matrix", "a mapping of axes")
    axes = (entries ?? []).map { MatrixReader.axis($0, suite.diagnostics) }
    for entry in entries ?? [] where parameters.contains(entry.key) {
      diagnostics.error(at: entry.mark, "the suite has a parameter with the name \(Phrase.quoted(entry.key))")
    }
    if entries?.isEmpty == true { suite.error("matrix", "a matrix needs at least one axis") }
    var cells = 1
    for axis in axes { cells = min(cells * max(1, axis.values.count), SuiteLimits.cells + 1) }
    if cells > SuiteLimits.cells {
      suite.error(
        "matrix", "the axes have more than \(SuiteLimits.cells) combinations",
        note: "move some of them to a separate suite")
    }
  }

  /// What `${name}` may stand for in texts. The values of parameters come later.
  var placeholders: [MatrixAxis] { axes + parameters.map { MatrixAxis($0, []) } }

  private static func axis(_ entry: YAMLEntry, _ diagnostics: Diagnostics) -> MatrixAxis {
    diagnostics.checkKey(entry, NameRule.axis)
    if SuiteSchema.condition.keys.contains(entry.key) {
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
}
