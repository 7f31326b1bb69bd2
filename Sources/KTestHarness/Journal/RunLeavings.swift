import Glibc
import KTestHost
import KTestValues

/// What a run has left apart from its verdicts: consoles, outputs, artefacts, and the memory of guests.
package struct RunLeavings: Sendable, Equatable {
  package var run: String
  /// In seconds since 1970: when the last of the events was written.
  package var ended: Int
  /// Their size on the disk.
  package var bytes: Int
  private var directory: String

  /// The files that stay: they are the run.
  private static let kept: Set<String> = [
    RunLayout.manifest, RunLayout.events, RunLayout.summary, RunLayout.lock, RunLayout.pruned, "suites",
  ]

  /// Returns nil for a run that has left nothing, or is still running.
  package init?(of run: String, in state: String) {
    self.run = run
    directory = "\(state)/runs/\(run)"
    var status = stat()
    guard !RunLeavings.isRunning(directory), lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return nil
    }
    ended = lstat("\(directory)/\(RunLayout.events)", &status) == 0 ? status.st_mtim.tv_sec : status.st_mtim.tv_sec
    bytes = 0
    for path in paths { bytes += DiskUsage.bytes(of: path) }
    guard bytes > 0 else { return nil }
  }

  private var paths: [String] {
    HostFiles.names(in: directory).filter { !RunLeavings.kept.contains($0) }.map { "\(directory)/\($0)" }
  }

  private static func isRunning(_ directory: String) -> Bool {
    JournalLock(at: "\(directory)/\(RunLayout.lock)")?.isHeld ?? false
  }

  /// Removes them, and writes that they were removed. Returns whether they are gone.
  package func remove() -> Bool {
    guard !RunLeavings.isRunning(directory) else { return false }
    // Before they go, so that a report never names files that are gone as if they were there.
    try? DurableFile.write(Array("removed by ktest gc\n".utf8), to: "\(directory)/\(RunLayout.pruned)")
    for path in paths { HostFiles.remove(path) }
    return paths.isEmpty
  }
}
