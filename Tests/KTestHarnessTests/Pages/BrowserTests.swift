import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Every page of two sites in a real browser, at the widths of a telephone and of a desk.
@Suite("The pages in a browser", .gated(), .long)
struct BrowserTests {
  private static let program = HostProgram.path(of: "chromium")

  /// Opens the pages one after the other in a frame of that width, and writes what is wrong with them into the document. The
  /// document has been loaded when its last frame has.
  private static func visitor(_ pages: [String], site: String, width: Int) throws -> String {
    """
    <!DOCTYPE html><meta charset="utf-8"><body><pre id="out"></pre><script>
    const pages = \(String(decoding: try JSONEncoder().encode(pages), as: UTF8.self)), faults = [];
    let at = 0;
    const look = (page, frame) => {
      const shown = frame.contentDocument, root = shown.documentElement;
      const say = (text) => faults.push(page + ': ' + text);
      if (root.scrollWidth > root.clientWidth) {
        const wide = Array.from(shown.querySelectorAll('body *')).filter((one) => one.getBoundingClientRect().right > root.clientWidth);
        const last = wide[wide.length - 1];
        say('is ' + root.scrollWidth + ' wide: ' + (last ? last.tagName + ' ' + last.getAttribute('class') : ''));
      }
      if (frame.contentWindow.getComputedStyle(shown.querySelector('nav')).display !== 'flex') say('has no style');
      const bad = shown.getElementById('bad');
      if (bad && (bad.getBoundingClientRect().top < 0 || bad.getBoundingClientRect().top > 800)) say('hides its first bad line');
      if (page.includes('sort=flips')) {
        const rows = Array.from(shown.querySelectorAll('tbody tr')).filter((row) => !row.hidden);
        const flips = rows.map((row) => Number(row.dataset.flips));
        if (!rows.length || rows.some((row) => !row.dataset.name.includes('mm')) || flips.some((flip, place) => flip > flips[place - 1]))
          say('is not sorted and filtered as its address says');
      }
    };
    const next = () => {
      if (at === pages.length) {
        document.getElementById('out').textContent = faults.join('\\n') + '\\nvisited ' + at + '\\n';
        return;
      }
      const frame = document.createElement('iframe');
      frame.style.cssText = 'width: \(width)px; height: 800px; border: 0';
      frame.onload = () => { look(pages[at], frame); at += 1; next(); frame.remove(); };
      frame.src = 'file://\(site)/' + pages[at];
      document.body.append(frame);
    };
    next();
    </script>
    """
  }

  /// Returns what is wrong with the pages, and what the browser complained of.
  private static func faults(_ site: String, _ pages: [String], width: Int, scratch: String) async throws -> [String] {
    let file = "\(scratch)/visit-\(width).html"
    try Data(visitor(pages, site: site, width: width).utf8).write(to: URL(filePath: file))
    let browser = HostProgram(
      try #require(program),
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=\(scratch)/browser",
        "--window-size=1700,1000", "--enable-logging=stderr", "--allow-file-access-from-files", "--dump-dom",
        "file://\(file)",
      ], environment: ["HOME": scratch])
    let result = try await browser.collect()
    let lines = result.text.split(whereSeparator: \.isNewline).map(String.init)
    let end = lines.firstIndex(of: "visited \(pages.count)")
    #expect(result.succeeded && end != nil, "\(result.complaint.suffix(2000))")
    let begin = lines.firstIndex { $0.contains("<pre id=\"out\">") }
    let found = begin.flatMap { begin in end.map { lines[min(begin + 1, $0)..<$0] } } ?? []
    return found
      + result.complaint.split(whereSeparator: \.isNewline).map(String.init).filter {
        $0.contains("CONSOLE") || $0.contains("Refused to") || $0.contains("Uncaught")
      }
  }

  @Test(
    "a generated year and a hostile night: the browser complains of no page, none is wider than a telephone, no link is missing",
    .enabled("there is no chromium") { BrowserTests.program != nil },
    arguments: [false, true])
  func everyPage(isHostile: Bool) async throws {
    let (nights, suites, cases) = isHostile ? (3, 2, 6) : (365, 5, 8)
    let spice = isHostile ? PageTests.spices.joined(separator: " ") : ""
    try await JournalSample.withScratch { state in
      try PageFixture(state: state, nights: nights, suites: suites, cases: cases, spice: spice).write()
      let outcome = try await writePages(PageTests.order(state))
      #expect(outcome.runs == 2 * nights && outcome.nights == nights)
      let site = state + "/pages"
      #expect(PageCheck(site).faults.prefix(20) == [])
      let pages = try FileManager.default.subpathsOfDirectory(atPath: site).filter { $0.hasSuffix(".html") }.sorted()
      #expect(pages.count > 4 * nights)
      let matrix = spice.isEmpty ? [PagePath.matrix + "#sort=flips&filter=mm&bad=1"] : []
      let narrow = try await Self.faults(site, pages + matrix, width: 360, scratch: state).prefix(20)
      #expect(narrow == [])
      // Runs are alike, and there are many.
      let desk = pages.filter { !$0.hasPrefix("runs/") } + pages.filter { $0.hasPrefix("runs/") }.suffix(20)
      let wide = try await Self.faults(site, desk, width: 1600, scratch: state).prefix(20)
      #expect(wide == [])
    }
  }
}
