/// Options of `ktest bisect` that contradict each other, as they were given.
package struct SearchConflicts: Sendable {
  package var test: String?
  package var resume: Bool
  /// The command line.
  package var words: [String]
  package var repo: String?
  package var builds: [String] = []
  package var cmdline: [String] = []
  package var config: [String] = []
  package var good: [String] = []
  package var bad: String?
  package var kernel: String?
  package var gitLog: String?
  package var confidence = 95.0
  package var endRuns = 1
  package var revertRuns = 0
  package var workers = 1

  package init(test: String?, resume: Bool, words: [String]) {
    (self.test, self.resume, self.words) = (test, resume, words)
  }

  package static let spaces =
    "give one of: --repo with --good and --bad; --builds; --cmdline or --config with --kernel"

  /// What is wrong with them; nil if nothing is.
  package var problem: String? { resume ? problemOfResumption : problemOfSpace ?? problemOfNumbers }

  private var isOfCommits: Bool { builds.isEmpty && cmdline.isEmpty && config.isEmpty }

  private var problemOfSpace: String? {
    if test == nil { return "name the failing test, for example 'ktest bisect device-dax:io-2m …'" }
    let ways = [repo != nil && builds.isEmpty, !builds.isEmpty, !cmdline.isEmpty, !config.isEmpty].count { $0 }
    if ways != 1 { return SearchConflicts.spaces }
    if repo != nil, builds.isEmpty, good.isEmpty || bad == nil { return "--repo needs --good REV and --bad REV" }
    if !builds.isEmpty, !good.isEmpty || bad != nil {
      return "the ends of --builds are its first and last kernel; --good and --bad work only with --repo"
    }
    if gitLog != nil, !isOfCommits { return "--git-log works only for a search of commits" }
    if repo == nil, !good.isEmpty || bad != nil { return "--good and --bad are commits; add --repo TREE" }
    for (name, pair) in [("cmdline", cmdline), ("config", config)] where !pair.isEmpty {
      if pair.count != 2 || kernel == nil {
        return "--\(name) needs two values, the good one first, and --kernel"
      }
      if workers > 1 { return "--workers does not work with --\(name): it is for commits and builds" }
    }
    if kernel != nil, cmdline.isEmpty, config.isEmpty {
      return "--kernel works with --cmdline or --config; --builds takes kernels in order"
    }
    return nil
  }

  private var problemOfNumbers: String? {
    guard confidence > 50, confidence < 100 else { return "--confidence must be above 50 and below 100" }
    guard (1...10_000).contains(endRuns) else { return "--end-runs must be a number from 1 to 10000" }
    guard (1...64).contains(workers) else { return "--workers must be a number from 1 to 64" }
    return (0...100).contains(revertRuns) ? nil : "--revert-runs must be a number from 0 to 100"
  }

  /// Where guests run may change: `--on` is no option of the search itself.
  private var problemOfResumption: String? {
    if test != nil || repo != nil || !isOfCommits || !good.isEmpty || bad != nil {
      return "--resume takes everything from the record of the search"
    }
    let own = [
      "--confidence", "--revert-runs", "--end-runs", "--splat", "--metric", "--verdict", "--set", "--git-log",
      "--fragment", "--base", "--jobs", "--workers", "--accel", "--kernel", "-k", "--connect", "--time-factor",
    ]
    let name = own.first { option in words.contains { $0 == option || $0.hasPrefix(option + "=") } }
    return name.map { "\($0) belongs to the beginning of a search; --resume takes it from the record" }
  }
}
