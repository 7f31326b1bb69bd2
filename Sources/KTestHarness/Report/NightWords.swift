import KTestValues

/// The words of a night, as pages and mails have them.
extension NightRecord.Word {
  var title: String {
    switch self {
    case .newFailure: "new failure"
    case .stillFailing: "still failing"
    case .silent: "silent"
    case .fixed: "fixed"
    case .flaky: "flaky"
    case .undecided: "undecided"
    case .elsewhere: "elsewhere"
    case .notTested: "not tested any more"
    case .newTest: "new test"
    }
  }

  /// In the plural, as a heading.
  var heading: String {
    switch self {
    case .newFailure: "New failures"
    case .stillFailing: "Still failing"
    case .silent: "Silent"
    case .fixed: "Fixed"
    case .flaky: "Flaky"
    case .undecided: "Undecided"
    case .elsewhere: "Elsewhere"
    case .notTested: "Not tested any more"
    case .newTest: "New tests"
    }
  }

  var explanation: String {
    switch self {
    case .newFailure: "Tonight's kernel, or one of the last nights', broke them."
    case .stillFailing: "Reported on an earlier night, and failed again."
    case .silent: "Reported, and passing, but not yet often enough."
    case .fixed: "Reported, and not seen in as many runs as would have shown it with 99 %."
    case .flaky: "Failed as they do on a kernel that did not change."
    case .undecided: "Eight runs could not tell; the next nights run them again."
    case .elsewhere: "The last good kernel fails tonight as well: the test, the host or the harness."
    case .notTested: "Skipped, vanished, without a verdict, or out of time. Nothing is known of them."
    case .newTest: "Their first results."
    }
  }

  /// The loudest first.
  static let inOrder: [NightRecord.Word] = allCases.sorted { $0.urgency < $1.urgency }
}

extension NightRecord.State {
  var title: String {
    switch self {
    case .running: "not finished"
    case .complete: "complete"
    case .outOfBudget: "ended before everything was done: its budget was used up"
    case .interrupted: "interrupted"
    }
  }
}

extension NightOutcome.NotTested {
  var title: String {
    switch self {
    case .skipped: "it was skipped"
    case .vanished: "it is not there any more"
    case .error: "the harness or the host failed"
    case .outOfTime: "the night ended before it"
    }
  }
}

extension NightRecord.Untested.Kind {
  var title: String {
    switch self {
    case .kernel: "Kernel"
    case .suite: "Suite"
    case .subtests: "Fewer subtests"
    case .host: "Host"
    case .time: "Out of time"
    }
  }
}

extension NightRecord.Difference.Kind {
  var title: String {
    switch self {
    case .kernel: "kernel"
    case .configuration: "configuration"
    case .accelerator: "accelerator"
    case .processor: "guest's processor"
    case .qemu: "QEMU"
    case .host: "host"
    case .suite: "suite"
    case .image: "image"
    case .ktest: "ktest"
    }
  }
}

extension SearchWish.Refusal {
  var title: String {
    switch self {
    case .notSure: "none: the failure is not sure enough"
    case .otherConfiguration: "none: both ends are configured differently"
    case .tooRare: "none: it fails too rarely"
    case .openSearch: "another search of this range is open"
    case .noRange: "none: there is no last good kernel to begin from"
    case .budget: "waits for the next night: the budget is used up"
    }
  }
}

extension NightRecord.Search.State {
  var title: String {
    switch self {
    case .open: "goes on"
    case .answered: "answered"
    case .failed: "failed"
    }
  }
}

extension NightRecord.Run.Purpose {
  var title: String {
    switch self {
    case .planned: "planned"
    case .again: "a failure again"
    case .goodKernel: "last good kernel beside a failure"
    case .measure: "a metric again"
    case .measureGood: "a metric of the last good kernel"
    case .drill: "drill"
    }
  }
}

extension NightRecord.MetricChange {
  var word: String { isConfirmed ? isWorse ? "worse" : "better" : "suspected" }

  var kind: String { isConfirmed ? isWorse ? "bad" : "ok" : "warn" }

  /// What was measured: `+312.4 %: 12.1 us before, 50.2 us now`.
  var measure: String {
    let unit = id.unit.isEmpty ? "" : " \(id.unit)"
    let change = MetricText.change(from: before, to: after, unit: id.unit)
    return (change.isEmpty ? "" : "\(change): ")
      + "\(MetricText.value(before, id.unit))\(unit) before, \(MetricText.value(after, id.unit))\(unit) now"
  }

  /// How sure it is.
  var sureness: String {
    chance.map { "\(MetricNight.boots) boots of both kernels in turn, by chance in \(HistoryText.number($0)) %" }
      ?? "not confirmed: too few boots of both kernels"
  }
}

extension NightRecord.Finding {
  /// Where else it fails; nil if nobody says so.
  var otherLabs: String? { labs.map { "fails also at \($0.joined(separator: ", "))" } }
}

extension NightRecord.Lab {
  /// In one line.
  var summary: String {
    "\(TerminalText.count(runs, "run")), \(passed) passed, \(failures.count)\(hasMore ? " or more" : "") failed, "
      + "\(skipped) skipped"
  }
}

extension NightRecord.Drill {
  /// One word or two.
  var result: String { wasFound ? "found" : wasRun ? "missed" : "not run" }

  /// What else is known of it, in short sentences.
  var details: [String] {
    var details: [String] = []
    if wasFound { details.append("it shows in \(series.name)") }
    if let culprit {
      details.append(
        "the search: \(culprit)" + (isCulpritRight.map { $0 ? ", which is right" : ", which is wrong" } ?? ""))
    }
    if let problem { details.append(problem.firstLine) }
    if let tally { details.append("\(tally.found) of \(tally.all) were found so far") }
    return details
  }
}
