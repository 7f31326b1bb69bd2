package import KTestHost
package import KTestValues

/// Shows the user what a session does. The library prints nothing itself.
package protocol SessionDisplay: Sendable {
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
package protocol RunDisplay: Sendable {
  func show(_ event: RunEvent) async
  func finish() async
}

/// The progress of a session.
package enum SessionProgress: Sendable, Equatable {
  /// A few words.
  case step(String)
  case fetching(FetchProgress)
  case building(KernelBuildProgress)
}

/// A display that shows nothing.
package struct SilentDisplay: SessionDisplay {
  package init() {}

  package func show(_ progress: SessionProgress) {}
  package func clear() {}
  package func notice(_ text: String) {}
  package func diagnostics(_ text: String) {}
  package func run(namesKernels: Bool) -> (any RunDisplay)? { nil }
}
