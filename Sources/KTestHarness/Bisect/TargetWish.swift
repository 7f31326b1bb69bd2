import KTestValues

/// The failure to follow, as the user named it on a command line.
package struct TargetWish: Sendable {
  /// The title of a splat.
  package var splat: String?
  /// `NAME>VALUE` or `NAME<VALUE`.
  package var metric: String?
  /// The verdict of the case as a whole.
  package var verdict: String?

  package init(splat: String? = nil, metric: String? = nil, verdict: String? = nil) {
    (self.splat, self.metric, self.verdict) = (splat, metric, verdict)
  }

  /// The one target that was named; nil if none was, and the bad end has to show it.
  ///
  /// Throws `Failure` for a wish that is wrong, and for more than one.
  func target(subtest: String?) throws -> BisectTarget? {
    var targets: [BisectTarget] = []
    if let subtest { targets.append(.subtest(subtest)) }
    if let splat { targets.append(.splat(Signature(title: splat))) }
    if let metric { targets.append(try TargetWish.metric(metric)) }
    if let verdict {
      guard let wanted = Verdict(rawValue: verdict), wanted.isBad, wanted != .error else {
        throw Failure(.usage, "--verdict \(verdict): the verdict must be fail, timeout or crash")
      }
      targets.append(.verdict(wanted))
    }
    guard targets.count < 2 else {
      throw Failure(.usage, "a search follows one target: a subtest, --splat, --metric or --verdict")
    }
    return targets.first
  }

  private static func metric(_ text: String) throws -> BisectTarget {
    let sign = text.lastIndex { $0 == ">" || $0 == "<" }
    guard let sign, sign > text.startIndex, let value = Double(text[text.index(after: sign)...]), value.isFinite else {
      throw Failure(.usage, "--metric \(text): write NAME>VALUE or NAME<VALUE, for example 'thp-2m>70000'")
    }
    return .metric(name: String(text[..<sign]), threshold: value, isBadAbove: text[sign] == ">")
  }
}
