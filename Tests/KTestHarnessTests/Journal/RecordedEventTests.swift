import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct RecordedEventTests {
  @Test(arguments: JournalSample.lines + JournalSample.more)
  func everyEventComesBackFromItsLine(event: RunEvent) throws {
    let recorded = RecordedEvent(time: WallTime(milliseconds: 1_795_256_102_250), event: event)
    let line = try #require(recorded.line)
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1 && line.last == UInt8(ascii: "\n"))
    #expect(line.allSatisfy { $0 >= 0x20 || $0 == UInt8(ascii: "\n") })
    #expect(try RecordedEvent(line: line) == recorded)
  }

  @Test func byteEventsHaveNoLine() {
    let time = WallTime(milliseconds: 0)
    for event in [JournalSample.console("x"), JournalSample.output("map", "x"), JournalSample.artefact("f", [1])] {
      #expect(RecordedEvent(time: time, event: event).line == nil)
    }
  }

  @Test func theShapeIsTheDocumentedOne() {
    let line = RecordedEvent(time: WallTime(milliseconds: 0), event: .bootReady(boot: 2, seconds: 1.0005)).line
    #expect(
      line.map { String(decoding: $0, as: UTF8.self) }
        == #"{"v":1,"t":"1970-01-01T00:00:00.000Z","type":"bootReady","boot":2,"seconds":1.001}"# + "\n")
  }

  @Test func anUnknownTypeIsSkippedAndANewerVersionRefused() throws {
    let unknown = #"{"v":1,"t":"1970-01-01T00:00:00.000Z","type":"snapshot","size":1}"#
    #expect(try RecordedEvent(line: unknown.utf8).event == nil)
    let newer = #"{"v":2,"t":"soon","type":"notice","text":"x"}"#
    #expect(throws: RecordedEvent.NewerVersion.self) { try RecordedEvent(line: newer.utf8) }
  }

  /// Journals are read again years later: by what they have.
  @Test func aResultOfAnEarlierVersionHasNoFindings() throws {
    let old =
      #"{"v":1,"t":"1970-01-01T00:00:00.000Z","type":"caseFinished","suite":"s","kernel":"k","result":"#
      + #"{"name":"c","verdict":"fail","reason":"b failed","seconds":1.0,"subtests":{"pass":1,"fail":1,"skip":0,"#
      + #""known":0},"notes":[],"splats":[],"boot":1}}"#
    guard case .caseFinished(_, _, let result) = try RecordedEvent(line: old.utf8).event else {
      throw DecodingError.valueNotFound(CaseResult.self, .init(codingPath: [], debugDescription: "no result"))
    }
    #expect(result.reason == "b failed" && result.findings.isEmpty && result.program == nil && result.cause == nil)
  }

  @Test func aFindingOfALaterVersionIsKept() throws {
    let text = #"{"kind":"weather","verdict":"fail","text":"it rained"}"#
    let finding = try JSONDecoder().decode(CaseFinding.self, from: Data(text.utf8))
    #expect(finding == CaseFinding(.other, .fail, "it rained"))
    let cause = #"{"kind":"weather","names":["rain"],"degrees":7}"#
    let read = try JSONDecoder().decode(VerdictCause.self, from: Data(cause.utf8))
    #expect(read == VerdictCause(.other, names: ["rain"]))
  }

  @Test(arguments: ["", "{", "[]", "{}", #"{"v":1,"t":"x","type":"notice","text":""}"#, "\u{0}\u{0}", #"{"v":1}"#])
  func whatIsNoEventThrows(line: String) {
    #expect(throws: DecodingError.self) { try RecordedEvent(line: line.utf8) }
  }
}
