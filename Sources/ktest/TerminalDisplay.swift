import Foundation
import KTestHarness
import KTestHost
import KTestValues
import Synchronization

/// Shows a session on stderr.
final class TerminalDisplay: SessionDisplay {
  private let line = ProgressLine()
  private let build = Mutex<BuildProgressLine?>(nil)

  func show(_ progress: SessionProgress) {
    switch progress {
    case .step(let text): line.show(text)
    case .fetching(let fetch): line.show(fetch)
    case .building(let progress):
      let shown = build.withLock { build in
        let shown = build ?? BuildProgressLine(line)
        build = shown
        return shown
      }
      shown.show(progress)
    }
  }

  func clear() {
    build.withLock { $0 = nil }
    line.clear()
  }

  func notice(_ text: String) {
    line.clear()
    writeAll("ktest: \(sanitised(text))\n", to: 2)
  }

  func diagnostics(_ text: String) { writeAll(text + "\n", to: 2) }

  func run(namesKernels: Bool) -> (any RunDisplay)? {
    LiveRun(LiveTerminal(namesKernels: namesKernels, environment: ProcessInfo.processInfo.environment))
  }
}

private struct LiveRun: RunDisplay {
  private let terminal: LiveTerminal

  init(_ terminal: LiveTerminal) { self.terminal = terminal }

  func show(_ event: RunEvent) async { await terminal.show(event) }
  func finish() async { _ = await terminal.finish() }
}
