import KTestValues

extension CaseTurns {
  /// `flaky: it passed at attempt 2, after: exited with 250`, or how often it failed.
  func text(_ attempt: CaseAttempt?, _ verdict: Verdict) -> String {
    guard kind == .attempts else { return text }
    guard verdicts.count > 1 || verdict.isBad else { return "" }
    let why =
      attempt.map { "; it is known to fail now and then: \($0.reason)" + ($0.link.map { " (\($0))" } ?? "") } ?? ""
    let first = reason ?? "no reason given"
    if verdict == .pass { return "flaky: it passed at attempt \(shown), after: \(first)\(why)" }
    let bad = verdicts.count(where: \.isBad)
    return "not good in \(bad) of \(TerminalText.count(verdicts.count, "attempt"))\(why)"
  }

  /// One phrase: `failed in 2 of 10 rounds, a rate of 4 to 51 %; this is round 3`.
  var text: String {
    let tally = tally
    let missing = verdicts.count { $0 == .skip }
    let errors = verdicts.count { $0 == .error }
    var parts: [String] = []
    if tally.runs > 0 {
      let (failures, runs) = (Int(tally.failures), TerminalText.count(Int(tally.runs), "round"))
      parts.append(
        (failures == 0 ? "passed in \(runs)" : "failed in \(failures) of \(runs)")
          + ", a rate of failures of \(HistoryText.range(tally))")
    }
    if errors > 0 { parts.append("\(TerminalText.count(errors, "round")) could not be judged") }
    if missing > 0 { parts.append("not run in \(TerminalText.count(missing, "round"))") }
    if shown > 1 { parts.append("this is round \(shown)") }
    return parts.joined(separator: "; ")
  }
}

extension CaseResult {
  /// How often the case ran and failed, if it ran more than once; sanitised.
  var turnText: String? {
    let text = turns?.text(attempt, verdict) ?? ""
    return text.isEmpty ? nil : TerminalText.line(text)
  }
}

extension RunSummary {
  /// What was special about the run as a whole, one sentence each: its rounds, and the load beside its cases.
  var circumstances: [String] {
    var texts: [String] = []
    if let rounds {
      let wasShort = rounds.begun < rounds.planned
      texts.append(
        wasShort
          ? "ended in round \(rounds.begun) of at most \(rounds.planned)" : TerminalText.count(rounds.planned, "round"))
    }
    if let load = suites.lazy.flatMap(\.cases).compactMap(\.load).first { texts.append("under load: \(load.text)") }
    return texts
  }
}
