import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

/// Numbers that no run can have are refused where they stand, before anything is summed up.
@Suite struct ImpossibleJournalTests {
  private static let result =
    #"{"v":1,"t":"2026-11-21T10:15:02.250Z","type":"caseFinished","suite":"s","kernel":"k","result":{"name":"c","#
    + #""verdict":"pass","reason":null,"seconds":SECONDS,"subtests":{"pass":PASS,"fail":FAIL,"skip":0,"known":0},"#
    + #""notes":[],"splats":[],"boot":BOOT}}"#

  private static func line(
    seconds: String = "1.0", pass: String = "1", fail: String = "0", boot: String = "1"
  ) -> String {
    [("SECONDS", seconds), ("PASS", pass), ("FAIL", fail), ("BOOT", boot)].reduce(result) {
      $0.replacing($1.0, with: $1.1)
    }
  }

  @Test(arguments: [
    (line(pass: "9223372036854775807"), "subtests.pass is 9223372036854775807"),
    (line(fail: "-9223372036854775808"), "subtests.fail is -9223372036854775808"),
    (line(fail: "-1"), "subtests.fail is -1"), (line(seconds: "1e300"), "seconds is 1e+300"),
    (line(seconds: "-1e300"), "seconds is -1e+300"), (line(boot: "9223372036854775807"), "boot is 9223372036854775807"),
  ])
  func aNumberThatNoRunCanHaveIsRefused(line: String, what: String) {
    #expect(throws: ImpossibleEvent(what: what)) { try RecordedEvent(line: line.utf8) }
  }

  @Test(arguments: ["round", "group", "firstBoot"])
  func anAnswerWithANumberThatNoRunCanHaveIsRefused(key: String) throws {
    let numbers = ["round", "group", "firstBoot"].map { "\"\($0)\":\($0 == key ? 9_223_372_036_854_775_807 : 1)" }
    let line =
      #"{"v":1,"t":"2026-11-21T10:15:02.250Z","type":"groupAnswered","answer":{"#
      + numbers.joined(separator: ",") + #","cases":[],"losses":[]}}"#
    #expect(throws: ImpossibleEvent(what: "answer.\(key) is 9223372036854775807")) {
      try RecordedEvent(line: line.utf8)
    }
  }

  @Test func whatIsMerelyLargeIsRead() throws {
    #expect(try RecordedEvent(line: Self.line(seconds: "-3600", pass: "1000000000").utf8).event != nil)
  }

  /// Also where it is the last line, which may be cut off: this one is whole.
  @Test(arguments: ["", "\n"]) func theReaderSaysWhere(end: String) async throws {
    try await JournalSample.withScratch { state in
      let events = state + "/events.jsonl"
      let line = Self.line(pass: "9223372036854775807", fail: "9223372036854775807")
      try Data((Self.line() + "\n" + line + end).utf8).write(to: URL(filePath: events))
      let error = #expect(throws: JournalError.self) { try readJournal(at: state) }
      #expect(
        error?.description
          == "\(events):2: subtests.pass is 9223372036854775807, which is impossible; the file was changed or damaged "
          + "after it was written")
    }
  }
}
