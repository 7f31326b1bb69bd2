import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("The directory for NIPA")
struct NIPARunTests {
  private struct Run: Decodable { var executor: String, branch: String, url: String }
  private struct Results: Decodable {
    struct Test: Decodable {
      struct Part: Decodable { var test: String, result: String }
      var test: String, group: String, result: String, link: String
      var crashes: [String]?
      var results: [Part]?
    }
    var executor: String, branch: String, start: String, end: String, link: String
    var results: [Test]
  }

  @Test("has a list of runs, and a file for each, in NIPA's fields")
  func fields() async throws {
    try await JournalSample.withScratch { state in
      let fixture = PageFixture(state: state, nights: 3)
      try fixture.write()
      var order = PageTests.order(state)
      order.address = "https://ci.example.org/ktest"
      _ = try await writePages(order)
      let folder = state + "/pages/nipa/"
      func read<Value: Decodable>(_ name: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(filePath: folder + name)))
      }
      let runs: [Run] = try read("results.json")
      #expect(runs.count == 6 && Set(runs.map(\.branch)).count == 6 && Set(runs.map(\.executor)) == ["ktest"])
      let last = try #require(runs.dropLast().last)
      // NIPA takes the time of a branch from its last 17 characters, and the file from the end of the URL.
      #expect(last.branch.suffix(17) == "2025-12-31--02-15" && last.branch.hasPrefix("7.3-rc-"))
      #expect(last.url == "https://ci.example.org/ktest/nipa/results-\(fixture.runID(2, 0)).json")
      let results: Results = try read(String(last.url.split(separator: "/").last ?? ""))
      #expect(results.branch == last.branch && results.start == "2025-12-31 02:15:00+00:00")
      #expect(results.end == "2025-12-31 02:15:31+00:00" && results.results.count == 18)
      let failed = try #require(results.results.first { $0.test == "io-2m" })
      #expect(failed.group == "ktest-device-dax" && failed.result == "fail")
      #expect(failed.crashes == ["WARNING: at mm/gup.c:121 try_grab_folio"])
      #expect(failed.link.hasPrefix("https://ci.example.org/ktest/runs/\(fixture.runID(2, 0))/index.html#c-"))
      #expect(Set(results.results.map(\.result)).isSubset(of: ["pass", "fail", "skip"]))
      // Without an address, links are relative, and all files are made anew.
      _ = try await writePages(PageTests.order(state))
      let relative: [Run] = try read("results.json")
      #expect(relative.last?.url == "results-\(fixture.runID(2, 1)).json")
    }
  }
}
