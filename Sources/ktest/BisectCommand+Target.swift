import Foundation
import KTestHarness

extension BisectRun {
  /// What the command line names as the failure to follow; nil where the bad end shall say.
  func target(subtest: String?) throws -> BisectTarget? {
    var targets: [BisectTarget] = []
    if let subtest { targets.append(.subtest(subtest)) }
    if let splat { targets.append(.splat(Signature(title: splat))) }
    if let metric { targets.append(try BisectRun.metric(metric)) }
    if let verdict {
      guard let wanted = Verdict(rawValue: verdict), wanted.isBad, wanted != .error else {
        throw Failure(.usage, "--verdict \(verdict): it is fail, timeout or crash")
      }
      targets.append(.verdict(wanted))
    }
    guard targets.count < 2 else {
      throw Failure(.usage, "one target is followed: a subtest, --splat, --metric or --verdict")
    }
    return targets.first
  }

  /// `NAME>VALUE` or `NAME<VALUE`.
  static func metric(_ text: String) throws -> BisectTarget {
    let sign = text.lastIndex { $0 == ">" || $0 == "<" }
    guard let sign, sign > text.startIndex, let value = Double(text[text.index(after: sign)...]), value.isFinite else {
      throw Failure(.usage, "--metric \(text): write NAME>VALUE or NAME<VALUE, for example 'thp-2m>70000'")
    }
    return .metric(name: String(text[..<sign]), threshold: value, isBadAbove: text[sign] == ">")
  }
}
