import Foundation
import KTestValues

/// The words for the parts of a search.
enum BisectText {
  static func name(_ subject: Evidence.Subject) -> String {
    switch subject {
    case .commit(let commit): short(commit)
    case .reverted(let commit): "bad without \(short(commit))"
    }
  }

  /// Returns a short name for the lines of a search: of a commit its first digits, of a kernel package its release. What
  /// a search answers is named in full.
  static func short(_ commit: String) -> String {
    if commit.hasPrefix("debian:"),
      let package = DebianKernelPackage(String(commit.dropFirst("debian:".count).prefix { $0 != "@" }))
    {
      return package.shortForm
    }
    let isHash = commit.utf8.count >= 40 && commit.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }
    return isHash ? String(commit.prefix(12)) : commit
  }

  static func word(_ purpose: Probe.Purpose) -> String {
    switch purpose {
    case .proveBadEnd: "bad end"
    case .proveGoodEnd: "good end"
    case .search: "search"
    case .verify: "verify"
    }
  }

  static func word(_ outcome: ProbeOutcome) -> String {
    switch outcome {
    case .targetSeen: "target seen"
    case .clean: "clean"
    case .otherFailure: "other failure"
    case .unusable: "unusable"
    case .infrastructure: "harness failed"
    }
  }

  /// A number of runs, and of their boots if there are fewer.
  static func runs(_ runs: Int, boots: Int?) -> String {
    guard let boots, boots < runs else { return "\(runs) runs" }
    return "\(runs) runs in \(boots) \(boots == 1 ? "boot" : "boots")"
  }

  /// A row, and a second one if there is a reason to give; nil for a step that nobody needs to see.
  static func line(_ step: SearchStep, number: Int) -> [String]? {
    switch step {
    case .built, .trial, .prepared, .began, .dropped: return nil
    case .identical(let first, let second):
      return [row("", "", short(second), "same kernel", Evidence.Cost()) + "as \(short(first))"]
    case .evidence(let evidence, let purpose, _):
      let (what, commit) =
        switch evidence.subject {
        case .commit(let commit): (word(purpose), short(commit))
        case .reverted(let commit): ("reverted", short(commit))
        }
      return [row("\(number)", what, commit, word(evidence.outcome), evidence.cost, runs: evidence.runs)]
        + reason(evidence.outcome, evidence.note)
    }
  }

  static func line(_ trial: SearchTrial, _ names: [String], number: Int) -> [String] {
    let applied = trial.subset.compactMap { names.indices.contains($0) ? names[$0] : nil }
    return [row("\(number)", "", "", word(trial.outcome), trial.cost) + "with \(differences(applied, of: names.count))"]
      + reason(trial.outcome, trial.note)
  }

  /// The reason of an outcome that does not explain itself.
  private static func reason(_ outcome: ProbeOutcome, _ note: String) -> [String] {
    outcome.speaks || note.isEmpty ? [] : ["                " + note.firstLine]
  }

  private static func row(
    _ number: String, _ purpose: String, _ subject: String, _ outcome: String, _ cost: Evidence.Cost?, runs: Int = 1
  ) -> String {
    func left(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let run = cost.map { $0.boot + $0.run } ?? 0
    let build = cost?.build.map { "build " + seconds($0) } ?? ""
    return right(number, 4) + "  " + (purpose.isEmpty ? "" : left(purpose, 8) + "  ")
      + (subject.isEmpty ? "" : left(subject, subject.count > 12 ? 20 : 12) + "  ") + left(outcome, 13) + "  "
      + left(build, 13) + "  "
      + left(run > 0 ? (runs > 1 ? "\(runs) runs " : "run ") + seconds(run) : "", 14) + "  "
  }

  /// Returns some of the differences by name, and the number of the others.
  static func differences(_ names: [String], of count: Int) -> String {
    if names.isEmpty { return "none of \(count) differences" }
    if names.count <= 3 { return names.joined(separator: " ") }
    return "\(names.count) of \(count) differences"
  }

  static func seconds(_ value: Double) -> String {
    if value < 100 { return String(format: "%.1f s", value) }
    // The record of a search may be damaged: an impossible time is not a number.
    let whole = Int(exactly: value.rounded(.down)) ?? .max
    return "\(whole / 60) min \(whole % 60) s"
  }

  /// Returns how many commits are left.
  static func standing(_ bisection: Bisection) -> String {
    let probabilities = bisection.probabilities
    let left = probabilities.dropLast().count { $0 > 0.001 }
    guard let top = probabilities.dropLast().enumerated().max(by: { $0.element < $1.element }), top.element > 0 else {
      return "no hypothesis explains the results"
    }
    let share = String(format: "%.1f %%", top.element * 100)
    return "\(left) left, \(share) \(short(bisection.graph.commit(top.offset)))"
  }
}
