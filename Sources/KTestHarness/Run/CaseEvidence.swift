package import GuestProtocol
package import KTestValues

/// Everything that is known about a case when it is judged. It is a value, so that the judge's tests can construct it.
package struct CaseEvidence: Equatable {
  /// How the case ended, as seen from the host.
  package enum Ending: Equatable {
    /// The agent reported the end of the program.
    case reported(CaseEnd)
    /// The agent did not report within the case's time and a grace period.
    case silent
    /// The guest ended by itself while the case ran.
    case guestGone
    /// pvpanic fired, and the guest did not end by itself.
    case panicked
    /// QEMU ended while the case ran.
    case hostLostGuest
    /// The agent's messages could not be parsed.
    case channelBroken(String)
    /// A precondition of the case could not be provided.
    case notStarted(String)
    /// A module of the suite or case did not load.
    case moduleFailed(String)
  }

  /// The case as it is on this kernel (``Suite/applied(to:)``).
  var test: Case
  var rules: DmesgRules
  var ending: Ending
  /// The parsed output; nil for a case of format exit-code.
  var report: KTAPReport?
  var splats: [Splat] = []
  /// The number of lines with each expected or allowed message while the case ran.
  var sightings: [LineMatch: Int] = [:]
  /// The agent's information about the kernel's log.
  var log = LogEvidence()
  /// The numbers found by the suite's patterns, and whether there were more than are kept.
  var metrics: [Metric] = []
  var metricsOverflowed = false
  /// The most relevant line of the program's output if it did not end well.
  var tellingLine: String?
  /// Remarks that change no verdict.
  var remarks: [CaseFinding] = []
  var seconds: Double = 0
  /// The timeout that applied, in seconds.
  var allowedSeconds: Double = 0
  /// What the timeout became on a busy host; nil if nothing was added.
  var stretch: StretchedLimit?
  /// Why a case was ended after an oops; nil for all others.
  var oops: OopsEnding?

  /// Why a case is not waited for after an oops that its suite does not allow, with the seconds that it was given.
  package enum OopsEnding: Equatable {
    /// Neither the kernel nor the case has said anything since then.
    case silent(Double)
    /// A process of the case itself has oopsed: the verdict is certain, whatever its other processes print.
    case own(Double)
  }

  /// The reasons why the kernel's log of a case that ended in time cannot be trusted; empty if it can, or if it does
  /// not matter.
  var doubts: [String] {
    guard case .reported(let end) = ending, !end.timedOut else { return [] }
    return log.doubts(end.log, sawSplat: !splats.isEmpty || !log.splats.isEmpty)
  }

  /// Splats in the log buffer that the console did not show.
  var hiddenSplats: [Splat] {
    let shown = Set(splats.map(\.title))
    return log.splats.filter { !shown.contains($0.title) }
  }

  /// Returns how often the kernel certainly printed it; programs can write to the console as well.
  func certainCount(of target: DmesgEntry.Target) -> Int {
    guard let sightings = log.sightings else { return count(of: target) }
    return switch target {
    case .line(let match): sightings[match] ?? 0
    case .splat: log.splats.count { $0.isFound(by: target) }
    }
  }

  /// Returns how often it was on the console while the case ran.
  func count(of target: DmesgEntry.Target) -> Int {
    switch target {
    case .line(let match): sightings[match] ?? 0
    case .splat: splats.count { $0.isFound(by: target) }
    }
  }
}

extension CaseEvidence {
  /// Creates the evidence of a case that printed a report and had no messages in the kernel's log.
  package init(of test: Case, ending: Ending, report: KTAPReport?) {
    self.init(test: test, rules: DmesgRules(), ending: ending, report: report)
  }
}
