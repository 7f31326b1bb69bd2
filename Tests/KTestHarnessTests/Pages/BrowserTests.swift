import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("The pages in a browser", .gated(), .long)
struct BrowserTests {
  private static let program = HostProgram.path(of: "chromium")

  /// Loads a page and returns what the browser complained of. `shot` is a file for a picture.
  private static func complaints(
    _ page: String, width: Int, scratch: String, shot: String? = nil
  ) async throws -> [String] {
    let what = shot.map { "--screenshot=\($0)" } ?? "--dump-dom"
    let browser = HostProgram(
      try #require(program),
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=\(scratch)/browser",
        "--window-size=\(width),1200", "--enable-logging=stderr", "--virtual-time-budget=3000", what, "file://\(page)",
      ], environment: ["HOME": scratch])
    let result = try await browser.collect()
    #expect(result.succeeded && (shot != nil || result.text.contains("</html>")), "\(page)")
    return result.complaint.split(whereSeparator: \.isNewline).map(String.init).filter {
      $0.contains("CONSOLE") || $0.contains("Refused to") || $0.contains("Uncaught")
    }
  }

  @Test(
    "a generated year: every page is well-formed, no link is missing, and the browser complains of none of its kinds",
    .enabled("there is no chromium") { BrowserTests.program != nil })
  func year() async throws {
    try await JournalSample.withScratch { state in
      let fixture = PageFixture(state: state, nights: 365, suites: 5, cases: 8)
      try fixture.write()
      let outcome = try await writePages(PageTests.order(state))
      #expect(outcome.runs == 730 && outcome.nights == 365)
      #expect(PageCheck(state + "/pages").faults.prefix(20) == [])
      let run = fixture.runID(364, 0)
      let issue = try #require(
        FileManager.default.contentsOfDirectory(atPath: state + "/pages/issues").first { $0.hasSuffix(".html") })
      let pages = [
        PagePath.index, PagePath.matrix + "#sort=flips&filter=mm&bad=1", PagePath.runs, PagePath.nights,
        PagePath.issues,
        PagePath.searches, PagePath.hosts, PagePath.run(run), "runs/\(run)/boot-1.html",
        PagePath.night("linux-mm \(fixture.nightID(364))"), PagePath.test("device-dax:map-4k"),
        PagePath.test("device-dax:io-2m"),
        "issues/\(issue)", PagePath.search("2026-01-27T041500-3fa2"),
      ]
      for page in pages {
        for width in [360, 1600] {
          let complaints = try await Self.complaints("\(state)/pages/\(page)", width: width, scratch: state)
          #expect(complaints == [], "\(page)")
        }
      }
      let shot = state + "/shot.png"
      #expect(try await Self.complaints("\(state)/pages/index.html", width: 360, scratch: state, shot: shot) == [])
      #expect((HostFiles.size(of: shot) ?? 0) > 5000)
    }
  }
}
