import Foundation
import Synchronization
import Testing

/// How long each test took behind the gate: a line each in the file that `KTEST_TEST_TIMES` names.
enum TestTimes {
  private static let path = ProcessInfo.processInfo.environment["KTEST_TEST_TIMES"]
  private static let lines = Mutex("")

  static func add(_ test: Test, _ duration: Duration) {
    guard let path else { return }
    let seconds = String(format: "%8.1f", duration / .seconds(1))
    lines.withLock { lines in
      lines += "\(seconds)  \(test.sourceLocation.fileID)  \(test.displayName ?? test.name)\n"
      try? Data(lines.utf8).write(to: URL(filePath: path))
    }
  }
}
