import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("The pages")
struct PageTests {
  static func order(_ state: String) -> PageOrder { PageOrder(state: state, directory: state + "/pages") }

  private static func text(_ state: String, _ page: String) throws -> String {
    try String(contentsOfFile: "\(state)/pages/\(page)", encoding: .utf8)
  }

  @Test("every page is well-formed, every link leads somewhere, and the morning says what is loudest first")
  func wholeSite() async throws {
    try await JournalSample.withScratch { state in
      try PageFixture(state: state, nights: 20).write()
      let outcome = try await writePages(Self.order(state))
      #expect(outcome.runs == 40 && outcome.nights == 20 && outcome.unreadable.isEmpty && outcome.tests >= 20)
      let check = PageCheck(state + "/pages")
      #expect(check.faults.prefix(20) == [] && check.pages > 120 && check.links > 3000)
      let morning = try Self.text(state, "index.html")
      let places = [
        "<h2>Not tested</h2>", ">Not tested any more ", ">New failures ", ">Undecided ", ">Still failing ",
        ">Fixed ", "<h2>Searches</h2>", "<h2>Different from last night</h2>", "<h2>Hosts</h2>",
      ].map { word in
        morning.range(of: word)?.lowerBound
      }
      #expect(places.allSatisfy { $0 != nil } && places.compactMap { $0 }.sorted() == places.compactMap { $0 })
      let test = try Self.text(state, PagePath.test("device-dax:map-4k"))
      #expect(test.contains("<svg class=\"trend\"") && test.contains("worse by"))
      let failing = try Self.text(state, PagePath.test("device-dax:io-2m"))
      #expect(failing.contains(">worse since<") && failing.contains(">first bad<"))
      #expect(try Self.text(state, "matrix.html").contains("data-flips"))
    }
  }

  @Test("a metric by another clock is another plot")
  func clocks() async throws {
    try await JournalSample.withScratch { state in
      try PageFixture(state: state, nights: 6, suites: 1, countsSince: 3).write()
      _ = try await writePages(Self.order(state))
      let page = try Self.text(state, PagePath.test("device-dax:map-4k"))
      for basis in ["", ", clock: instructions"] {
        #expect(page.contains("throughput, MB/s\(basis); higher is better"))
      }
    }
  }

  @Test("what exists is not written again, and what is gone goes")
  func again() async throws {
    try await JournalSample.withScratch { state in
      let fixture = PageFixture(state: state, nights: 6)
      try fixture.write()
      _ = try await writePages(Self.order(state))
      let same = try await writePages(Self.order(state))
      #expect(same.written == 0 && same.runs == 0)
      // The console has gone to save space; its page stays.
      let run = fixture.runID(0, 0)
      try FileManager.default.removeItem(atPath: "\(state)/runs/\(run)/consoles")
      #expect(try await writePages(Self.order(state)).written == 0)
      #expect(try Self.text(state, "runs/\(run)/boot-1.html").contains("made-up device"))
      let gone = fixture.runID(1, 0)
      try FileManager.default.removeItem(atPath: "\(state)/runs/\(gone)")
      #expect(try await writePages(Self.order(state)).removed == 1)
      #expect(!FileManager.default.fileExists(atPath: "\(state)/pages/runs/\(gone)"))
      // Killed before the last file of a run.
      try FileManager.default.removeItem(atPath: "\(state)/pages/runs/\(run)/facts.json")
      #expect(try await writePages(Self.order(state)).runs == 1)
      #expect(PageCheck(state + "/pages").faults == [])
    }
  }

  @Test("nothing that a suite, a kernel or a host says becomes markup", arguments: PageTests.spices.indices)
  func hostile(_ number: Int) async throws {
    try await JournalSample.withScratch { state in
      let spice = PageTests.spices[number]
      let fixture = PageFixture(state: state, nights: 2, suites: 1, spice: spice)
      try fixture.write()
      let console = "\(state)/runs/\(fixture.runID(0, 0))/consoles/boot-1.log"
      let bytes: [UInt8] = [0, 0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a, 0xc3, 0x28, 0x3c, 0x62, 0x3e, 10]
      try Data(bytes + Array(spice.utf8) + [10] + [UInt8](repeating: 0x3c, count: 1 << 20)).write(
        to: URL(filePath: console))
      _ = try await writePages(Self.order(state))
      #expect(PageCheck(state + "/pages").faults.prefix(20) == [])
      let names = try FileManager.default.subpathsOfDirectory(atPath: state + "/pages")
      #expect(names.allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"<>&\"'\\:%?#".utf8.contains($0) } })
    }
  }

  static let spices = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\"\u{301} onmouseover=\"x", "<\u{338}b>&amp;&#0;",
    "{{{root}}}{{#list}}", "]]>--><!--", "\u{0}\u{1b}[2J\u{202e}\u{9b}\u{fffe}\n\r\t", "../../../etc/passwd#%00?x=1",
    "*[a]:b?", String(repeating: "<&\"'>\u{301}", count: 10_000), "\r\nBcc: everybody@example.org",
  ]

  @Test("a console that is huge is shown in part, with what is marked, and its raw file")
  func hugeConsole() throws {
    var bytes: [UInt8] = []
    var splat = 0..<0
    for line in 1...40_000 {
      let start = bytes.count
      bytes += Array("[ \(line).000000] line \(line) of many\n".utf8)
      if line == 20_000 { splat = start..<bytes.count - 1 }
    }
    let excerpt = ConsoleExcerpt(bytes, splats: [splat])
    #expect(excerpt.count == 40_000 && !excerpt.isWhole && excerpt.lines.count <= ConsoleExcerpt.most)
    #expect(excerpt.starts == [splat.lowerBound: 20_000])
    #expect(excerpt.lines.first?.number == 1 && excerpt.lines.last?.number == 40_000)
    #expect(excerpt.lines.contains { $0.number == 19_950 } && !excerpt.lines.contains { $0.number == 10_000 })
    let short = ConsoleExcerpt(Array("a\r\nb".utf8), splats: [])
    #expect(short.isWhole && short.lines.map(\.text) == ["a", "b"])
    #expect(ConsoleExcerpt([], splats: [0..<5]).lines.isEmpty)
  }

  @Test("names become files that no other name has")
  func names() {
    let names = ["a:b", "a_b", "a/b", "", ".", "..", "A:b", String(repeating: "x", count: 5000), "\u{0}", "é"]
    let files = names.map(PagePath.test)
    #expect(Set(files).count == names.count && files.allSatisfy { $0.utf8.count < 100 })
    #expect(
      files.allSatisfy { $0.hasPrefix("tests/") && !$0.dropFirst(6).hasPrefix(".") && !$0.dropFirst(6).contains("/") })
  }

  @Test("a directory with other files is left alone")
  func foreign() async throws {
    try await JournalSample.withScratch { state in
      try PageFixture(state: state, nights: 1).write()
      try FileManager.default.createDirectory(atPath: state + "/pages", withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: URL(filePath: state + "/pages/index.html"))
      await #expect(throws: PageProblem.foreign(path: state + "/pages")) { _ = try await writePages(Self.order(state)) }
      #expect(try Self.text(state, "index.html") == "mine")
    }
  }

  @Test("without nights, the morning shows the newest results")
  func noNights() async throws {
    try await JournalSample.withScratch { state in
      try PageFixture(state: state, nights: 12).write()
      try FileManager.default.removeItem(atPath: state + "/nights")
      _ = try await writePages(Self.order(state))
      #expect(PageCheck(state + "/pages").faults == [])
      let morning = try Self.text(state, "index.html")
      #expect(morning.contains("No night is recorded") && morning.contains(">Failing "))
    }
  }

  @Test("records that are damaged or of a newer ktest are named and left out")
  func badRecords() async throws {
    try await JournalSample.withScratch { state in
      let fixture = PageFixture(state: state, nights: 3)
      try fixture.write()
      let paths = (0..<2).map { "\(state)/nights/linux-mm/\(fixture.nightID($0))" }
      try Data("{".utf8).write(to: URL(filePath: paths[0] + "/night.json"))
      try Data("{\"version\": 99}".utf8).write(to: URL(filePath: paths[1] + "/night.json"))
      let outcome = try await writePages(Self.order(state))
      #expect(outcome.nights == 1 && Set(outcome.unreadable.keys) == Set(paths))
    }
  }
}
