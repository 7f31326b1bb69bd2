import Foundation
import KTestHarness

/// What a search ends with.
struct BisectReport: Codable, Sendable {
  enum Answer: Codable, Sendable, Equatable {
    case commit(GitHistory.Description)
    /// Two neighbouring builds.
    case build(good: String, bad: String, symbols: [String])
    case parameters([String])
    /// It is one of these.
    case oneOf([String])
    case none(reason: String)
  }

  var search: String
  var test: String
  var target: String
  var answer: Answer
  /// In 0…1; nil where there is no answer.
  var confidence: Double?
  /// In 0…1: how often the target shows where the bug is.
  var showingRate: Double?
  var runs: Int
  var kernels: Int
  /// Wall-clock seconds of builds and runs.
  var seconds: Double
  var good: [String]
  var bad: String
  /// Sentences: what was done to make sure, and what came of it.
  var verification: [String]
  /// Titles of failures that were not the target, for a search of their own.
  var others: [String]
  /// Seeds of everything random; the search uses none.
  var seeds: [String: UInt64] = [:]
  /// There is no answer because the harness failed, which says nothing of any kernel.
  var isHarnessFailure = false
  /// Files beside this report.
  var mail: String?
  var bundle: String?

  var isAnswered: Bool { if case .none = answer { false } else if case .oneOf = answer { false } else { true } }

  var text: String {
    var lines: [String] = []
    switch answer {
    case .commit(let commit): lines.append("\(commit.reference) brought it")
    case .build(let good, let bad, let symbols):
      lines.append(
        symbols.isEmpty
          ? "it came between \(good) and \(bad)" : "configuration: \(symbols.joined(separator: ", "))")
      if !symbols.isEmpty { lines.append("  it can run on \(good), and cannot on \(bad); no commit is to blame") }
    case .parameters(let parameters): lines.append("\(parameters.joined(separator: " ")) decides")
    case .oneOf(let commits): lines.append("not sure: one of these \(commits.count) brought it")
    case .none(let reason): lines.append("no answer: \(reason)")
    }
    if case .oneOf(let commits) = answer { lines += commits.map { "  \(BisectText.short($0))" } }
    func row(_ name: String, _ value: String) {
      lines.append("  " + name.padding(toLength: 11, withPad: " ", startingAt: 0) + value)
    }
    if let confidence { row("sure", String(format: "%.1f %%", confidence * 100)) }
    row("test", test)
    row("target", target)
    row("between", "\(good.joined(separator: ", ")) and \(bad)")
    for (index, sentence) in verification.enumerated() { row(index == 0 ? "checked" : "", sentence) }
    row("effort", "\(runs) runs on \(kernels) \(kernels == 1 ? "kernel" : "kernels"), \(BisectText.seconds(seconds))")
    for (index, title) in others.enumerated() { row(index == 0 ? "also seen" : "", title) }
    if let mail { row("mail", mail) }
    if let bundle { row("bundle", bundle) }
    return lines.map { sanitised($0) }.joined(separator: "\n") + "\n"
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  func write(to record: BisectJob.Record) throws {
    try record.write("report.txt", Array(text.utf8))
    try record.write("report.json", Array(try json().utf8))
  }
}

struct BisectEnvironment: Sendable {
  var accelerator: String
  var qemu: String
}

extension BisectReport {
  static func make(
    _ conclusion: Conclusion, _ search: Bisection, header: BisectHeader, aim: BisectAim?, record: BisectJob.Record,
    suite: SuiteFile, world: BisectWorld, environment: BisectEnvironment
  ) async throws -> BisectReport {
    let evidence = search.evidence
    var spent = evidence.compactMap(\.cost).reduce(0) { $0 + ($1.build ?? 0) + $1.boot + $1.run }
    for case .prepared(_, let cost) in record.steps { spent += cost.build ?? 0 }
    var report = BisectReport(
      search: record.directory, test: [header.suiteName, aim?.testCase].compactMap { $0 }.joined(separator: ":"),
      target: aim?.target.text ?? "any failure", answer: .none(reason: ""), confidence: nil,
      showingRate: search.showingRate, runs: evidence.filter { $0.source == .run }.count,
      kernels: Set(evidence.map(\.subject)).count, seconds: spent, good: header.ends.goods, bad: header.ends.bad,
      verification: [], others: others(evidence))
    switch conclusion {
    case .culprit(let node, let probability):
      report.confidence = probability
      report.verification = verification(of: node, search)
      try await report.name(node, search, header, record, aim, suite, world, environment)
    case .remaining(let nodes, let probability), .outOfRuns(let nodes, let probability):
      report.confidence = probability
      report.answer = .oneOf(nodes.map { search.graph.commit($0) })
    case .badEndIsClean(let runs):
      report.answer = .none(reason: "\(header.badName) does not show it in \(runs) runs; there is nothing to search")
    case .goodEndHasTarget(let node, _):
      report.answer = .none(
        reason: "\(BisectText.short(search.graph.commit(node))) was given as good and shows it too; give an older one")
    case .endIsUnusable(let node):
      let commit = search.graph.commit(node)
      let why = evidence.last { $0.subject == .commit(commit) }?.note ?? ""
      report.answer = .none(reason: "\(BisectText.short(commit)) is an end and cannot be tested: \(why)")
    case .infrastructure:
      report.isHarnessFailure = true
      report.answer = .none(reason: "the harness failed again and again: \(evidence.last?.note ?? "")")
    case .contradiction: report.answer = .none(reason: "no single commit explains what was seen")
    }
    return report
  }

  private static func others(_ evidence: [Evidence]) -> [String] {
    evidence.filter { $0.outcome == .otherFailure }.map { item in
      let text = "\(item.note.firstLine) (on \(BisectText.name(item.subject)))"
      guard case .splat(let signature)? = item.other else { return text }
      return text + "; to search for it: --splat \(shellQuoted(signature.title))"
    }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func verification(of node: Int, _ search: Bisection) -> [String] {
    func tally(_ subject: Evidence.Subject) -> String? {
      let runs = search.evidence.filter { $0.subject == subject && $0.outcome.speaks && $0.source == .run }
      guard !runs.isEmpty else { return nil }
      return "\(runs.count { $0.outcome == .targetSeen }) of \(runs.count) runs"
    }
    let culprit = search.graph.commit(node)
    var sentences: [String] = []
    if let seen = tally(.commit(culprit)) { sentences.append("\(BisectText.short(culprit)) shows it in \(seen)") }
    for parent in search.graph.nodes[node].parents {
      let commit = search.graph.commit(parent)
      if let seen = tally(.commit(commit)) { sentences.append("its parent \(BisectText.short(commit)) in \(seen)") }
    }
    let reverted = Evidence.Subject.reverted(culprit)
    if let seen = tally(reverted) {
      sentences.append("the bad end with it reverted in \(seen)")
    } else if let failed = search.evidence.last(where: { $0.subject == reverted }) {
      sentences.append("reverting it on the bad end was not possible: \(failed.note.firstLine)")
    }
    return sentences
  }
}
