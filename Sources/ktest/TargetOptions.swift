import ArgumentParser
import KTestHarness

/// The failure that a search follows; of `bisect` and `bisect-step`.
struct TargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Look for the splat of this title.", valueName: "title"))
  var splat: String?
  @Option(
    help: ArgumentHelp(
      "Look for a metric beyond a value, NAME>VALUE or NAME<VALUE, in its own unit.", valueName: "metric"))
  var metric: String?
  @Option(help: ArgumentHelp("Look for a case that ends so: fail, timeout or crash.", valueName: "verdict"))
  var verdict: String?

  /// What the command line names as the failure to follow; nil where the bad end shall say.
  func chosen(subtest: String?) throws -> BisectTarget? {
    var targets: [BisectTarget] = []
    if let subtest { targets.append(.subtest(subtest)) }
    if let splat { targets.append(.splat(Signature(title: splat))) }
    if let metric { targets.append(try TargetOptions.metric(metric)) }
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
  private static func metric(_ text: String) throws -> BisectTarget {
    let sign = text.lastIndex { $0 == ">" || $0 == "<" }
    guard let sign, sign > text.startIndex, let value = Double(text[text.index(after: sign)...]), value.isFinite else {
      throw Failure(.usage, "--metric \(text): write NAME>VALUE or NAME<VALUE, for example 'thp-2m>70000'")
    }
    return .metric(name: String(text[..<sign]), threshold: value, isBadAbove: text[sign] == ">")
  }
}
