/// What is said of a case, a suite, a boot or a run.
///
/// `error` means that the harness failed (libvirt, image, disk): it is never a statement about the kernel
/// and never feeds a bisect. The order is the precedence: when two things are true of one case, the greater one
/// is the verdict.
public enum Verdict: String, Codable, Sendable, CaseIterable, Comparable {
  case pass, skip, fail, error, timeout, crash

  /// `pass < skip < fail < error < timeout < crash`.
  public static func < (left: Verdict, right: Verdict) -> Bool { left.precedence < right.precedence }

  private var precedence: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }

  /// True for the verdicts that make a run fail; `error` is told apart by the exit code.
  public var isBad: Bool { self > .skip }

  /// The verdict of a group: the worst member, except that a skipped member does not turn a group in which
  /// something passed into a skip. A group in which everything was skipped, or that is empty, is `skip`.
  public static func summary(of members: some Sequence<Verdict>) -> Verdict {
    members.filter { $0 != .skip }.max() ?? .skip
  }
}
