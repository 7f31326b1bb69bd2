/// The verdict on a case, a suite, a boot or a run.
///
/// `error` means that the harness failed (libvirt, image, disk): it says nothing about the kernel, and a bisection
/// ignores it. The order is the precedence: if two verdicts apply to one case, the greater one counts.
package enum Verdict: String, Codable, Sendable, CaseIterable, Comparable {
  case pass, skip, fail, error, timeout, crash

  /// The order is `pass < skip < fail < error < timeout < crash`.
  package static func < (left: Verdict, right: Verdict) -> Bool { left.precedence < right.precedence }

  private var precedence: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }

  /// Whether the verdict makes a run fail; the exit code distinguishes `error`.
  package var isBad: Bool { self > .skip }

  /// Whether the verdict counts as a failure of the test: true for fail, timeout and crash, false for pass, and nil for
  /// error and skip, which never count.
  package var countsAsFailure: Bool? {
    switch self {
    case .pass: false
    case .fail, .timeout, .crash: true
    case .error, .skip: nil
    }
  }

  /// Returns the verdict of a group: the worst member, except that a skipped member does not turn a group in which
  /// something passed into a skip. A group in which everything was skipped, or that is empty, is `skip`.
  package static func summary(of members: some Sequence<Verdict>) -> Verdict {
    members.filter { $0 != .skip }.max() ?? .skip
  }
}
