/// A search as the user requested it, unchecked.
public struct SearchOrder: Sendable {
  public enum Space: Sendable {
    /// Commits by any name that git knows.
    case commits(repository: String, goods: [String], bad: String)
    /// Kernels as for `--kernel`, the good end first. The repository, if there is one, has their commits.
    case builds([String], repository: String?)
    case commandLine(kernel: String, good: String, bad: String)
    /// Two files like `.config`; the tree is as for `kernel build`.
    case configuration(tree: String, good: String, bad: String)
  }

  /// `SUITE`, `SUITE:CASE` or `SUITE:CASE:SUBTEST`.
  public var test: String
  public var space: Space
  public var target = TargetWish()
  /// The suite's parameters, each `NAME=VALUE`.
  public var settings: [String] = []
  public var parameters = BisectionParameters()
  /// The number of conclusive runs of the bad end with the culprit reverted.
  public var revertRuns = 3
  /// Whether the repository may have changes that are not committed.
  public var allowsUncommitted = false
  /// A file with the output of `git bisect log`.
  public var gitLog: String?
  public var kernels = KernelBuildOptions()
  public var guests = GuestOptions()

  public init(test: String, space: Space) { (self.test, self.space) = (test, space) }

  var variesCommandLine: Bool { if case .commandLine = space { true } else { false } }
}
