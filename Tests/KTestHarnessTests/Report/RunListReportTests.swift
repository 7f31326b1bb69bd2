import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Lists of runs and suites")
struct RunListReportTests {
  private func run(_ id: String, _ state: RunOverview.State, _ verdict: Verdict?, seconds: Double? = 36.6)
    -> RunOverview
  {
    RunOverview(
      id: id, directory: "/s/runs/\(id)", state: state, suites: ["device-dax", "mm"],
      kernels: ["6.12.117", "6.1.0"], verdict: verdict, seconds: seconds)
  }

  @Test func aRunIsALineWithItsVerdict() {
    let text = runListReport(
      [
        run("2026-11-21T112212-f78d", .finished, .pass), run("2026-11-21T122212-a78d", .finished, .crash, seconds: 252),
        run("2026-11-21T132212-b78d", .running, .pass),
        RunOverview(id: "2026-11-21T142212-c78d", directory: "/d", state: .unreadable, suites: [], kernels: []),
      ], style: .plain)
    #expect(
      text == """
        run (UTC)               verdict         took        suites          kernels
        2026-11-21T112212-f78d  pass            36.6 s      device-dax, mm  6.12.117, 6.1.0
        2026-11-21T122212-a78d  CRASH           4 min 12 s  device-dax, mm  6.12.117, 6.1.0
        2026-11-21T132212-b78d  running         36.6 s      device-dax, mm  6.12.117, 6.1.0
        2026-11-21T142212-c78d  cannot be read

        """)
  }

  @Test func aLineEndsAtTheEdgeOfTheTerminal() {
    let style = TerminalStyle(isTerminal: true, color: false, columns: 40)
    let text = columnReport(
      ["", ""], [["mm", "tools/testing/selftests/mm, program by program: copy-on-write"]], style: style)
    #expect(text == "mm  tools/testing/selftests/mm, program…\n")
    #expect(columnReport(["", ""], [["a\u{1B}[2Jb", "c"]], style: .plain) == "ab  c\n")
  }

  @Test func theRunsOfADirectoryAreListedTheNewestLast() async throws {
    let fixture = try SessionFixture()
    let host = fixture.host()
    for name in ["demo:a", "demo:b"] {
      let job = try fixture.job(name)
      _ = try await job.perform(try await job.plan(on: host), on: host)
    }
    let state = fixture.places.stateDirectory
    let ids = try listRuns(in: state)
    let broken = try #require(ids.first)
    #expect(try runOverviews(in: state).map(\.id) == ids)
    let first = try #require(try runOverviews(in: state).first)
    #expect(first.suites == ["demo"] && first.kernels == ["k"] && first.verdict == .pass && first.state == .finished)
    try Data("{}\n{}\n".utf8).write(to: URL(filePath: "\(state)/runs/\(broken)/events.jsonl"))
    #expect(try runOverviews(in: state).map(\.state) == [.unreadable, .finished])
  }
}
