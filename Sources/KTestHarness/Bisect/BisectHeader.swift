package import KTestValues

/// A search as its record keeps it: enough to go on with it in another process.
package struct BisectHeader: Codable, Sendable {
  package enum Space: Codable, Sendable, Equatable {
    case commits(repository: String, goods: [String], bad: String)
    /// Kernels as for `--kernel`, from the good end to the bad one.
    case builds([String])
    case commandLine(kernel: String, good: String, bad: String)
    /// The texts are in the record's `differences.json`; the tree is as for `kernel build`.
    case configuration(tree: String)
  }

  var schema = 1
  var ktest: String
  /// The command line as given, without the program's name.
  var arguments: [String]
  package internal(set) var space: Space
  /// For a search over builds: the repository that has their commits.
  var repository: String?
  /// The names that the user gave the ends.
  package internal(set) var goodNames: [String]
  package internal(set) var badName: String
  var suite: String
  var suitePath: String
  /// The selection that stood behind the suite's name.
  var selection: String?
  /// The `axis=value,…` of the cell that runs; nil without a matrix.
  var cell: String?
  /// The case that fails; nil until the bad end has shown it, and then it is in `target.json`.
  var testCase: String?
  var target: BisectTarget?
  var settings: [String: String]
  package internal(set) var parameters: BisectionParameters
  var revertRuns: Int
  /// How many boots there may be at once; nil for one, as in searches of earlier versions.
  var workers: Int?
  var base: String
  var fragments: [String]
  var jobs: Int?
  /// The suites that commits are built for; nil for the suite alone.
  var configuredFor: [ConfiguredSuite]?
  package internal(set) var accel: String
  package internal(set) var connect: String?
  package internal(set) var timeFactor: Double?
  /// For a search over builds: of a kernel the builds directly before it that cannot be had.
  var gaps: [String: [String]]?
  /// The planted bug of a drill.
  var drill: String?

  /// The ends as the user called them; commits also by the hash that anybody can find.
  var ends: (goods: [String], bad: String) {
    guard case .commits(_, let goods, let bad) = space else { return (goodNames, badName) }
    func name(_ commit: String, _ name: String) -> String {
      commit.hasPrefix(name) ? String(commit.prefix(12)) : "\(name) (\(commit.prefix(12)))"
    }
    return (zip(goods, goodNames).map(name), name(bad, badName))
  }

  /// Whether the search varies parameters that an axis of a matrix may set.
  var decidesAxes: Bool { if case .commandLine = space { true } else { false } }

  /// Whether the culprit can be reverted on the bad end.
  var canRevert: Bool { if case .commits = space { true } else { false } }

  /// The suite as for `ktest run`.
  package var suiteName: String { suite + (cell.map { "[\($0)]" } ?? "") }
}

/// A suite, or some of its cases, that a kernel is built for.
struct ConfiguredSuite: Codable, Sendable, Equatable {
  /// As for `ktest run`.
  var suite: String
  /// The texts of `CaseSelection`; empty for all.
  var cases: [String]

  init(_ file: SuiteFile) { (suite, cases) = (file.path, file.cases) }

  /// - Throws: ``Failure``, and `PlanError` for cases that the suite does not have any more.
  func chosen(in session: Session) throws -> Suite {
    var file = try session.suite(suite)
    file.cases = cases
    return try file.chosenSuite
  }
}

/// The failure that is searched for, settled at the bad end.
struct BisectAim: Codable, Sendable, Equatable {
  var testCase: String
  var target: BisectTarget
  /// Failures of the good end, which are no news.
  var tolerated = ToleratedFailures()
}
