/// Shows the user what a session does. The library prints nothing itself.
public protocol SessionDisplay: Sendable {
  /// Shows the current progress in place of the previous one.
  func show(_ progress: SessionProgress)
  /// Removes the progress, because the work has ended.
  func clear()
  /// Shows one sentence permanently.
  func notice(_ text: String)
  /// Shows warnings about a suite, with excerpts of its file.
  func diagnostics(_ text: String)
  /// Returns a display for a run, or nil if runs are not shown.
  func run(namesKernels: Bool) -> (any RunDisplay)?
}

/// Shows one run in progress.
public protocol RunDisplay: Sendable {
  func show(_ event: RunEvent) async
  func finish() async
}

/// The progress of a session.
public enum SessionProgress: Sendable, Equatable {
  /// A few words.
  case step(String)
  case fetching(FetchProgress)
  case building(KernelBuildProgress)
}

/// A display that shows nothing.
public struct SilentDisplay: SessionDisplay {
  public init() {}

  public func show(_ progress: SessionProgress) {}
  public func clear() {}
  public func notice(_ text: String) {}
  public func diagnostics(_ text: String) {}
  public func run(namesKernels: Bool) -> (any RunDisplay)? { nil }
}
