import KTestValues

/// The result of a search. It is a value: who made it wrote nothing.
package struct BisectReport: Codable, Sendable, Equatable {
  package enum Answer: Codable, Sendable, Equatable {
    case commit(GitHistory.Description)
    /// Two neighbouring builds.
    case build(good: String, bad: String, symbols: [String])
    case parameters([String])
    /// The culprit is one of these.
    case oneOf([String])
    case none(reason: String)
  }

  /// The search's directory.
  package internal(set) var search: String
  package internal(set) var test: String
  package internal(set) var target: String
  package internal(set) var answer: Answer
  /// In 0…1; nil if there is no answer.
  package internal(set) var confidence: Double?
  /// How often the target shows where the bug is, in 0…1.
  package internal(set) var showingRate: Double?
  package internal(set) var runs: Int
  /// The boots of those runs, if some were clones of one guest; nil if each run booted.
  package internal(set) var boots: Int?
  package internal(set) var kernels: Int
  /// The wall-clock seconds of builds and runs.
  package internal(set) var seconds: Double
  package internal(set) var good: [String]
  package internal(set) var bad: String
  /// Sentences that say what was done to make sure, and what came of it.
  package internal(set) var verification: [String]
  /// The titles of other failures, which can be searched for separately.
  package internal(set) var others: [String]
  /// The seeds of all random numbers; the search itself uses none.
  package internal(set) var seeds: [String: UInt64] = [:]
  /// Whether there is no answer because the harness failed, which says nothing of any kernel.
  package internal(set) var isHarnessFailure = false
  /// Files next to this report.
  package internal(set) var mail: String?
  package internal(set) var bundle: String?

  package var isAnswered: Bool {
    switch answer {
    case .none, .oneOf: false
    case .commit, .build, .parameters: true
    }
  }
}

/// The facts about a culprit that only the repository and the kernels know.
struct CulpritFacts: Sendable {
  /// The commit; nil for a build.
  var commit: GitHistory.Description?
  /// Symbols in which a build differs from the one before it.
  var symbols: [String] = []
  /// Builds between a build and the one before it that cannot be had.
  var absent: [String] = []
}

extension BisectReport {
  /// The report of a search over commits or builds.
  ///
  /// - Parameters:
  ///   - steps: The search's journal.
  ///   - culprit: For a search that found one.
  init(
    _ conclusion: Conclusion, of search: Bisection, steps: [SearchStep], header: BisectHeader, aim: BisectAim?,
    culprit: CulpritFacts, directory: String
  ) {
    let evidence = search.evidence
    var spent = evidence.compactMap(\.cost).reduce(0) { $0 + ($1.build ?? 0) + $1.boot + $1.run }
    for case .prepared(_, let cost) in steps { spent += cost.build ?? 0 }
    self.init(
      search: directory, test: [header.suiteName, aim?.testCase].compactMap { $0 }.joined(separator: ":"),
      target: aim?.target.text ?? "any failure", answer: .none(reason: ""), confidence: nil,
      showingRate: search.showingRate, runs: evidence.reduce(0) { $0 + $1.runs },
      boots: evidence.contains { $0.clean != nil } ? evidence.count { $0.source == .run } : nil,
      kernels: Set(evidence.map(\.subject)).count, seconds: spent, good: header.ends.goods, bad: header.ends.bad,
      verification: [], others: BisectReport.others(evidence))
    switch conclusion {
    case .culprit(let node, let probability):
      confidence = probability
      verification = BisectReport.verification(of: node, search, isOfBuilds: culprit.commit == nil)
      name(culprit, node: node, search)
    case .remaining(let nodes, let probability), .outOfRuns(let nodes, let probability):
      confidence = probability
      answer = .oneOf(nodes.map { search.graph.commit($0) })
    case .badEndIsClean(let runs):
      let boots = search.runs(of: .commit(search.graph.commit(search.graph.bad))).boots
      answer = .none(
        reason:
          "\(header.badName) does not have the failure in \(BisectText.runs(runs, boots: boots)); there is nothing to search"
      )
    case .goodEndHasTarget(let node, _):
      answer = .none(
        reason:
          "\(BisectText.short(search.graph.commit(node))) was given as good but has the failure too; give an older one")
    case .endIsUnusable(let node):
      let commit = search.graph.commit(node)
      let why = evidence.last { $0.subject == .commit(commit) }?.note ?? ""
      answer = .none(reason: "\(BisectText.short(commit)) is an end of the search and cannot be tested: \(why)")
    case .infrastructure:
      isHarnessFailure = true
      answer = .none(reason: "the harness failed repeatedly: \(evidence.last?.note ?? "")")
    case .contradiction: answer = .none(reason: "no single commit explains the results")
    }
  }

  private mutating func name(_ culprit: CulpritFacts, node: Int, _ search: Bisection) {
    if let commit = culprit.commit {
      answer = .commit(commit)
      return
    }
    let parent = search.graph.nodes[node].parents.first.map { search.graph.commit($0) } ?? ""
    answer = .build(good: parent, bad: search.graph.commit(node), symbols: [])
    if let first = culprit.absent.first, let last = culprit.absent.last {
      let range = first == last ? first : "\(first) to \(last)"
      verification.append(
        "between the two \(culprit.absent.count == 1 ? "is a build" : "are \(culprit.absent.count) builds") that cannot be "
          + "had and may have the failure: \(range)")
    }
    let symbols = culprit.symbols
    guard !symbols.isEmpty else { return }
    let listed = symbols.prefix(8).joined(separator: ", ") + (symbols.count > 8 ? " and \(symbols.count - 8) more" : "")
    verification.append(
      "the builds also differ in \(symbols.count) symbols of the configuration (\(listed)); whether one of them causes "
        + "the failure was not tested")
  }

  private static func others(_ evidence: [Evidence]) -> [String] {
    evidence.filter { $0.outcome == .otherFailure }.map { item in
      let text = "\(item.note.firstLine) (on \(BisectText.name(item.subject)))"
      guard case .splat(let signature)? = item.other else { return text }
      return text + "; to search for it: --splat \(shellQuoted(signature.title))"
    }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func verification(of node: Int, _ search: Bisection, isOfBuilds: Bool) -> [String] {
    func tally(_ subject: Evidence.Subject) -> String? {
      let (seen, clean, boots) = search.runs(of: subject)
      guard boots > 0 else { return nil }
      return "\(seen) of \(BisectText.runs(seen + clean, boots: boots))"
    }
    let culprit = search.graph.commit(node)
    var sentences: [String] = []
    if let seen = tally(.commit(culprit)) { sentences.append("\(BisectText.short(culprit)) fails in \(seen)") }
    for parent in search.graph.nodes[node].parents {
      let commit = search.graph.commit(parent)
      if let seen = tally(.commit(commit)) {
        sentences.append(
          "\(isOfBuilds ? "the build before it," : "its parent") \(BisectText.short(commit)) fails in \(seen)")
      }
    }
    let reverted = Evidence.Subject.reverted(culprit)
    if let seen = tally(reverted) {
      sentences.append("the bad end with it reverted fails in \(seen)")
    } else if let failed = search.evidence.last(where: { $0.subject == reverted }) {
      sentences.append("reverting it on the bad end was not possible: \(failed.note.firstLine)")
    }
    return sentences
  }
}

/// Returns the text quoted as one word of a shell's command line.
func shellQuoted(_ text: String) -> String {
  let plain = text.utf8.allSatisfy { byte in
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
      || "-_./:=@,+%".utf8.contains(byte)
  }
  return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}
