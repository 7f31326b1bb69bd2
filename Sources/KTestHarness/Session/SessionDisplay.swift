/// Shows the user what a session does. The library prints nothing itself.
public protocol SessionDisplay: Sendable {
  /// Shows what is being done now, in place of what was shown before.
  func show(_ progress: SessionProgress)
  /// Takes the progress away: that work is over.
  func clear()
  /// Tells the user one sentence that stays.
  func notice(_ text: String)
  /// Shows warnings about a suite, with excerpts of its file.
  func diagnostics(_ text: String)
  /// Begins to show a run; nil where nobody looks.
  func run(namesKernels: Bool) -> (any RunDisplay)?
}

/// Shows one run while it goes on.
public protocol RunDisplay: Sendable {
  func show(_ event: RunEvent) async
  func finish() async
}

/// What a session is doing.
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
