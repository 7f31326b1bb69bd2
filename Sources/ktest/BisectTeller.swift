import Foundation
import KTestHarness

/// Says on stderr how a search gets on: a line for each run, and on a terminal one that moves.
actor BisectTeller {
  private let line = ProgressLine()
  private let directory: String
  private var subject = ""
  private var start = ContinuousClock.now

  init(_ directory: String) { self.directory = directory }

  nonisolated func say(_ text: String) {
    line.clear()
    writeAll("ktest: \(sanitised(text))\n", to: 2)
  }

  func begin(_ bisection: Bisection) {
    say("search \(directory.split(separator: "/").last ?? "")")
    if !bisection.evidence.isEmpty { say("\(bisection.evidence.count) runs are known already") }
  }

  func show(_ event: SearchEvent) {
    switch event {
    case .building(let what, let purpose):
      subject = BisectText.name(what)
      line.show("\(BisectText.word(purpose)) \(subject): kernel")
    case .running(let what, let purpose, let run, let most):
      line.show(
        "\(BisectText.word(purpose)) \(BisectText.name(what)): run \(run)\(most > 1 ? " of at most \(most)" : "")")
    case .stepped(let step, let bisection):
      guard let text = BisectText.line(step) else { return }
      say(text + "; " + BisectText.standing(bisection))
    case .trying(let names, let count):
      line.show("with \(BisectText.differences(names, of: count))")
    case .tried(let trial, let search):
      say(BisectText.line(trial, search.differences))
    }
  }

  func end() { line.clear() }
}

/// How the parts of a search are called.
enum BisectText {
  static func name(_ subject: Evidence.Subject) -> String {
    switch subject {
    case .commit(let commit): short(commit)
    case .reverted(let commit): "bad end without \(short(commit))"
    }
  }

  static func short(_ commit: String) -> String {
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

  /// nil for what is of no interest.
  static func line(_ step: SearchStep) -> String? {
    switch step {
    case .built, .trial: return nil
    case .identical(let first, let second): return "\(short(second)) is the same kernel as \(short(first))"
    case .evidence(let evidence, let purpose, _):
      var text = "\(word(purpose)) \(name(evidence.subject)): \(word(evidence.outcome))"
      if evidence.outcome != .clean, !evidence.note.isEmpty {
        text += " (\(evidence.note.firstLine))"
      }
      if let build = evidence.cost?.build { text += ", build \(seconds(build))" }
      if let cost = evidence.cost, cost.boot + cost.run > 0 { text += ", run \(seconds(cost.boot + cost.run))" }
      return text
    }
  }

  static func line(_ trial: SearchTrial, _ names: [String]) -> String {
    var text =
      "with \(differences(trial.subset.compactMap { names.indices.contains($0) ? names[$0] : nil }, of: names.count))"
    text += ": \(word(trial.outcome))"
    if trial.outcome != .clean, !trial.note.isEmpty { text += " (\(trial.note.firstLine))" }
    if let build = trial.cost.build { text += ", build \(seconds(build))" }
    if trial.cost.boot + trial.cost.run > 0 { text += ", run \(seconds(trial.cost.boot + trial.cost.run))" }
    return text
  }

  /// A few of the differences by name, more by number.
  static func differences(_ names: [String], of count: Int) -> String {
    if names.isEmpty { return "none of \(count) differences" }
    if names.count <= 3 { return names.joined(separator: " ") }
    return "\(names.count) of \(count) differences"
  }

  static func seconds(_ value: Double) -> String {
    value < 100 ? String(format: "%.1f s", value) : "\(Int(value) / 60) min \(Int(value) % 60) s"
  }

  /// How many commits are left to choose from.
  static func standing(_ bisection: Bisection) -> String {
    let probabilities = bisection.probabilities
    let left = probabilities.dropLast().count { $0 > 0.001 }
    guard let top = probabilities.dropLast().enumerated().max(by: { $0.element < $1.element }), top.element > 0 else {
      return "nothing explains this"
    }
    let share = String(format: "%.1f %%", top.element * 100)
    return "\(left) left, \(short(bisection.graph.commit(top.offset))) at \(share)"
  }
}

extension String {
  var firstLine: String { String(prefix { !$0.isNewline }) }
}
