package import KTestValues

/// A search as the user requested it, unchecked.
package struct SearchOrder: Sendable {
  package enum Space: Sendable {
    /// Commits by any name that git knows.
    case commits(repository: String, goods: [String], bad: String)
    /// Kernels as for `--kernel`, the good end first. The repository, if there is one, has their commits.
    case builds([String], repository: String?)
    case commandLine(kernel: String, good: String, bad: String)
    /// Two files like `.config`; the tree is as for `kernel build`.
    case configuration(tree: String, good: String, bad: String)
  }

  /// `SUITE`, `SUITE:CASE` or `SUITE:CASE:SUBTEST`.
  package var test: String
  package var space: Space
  package var target = TargetWish()
  /// The suite's parameters, each `NAME=VALUE`.
  package var settings: [String] = []
  package var parameters = BisectionParameters()
  /// The number of conclusive runs of the bad end with the culprit reverted.
  package var revertRuns = 3
  /// How many boots there may be at once, in a search over commits or builds.
  package var workers = 1
  /// Whether the repository may have changes that are not committed.
  package var allowsUncommitted = false
  /// A file with the output of `git bisect log`.
  package var gitLog: String?
  package var kernels = KernelBuildOptions()
  package var guests = GuestOptions()
  /// The suites that commits are built for; nil for the suite alone. A failure that was seen on a kernel built for more than
  /// its own suite is searched for on kernels of the same configuration.
  package var configuredFor: [SuiteFile]?
  /// The planted bug that is searched for in a drill, so that no run of the search is part of a history.
  package var drill: String?

  package init(test: String, space: Space) { (self.test, self.space) = (test, space) }

  var variesCommandLine: Bool { if case .commandLine = space { true } else { false } }
}
