package import KTestValues

/// A selection of cases of a suite: `PATTERN`, `[axis=value,…]` or `[axis=value]:PATTERN`. `|` separates several values
/// of one axis. It follows the suite's name on a command line, and appears in a manifest.
package struct CaseSelection: Sendable, Equatable, CustomStringConvertible {
  /// The selected values by axis; an axis that is not named may have any value.
  package var axes: [String: [String]]
  /// A pattern for cases; `*` matches any text.
  package var pattern: String

  package init(axes: [String: [String]] = [:], pattern: String = "*") {
    self.axes = axes
    self.pattern = pattern
  }

  /// - Throws: ``PlanError``, marked as one of the selection.
  package init(parsing text: String) throws(PlanError) {
    guard text.hasPrefix("[") else {
      self.init(pattern: text)
      return
    }
    guard let end = text.firstIndex(of: "]") else {
      throw PlanError("'\(text)' has no ']'; write [AXIS=VALUE]:CASE", isSelection: true)
    }
    var axes: [String: [String]] = [:]
    for setting in text[..<end].dropFirst().split(separator: ",") {
      let (name, values) = try CaseSelection.setting(String(setting))
      axes[name, default: []] += values
    }
    let rest = text[text.index(after: end)...]
    guard rest.isEmpty || rest.hasPrefix(":") && rest.count > 1 else {
      throw PlanError("'\(text)': after ']' there may only be ':' and a case", isSelection: true)
    }
    self.init(axes: axes, pattern: rest.isEmpty ? "*" : String(rest.dropFirst()))
  }

  /// Parses `axis=value` or `axis=value|value`.
  package static func setting(_ text: String) throws(PlanError) -> (axis: String, values: [String]) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw PlanError("'\(text)' is not AXIS=VALUE", isSelection: true) }
    return (parts[0], parts[1].split(separator: "|").map(String.init))
  }

  /// The selection in the form that is parsed, with axes sorted by name.
  package var description: String {
    guard !axes.isEmpty else { return pattern }
    let settings = axes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.joined(separator: "|"))" }
    return "[\(settings.joined(separator: ","))]" + (pattern == "*" ? "" : ":\(pattern)")
  }
}

extension SuiteRequest {
  /// Throws ``PlanError`` for cases, axes and values that the suite does not have.
  package func check() throws(PlanError) { _ = try chosen }

  /// The names of the selected cases, in whichever cell.
  package var chosenNames: Set<String> {
    get throws(PlanError) { Set(try chosen.flatMap(\.cases).map(\.name)) }
  }

  /// The suite with only the selected cases, all cells of its matrix included.
  package var chosenSuite: Suite {
    get throws(PlanError) {
      let names = try chosenNames
      var chosen = suite
      chosen.cases.removeAll { !names.contains($0.name) }
      return chosen
    }
  }

  /// The selected cells, each with its selected cases, in the order of the suite.
  var chosen: [(cell: Suite, cases: [Case])] {
    get throws(PlanError) {
      let cells = suite.cells
      guard !cases.isEmpty else { return cells.map { ($0, $0.cases) } }
      var wanted: Set<String> = []
      for text in cases {
        let selection = try CaseSelection(parsing: text)
        try check(selection)
        guard let pattern = try? WildcardPattern(parsing: selection.pattern) else {
          throw PlanError("'\(selection.pattern)' is not a pattern for cases", isSelection: true)
        }
        let found = cells.filter { selection.wants($0) }.flatMap { cell in
          cell.cases.filter { pattern.matches(whole: $0.name) }.map { BootCase.id(suite: cell.name, name: $0.name) }
        }
        guard !found.isEmpty || suite.mayDiscover(selection.pattern) else {
          let names = suite.cases.map(\.name)
          guard names.contains(where: { pattern.matches(whole: $0) }) else {
            throw PlanError(
              "suite \(suite.name) has no case '\(selection.pattern)'; it has \(names.joined(separator: ", "))",
              isSelection: true)
          }
          throw PlanError("suite \(suite.name) has no case '\(selection)' in this cell", isSelection: true)
        }
        wanted.formUnion(found)
      }
      return cells.map { cell in
        (cell: cell, cases: cell.cases.filter { wanted.contains(BootCase.id(suite: cell.name, name: $0.name)) })
      }.filter { !$0.cases.isEmpty }
    }
  }

  private func check(_ selection: CaseSelection) throws(PlanError) {
    for (name, values) in selection.axes.sorted(by: { $0.key < $1.key }) {
      let names = suite.matrix.map(\.name)
      guard let axis = suite.matrix.first(where: { $0.name == name }) else {
        let known = names.isEmpty ? "it has no matrix" : "it has \(names.joined(separator: ", "))"
        throw PlanError("suite \(suite.name) has no axis '\(name)'; \(known)", isSelection: true)
      }
      for value in values where !axis.values.contains(value) {
        throw PlanError(
          "the axis \(name) of suite \(suite.name) has no value '\(value)'; it has "
            + axis.values.joined(separator: ", "), isSelection: true)
      }
    }
  }
}

extension CaseSelection {
  package func wants(_ cell: Suite) -> Bool {
    axes.allSatisfy { axis, values in cell.cell?[axis].map { values.contains($0) } ?? false }
  }
}
