import KTestValues

/// How the probability of each commit moved from run to run of a search.
package struct SearchCourse: Sendable, Equatable {
  package struct Row: Sendable, Equatable {
    package var commit: String
    /// After each run.
    package var chances: [Double]
  }

  package var test: String
  package var good: String
  package var bad: String
  /// The commits that were ever likely, in the order of the history.
  package var rows: [Row] = []
  /// The runs that are shown, the last ones.
  package var runs = 0

  private static let (mostRuns, mostRows) = (80, 30)

  /// Returns the course of the search in a directory, or nil if that is no search that can be read.
  package init?(at directory: String) {
    guard let (header, steps, _) = try? SearchFiles.Record.contents(of: directory) else { return nil }
    (test, good, bad) = (header.suiteName, header.goodNames.joined(separator: ", "), header.badName)
    let loaded: CommitGraph?? = try? SearchFiles.load("graph.json", in: directory)
    guard let graph = loaded ?? nil else { return }
    var bisection = Bisection(graph, header.parameters)
    var columns: [[Double]] = []
    for step in steps {
      bisection.replay(step)
      guard case .evidence(_, _, _) = step else { continue }
      columns.append(Array(bisection.probabilities.dropLast()))
    }
    columns = columns.suffix(SearchCourse.mostRuns)
    runs = columns.count
    let nodes = columns.first?.indices ?? 0..<0
    let peaks = nodes.map { node in columns.reduce(0) { max($0, $1[node]) } }
    let shown = nodes.sorted { (peaks[$0], $1) > (peaks[$1], $0) }.prefix(SearchCourse.mostRows).filter {
      peaks[$0] > 0.001
    }
    rows = shown.sorted().map { node in
      Row(commit: BisectText.short(graph.commit(node)), chances: columns.map { $0[node] })
    }
  }
}
