import Foundation
import KTestHarness

/// What a search is, as its record keeps it: enough to go on with it in another process.
struct BisectHeader: Codable, Sendable {
  enum Space: Codable, Sendable, Equatable {
    case commits(repository: String, goods: [String], bad: String)
    /// As for `--kernel`, from the good end to the bad one.
    case builds([String])
    case commandLine(kernel: String, good: String, bad: String)
    /// The texts are `good.config` and `bad.config` of the record; the tree is as for `kernel build`.
    case configuration(tree: String)
  }

  var schema = 1
  var ktest: String
  /// The command line as it was given, without the program's name.
  var arguments: [String]
  var space: Space
  /// For a search over builds: where their commits are.
  var repository: String?
  /// The names the user gave the ends.
  var goodNames: [String]
  var badName: String
  var suite: String
  var suitePath: String
  /// What stood behind the suite's name.
  var selection: String?
  /// `axis=value,…` of the cell that is run; nil without a matrix.
  var cell: String?
  /// nil until the bad end has said which case fails; then it is in `target.json`.
  var testCase: String?
  var target: BisectTarget?
  var settings: [String: String]
  var parameters: BisectionParameters
  var revertRuns: Int
  var base: String
  var fragments: [String]
  var jobs: Int?
  var accel: String
  var connect: String?
  var timeFactor: Double?

  /// The ends by what the user called them and, of commits, by what anybody can find.
  var ends: (goods: [String], bad: String) {
    guard case .commits(_, let goods, let bad) = space else { return (goodNames, badName) }
    func name(_ commit: String, _ name: String) -> String {
      commit.hasPrefix(name) ? String(commit.prefix(12)) : "\(name) (\(commit.prefix(12)))"
    }
    return (zip(goods, goodNames).map(name), name(bad, badName))
  }

  /// Whether the search varies what a matrix would.
  var decidesAxes: Bool { if case .commandLine = space { true } else { false } }

  /// Whether the culprit can be taken out of the bad end again.
  var canRevert: Bool { if case .commits = space { true } else { false } }

  /// The suite as `ktest run` takes it.
  var suiteName: String { suite + (cell.map { "[\($0)]" } ?? "") }
}

/// What is searched for, settled at the bad end.
struct BisectAim: Codable, Sendable, Equatable {
  var testCase: String
  var target: BisectTarget
  /// Failures of the good end: no news.
  var tolerated = ToleratedFailures()
}
