import KTestValues

extension BisectReport {
  /// The report of a search over differences.
  ///
  /// - Parameter steps: The search's journal.
  init(
    _ result: DeltaSearch.Result, of ended: DeltaSearch, steps: [SearchStep], header: BisectHeader, aim: BisectAim?,
    directory: String
  ) {
    let trials = steps.compactMap { step in if case .trial(let trial) = step { trial } else { nil } }
    let costs = trials.map(\.cost)
    self.init(
      search: directory, test: [header.suiteName, aim?.testCase].compactMap { $0 }.joined(separator: ":"),
      target: aim?.target.text ?? "any failure", answer: .none(reason: ""), confidence: nil, showingRate: nil,
      runs: trials.count,
      kernels: header.decidesAxes ? 1 : Set(trials.filter { $0.outcome != .unusable }.map(\.subset)).count,
      seconds: costs.reduce(0) { $0 + ($1.build ?? 0) + $1.boot + $1.run }, good: header.goodNames,
      bad: header.badName, verification: [], others: [])
    let failures = trials.filter { $0.outcome == .otherFailure }.map(\.note.firstLine)
    others = failures.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    switch result {
    case .minimal(let subset, let unresolved):
      answer = .parameters(subset.map { ended.differences[$0] })
      confidence = 1 - ended.error
      func tally(_ wanted: [Int]) -> String {
        let speaking = trials.filter { $0.subset == wanted && $0.outcome.speaks }
        return "\(speaking.count { $0.outcome == .targetSeen }) of \(speaking.count) runs"
      }
      verification = ["the good side fails in \(tally([]))", "with only this it fails in \(tally(subset))"]
      if ended.differences.count > 1 {
        verification.append(
          "with all \(ended.differences.count) differences it fails in \(tally(Array(ended.differences.indices)))")
      }
      if unresolved > 0 {
        verification.append("\(unresolved) combinations do not build or boot")
      }
    case .goodSideIsUnusable:
      let why = trials.last { $0.subset.isEmpty }?.note.firstLine ?? ""
      answer = .none(reason: "the good side cannot be tested: \(why)")
    case .goodSideHasTarget: answer = .none(reason: "the good side has the failure too")
    case .badSideIsClean:
      answer = .none(reason: "the bad side does not have the failure: \(trials.last?.note.firstLine ?? "no run")")
    case .infrastructure:
      isHarnessFailure = true
      answer = .none(reason: "the harness failed repeatedly: \(trials.last?.note.firstLine ?? "")")
    }
  }
}
