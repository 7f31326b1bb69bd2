import Foundation
import KTestHarness
import KTestHost
import KTestValues
import Synchronization

/// The progress of a build on stderr: one line on a terminal, elsewhere an occasional line.
final class BuildProgressLine: Sendable {
  private let line: ProgressLine
  private let isTerminal = isatty(2) == 1
  private let start = ContinuousClock.now
  private let next = Mutex(ContinuousClock.now)

  init(_ line: ProgressLine) { self.line = line }

  func show(_ progress: KernelBuildProgress) {
    switch progress {
    case .fetching(let fetch): line.show(fetch)
    case .step(let text): line.show(text)
    case .note(let text):
      line.clear()
      writeAll("ktest: \(sanitised(text))\n", to: 2)
    case .compiling(let files, let expected, let current):
      // A build of ten minutes gives 20 lines in a log.
      let isDue = next.withLock { next in
        guard isTerminal || ContinuousClock.now >= next else { return false }
        next = ContinuousClock.now + .seconds(30)
        return true
      }
      guard isDue, files > 0 || isTerminal else { return }
      let total = expected.map { $0 > files ? " of about \($0)" : "" } ?? ""
      line.show("compiled \(files)\(total) files, \(passed)\(isTerminal && !current.isEmpty ? ": \(current)" : "")")
    }
  }

  private var passed: String {
    let seconds = Int((ContinuousClock.now - start).components.seconds)
    return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
  }
}
