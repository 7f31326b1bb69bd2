import Glibc
import KTestHost
package import KTestValues

/// Shows a running run on stderr: a thin shell around `TerminalReporter` that has a clock and writes.
package actor LiveTerminal {
  private var reporter: TerminalReporter
  private let descriptor: Int32
  private let isTerminal: Bool
  private let start = ContinuousClock.now
  private var ticker: Task<Void, Never>?

  package init(namesKernels: Bool, environment: [String: String], descriptor: Int32 = 2) {
    let style = TerminalStyle.detect(descriptor, environment: environment)
    reporter = TerminalReporter(style: style, namesKernels: namesKernels)
    isTerminal = style.isTerminal
    self.descriptor = descriptor
  }

  deinit { ticker?.cancel() }

  package func show(_ event: RunEvent) {
    if ticker == nil, isTerminal { startTicking() }
    put(reporter.apply(event, at: elapsed))
  }

  /// Removes the status line and stops redrawing; afterwards the terminal belongs to the caller.
  /// - Returns: the run as it was seen here, for the final report.
  package func finish() -> RunReplay {
    ticker?.cancel()
    ticker = nil
    put(reporter.erase())
    return reporter.replay
  }

  private func startTicking() {
    ticker = Task { [weak self] in
      while (try? await Task.sleep(for: .milliseconds(100))) != nil {
        // It is held only for this tick, so that an unused terminal can be released.
        guard let terminal = self else { return }
        await terminal.tick()
      }
    }
  }

  private func tick() {
    guard ticker != nil else { return }
    reporter.resize(to: TerminalStyle.columns(of: descriptor) ?? 80)
    put(reporter.tick(at: elapsed))
  }

  private var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

  private func put(_ text: String) {
    writeAll(text, to: descriptor)
  }
}
