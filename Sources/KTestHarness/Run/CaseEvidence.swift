package import GuestProtocol

/// Everything that is known about one case when it is judged. A value: the judge's table test makes these by hand.
package struct CaseEvidence: Equatable {
  /// How the case came to its end, seen from the host.
  package enum Ending: Equatable {
    /// The agent reported the end of the program.
    case reported(CaseEnd)
    /// The agent did not report within the case's time and a grace.
    case silent
    /// The guest ended while the case ran, by itself.
    case guestGone
    /// pvpanic fired, and the guest did not end by itself.
    case panicked
    /// QEMU went away while the case ran.
    case hostLostGuest
    /// What the agent said could not be understood.
    case channelBroken(String)
    /// Something that must be there before the case could not be had.
    case notStarted(String)
    /// A module of the suite or case did not load.
    case moduleFailed(String)
  }

  var test: Case
  var rules: DmesgRules
  var ending: Ending
  /// The parsed output; nil for a case of format exit-code.
  var report: KTAPReport?
  var splats: [Splat] = []
  /// Sightings of each expected or allowed pattern while the case ran.
  var sightings: [WildcardPattern: Int] = [:]
  /// What the agent knows of the kernel's log.
  var log = LogEvidence()
  /// Known failures of the case that hold for this kernel and command line.
  var known: [KnownFailure] = []
  /// Numbers found by the suite's patterns, and whether there were more than are kept.
  var metrics: [Metric] = []
  var metricsOverflowed = false
  /// The line of the program's output that says most about an end that was not good.
  var tellingLine: String?
  /// What is worth a word and changes no verdict.
  var remarks: [CaseFinding] = []
  var seconds: Double = 0
  /// The timeout that applied, in seconds.
  var allowedSeconds: Double = 0

  /// Why the kernel's log of a case that ended in its time cannot be believed; empty when it can, and where it does not matter.
  var doubts: [String] {
    guard case .reported(let end) = ending, !end.timedOut else { return [] }
    return log.doubts(end.log, sawSplat: !splats.isEmpty || !log.splats.isEmpty)
  }

  /// Splats of the log's buffer that its console did not show.
  var hiddenSplats: [Splat] {
    let shown = Set(splats.map(\.title))
    return log.splats.filter { !shown.contains($0.title) }
  }

  /// How often it is known for certain that the kernel said it: a program can write on the console as well.
  func certainCount(of target: DmesgEntry.Target) -> Int {
    guard let sightings = log.sightings else { return count(of: target) }
    return switch target {
    case .line(let pattern): sightings[pattern] ?? 0
    case .splat: log.splats.count { $0.isFound(by: target) }
    }
  }

  /// How often the console said it while the case ran.
  func count(of target: DmesgEntry.Target) -> Int {
    switch target {
    case .line(let pattern): sightings[pattern] ?? 0
    case .splat: splats.count { $0.isFound(by: target) }
    }
  }
}

extension CaseEvidence {
  /// What is known of a case that printed a report and met with nothing in the kernel's log.
  package init(of test: Case, ending: Ending, report: KTAPReport?) {
    self.init(test: test, rules: DmesgRules(), ending: ending, report: report)
  }
}
