import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("The mail about a night")
struct NightMailTests {
  private let fixture = PageFixture(state: "/nowhere")
  private var record: NightRecord { fixture.record(fixture.nights - 1) }

  @Test("says in its subject what the night found")
  func subject() {
    let mail = NightMail(record)
    #expect(
      mail.subject
        == "[ktest] linux-mm 2026-01-27: 2 things not tested at all, 1 kernel where too much failed to blame a test, "
        + "2 tests not tested any more, 2 new failures, 2 undecided, 2 fixed, 1 search answered, 30 passing: hmm-tests[thp=always]:mremap-test"
    )
    #expect(NightMail(fixture.record(3)).summary == "nothing new, 30 passing")
  }

  @Test("goes out only if something is not as it was the night before")
  func news() {
    #expect(NightMail(record).isNews && NightMail(record, former: fixture.record(3)).isNews)
    #expect(!NightMail(record, former: record).isNews && !NightMail(fixture.record(3)).isNews)
    #expect(!NightMail(fixture.record(4), former: fixture.record(3)).isNews)
    #expect(NightMail(fixture.record(4), former: record).isNews)
  }

  @Test("is as wide as people read, with strips")
  func text() {
    let text = NightMail(record, address: "https://ci.example.org").text
    for line in text.split(separator: "\n") { #expect(line.count <= 78, "\(line)") }
    #expect(
      text.contains("......F..FFF") && text.contains("NEW FAILURES (2)")
        && text.contains("https://ci.example.org/index.html"))
    #expect(text.contains("7.2.21 -> 7.2.22"))
  }

  @Test("whatever was named, its headers stay its headers", arguments: PageTests.spices.indices)
  func headers(_ number: Int) throws {
    let spice = PageTests.spices[number]
    var fixture = fixture
    fixture.spice = spice
    let record = fixture.record(fixture.nights - 1)
    let message = try NightMail(record).message(
      to: ["mm-ci@example.org", "A. Maintainer <am@example.org>"], from: "ktest@example.org",
      at: WallTime(milliseconds: 1_766_974_500_000))
    let head = try #require(message.range(of: "\n\n")).lowerBound
    let lines = message[..<head].split(separator: "\n", omittingEmptySubsequences: false)
    let names = lines.filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
    #expect(
      names == [
        "From", "To", "Subject", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
        "X-ktest-night",
      ])
    #expect(lines.allSatisfy { $0.utf8.count < 990 && $0.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } })
    #expect(message.contains("\nDate: Mon, 29 Dec 2025 02:15:00 +0000\n"))
    #expect(!message.contains("\r") && !message.utf8.contains(0x1b) && !message.utf8.contains(0))
  }

  @Test("a subject that is not ASCII is encoded, and read back the same")
  func encoding() throws {
    let header = NightMail.subjectHeader("naïve – " + String(repeating: "ü", count: 60))
    let words = header.dropFirst(9).split(separator: "\n").map { $0.trimmingPrefix(" ") }
    #expect(words.allSatisfy { $0.count <= 75 && $0.hasPrefix("=?utf-8?B?") && $0.hasSuffix("?=") })
    let bytes = try words.flatMap { try #require(Data(base64Encoded: String($0.dropFirst(10).dropLast(2)))) }
    #expect(String(decoding: bytes, as: UTF8.self) == "naïve – " + String(repeating: "ü", count: 60))
    #expect(NightMail.subjectHeader("plain words") == "Subject: plain words")
  }

  @Test(
    "an address that could become something else is refused",
    arguments: ["a@b\nBcc: c@d", "", "a b@c", "-oQ/tmp@x", "<a@b", "a@b@c", "x\u{0}@y", "\"q\" <a@b>", "a@b, c@d"])
  func badAddress(_ address: String) {
    #expect(throws: MailProblem.badAddress(address)) {
      try NightMail(record).message(to: [address], at: WallTime(milliseconds: 0))
    }
  }
}
