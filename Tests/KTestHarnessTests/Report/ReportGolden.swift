import FoundationEssentials
import Testing

/// Compares text with a file of Fixtures/Report. With KTEST_RECORD=1 the file is written instead and the test fails, so
/// that nobody records by accident.
enum ReportGolden {
  static func expect(_ text: String, is file: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let golden = tests.appending(path: "Fixtures/Report/\(file)")
    if ProcessInfo.processInfo.environment["KTEST_RECORD"] == "1" {
      do {
        try Data(text.utf8).write(to: golden)
        Issue.record("recorded \(file); look at it, then run the tests again", sourceLocation: sourceLocation)
      } catch {
        Issue.record("cannot record \(file): \(error)", sourceLocation: sourceLocation)
      }
      return
    }
    guard let recorded = FileManager.default.contents(atPath: golden.path) else {
      Issue.record("there is no \(file); record it with KTEST_RECORD=1", sourceLocation: sourceLocation)
      return
    }
    #expect(text == String(decoding: recorded, as: UTF8.self), "\(file)", sourceLocation: sourceLocation)
  }
}
