import Foundation
import KTestHarness

/// What a search is, as its record keeps it: enough to go on with it in another process.
struct BisectHeader: Codable, Sendable {
  enum Space: Codable, Sendable, Equatable {
    case commits(repository: String, goods: [String], bad: String)
    /// As for `--kernel`, from the good end to the bad one.
    case builds([String])
    case commandLine(kernel: String, good: String, bad: String)
  }

  var schema = 1
  var ktest: String
  /// The command line as it was given, without the program's name.
  var arguments: [String]
  var space: Space
  /// The names the user gave the ends.
  var goodNames: [String]
  var badName: String
  var suite: String
  var suitePath: String
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
}

/// What is searched for, settled at the bad end.
struct BisectAim: Codable, Sendable, Equatable {
  var testCase: String
  var target: BisectTarget
  /// Failures of the good end: no news.
  var tolerated = ToleratedFailures()
}
