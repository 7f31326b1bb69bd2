import Foundation
import KTestHarness
import KTestHost
import KTestValues
import Synchronization

/// One line of progress on stderr: redrawn on a terminal, printed once elsewhere.
final class ProgressLine: Sendable {
  private let isTerminal: Bool
  private let last = Mutex("")

  init() { isTerminal = isatty(2) == 1 }

  /// Replaces the line. Without a terminal, each new `phase` is one line.
  func show(_ text: String, phase: String? = nil) {
    let key = phase ?? text
    let isNew = last.withLock { last in
      defer { last = key }
      return last != key
    }
    if isTerminal {
      writeAll("\r\u{1B}[K\(sanitised(text))", to: 2)
    } else if isNew {
      writeAll("\(sanitised(text))\n", to: 2)
    }
  }

  func clear() {
    let wasShown = last.withLock { last in
      defer { last = "" }
      return !last.isEmpty
    }
    if isTerminal, wasShown { writeAll("\r\u{1B}[K", to: 2) }
  }

  func show(_ progress: FetchProgress) {
    let megabytes = { (bytes: Int) in "\(bytes / 1_000_000) MB" }
    var text = "\(progress.phase.rawValue) \(progress.package)"
    if progress.phase == .downloading, let total = progress.total, total > 0 {
      let share = min(1, Double(progress.received) / Double(total))
      let filled = Int(share * 24)
      let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
      text += " [\(bar)] \(megabytes(progress.received)) of \(megabytes(total))"
    }
    show(text, phase: "\(progress.phase.rawValue) \(progress.package)")
    if progress.phase == .done { clear() }
  }
}
