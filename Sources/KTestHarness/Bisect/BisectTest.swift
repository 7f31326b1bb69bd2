import KTestValues

/// `SUITE`, `SUITE:CASE` or `SUITE:CASE:SUBTEST`; for a suite with a matrix, `SUITE[AXIS=VALUE]:…`.
struct BisectTest {
  var file: SuiteFile
  /// The selection that stood behind the suite's name.
  var selection: String?
  /// The one cell that is run; nil if the suite has no matrix.
  var cell: String?
  var testCase: String?
  var subtest: String?

  /// - Parameter decidesAxes: Whether the search varies what an axis of the suite would. The cells are alike then, and
  ///   what is known of some of them is news.
  init(_ whole: SuiteFile, decidesAxes: Bool = false) throws {
    file = whole
    guard file.suite.kind == .test else {
      throw Failure(.usage, "suite \(file.suite.name) only compiles; a search needs a suite that boots")
    }
    var selection = CaseSelection()
    if let text = file.cases.first { selection = try CaseSelection(parsing: text) }
    self.selection = file.cases.first
    try choose(selection, decidesAxes)
    guard selection.pattern != "*" else {
      file.cases = []
      if file.suite.cases.count == 1 { testCase = file.suite.cases[0].name }
      return
    }
    let parts = selection.pattern.split(separator: ":", maxSplits: 1).map(String.init)
    let names = file.suite.cases.map(\.name)
    // A case that a tree adds is known when its kernel is there.
    guard let name = parts.first,
      names.contains(name) || file.suite.mayDiscover(name) && !name.contains("*")
    else {
      throw Failure(
        .usage, "suite \(file.suite.name) has no case '\(parts.first ?? "")'; it has \(names.joined(separator: ", "))")
    }
    testCase = name
    subtest = parts.count == 2 ? parts[1] : nil
    file.cases = [name]
  }

  /// Reduces the suite to its one cell.
  private mutating func choose(_ selection: CaseSelection, _ decidesAxes: Bool) throws {
    // Only errors about the axes are reported here.
    try SuiteRequest(file.suite, cases: [CaseSelection(axes: selection.axes).description]).check()
    guard !file.suite.matrix.isEmpty else { return }
    let unconditional = file.suite.cases.map { test in test.known.filter(\.when.axes.isEmpty) }
    let known = Dictionary(zip(file.suite.cases.map(\.name), unconditional), uniquingKeysWith: { first, _ in first })
    let cells = file.suite.cells.filter { selection.wants($0) }
    guard cells.count == 1 || decidesAxes, var suite = cells.first else {
      let settings = cells.compactMap { $0.cell?.description }
      throw Failure(
        .usage,
        "suite \(file.suite.name) has a matrix, but a search follows one of its cells: "
          + settings.map { "\(file.suite.name)[\($0)]" }.joined(separator: " or "))
    }
    cell = suite.cell?.description
    suite.name = suite.baseName
    suite.cell = nil
    if decidesAxes {
      for place in suite.cases.indices { suite.cases[place].known = known[suite.cases[place].name] ?? [] }
    }
    file.suite = suite
  }
}
