import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Suites by kernels, in Markdown") struct MarkdownReportTests {
  private static func manifest(_ run: String, _ kernels: [(label: String, source: KernelOrigin, identity: String)])
    -> RunManifest
  {
    var manifest = JournalSample.manifest
    manifest.run = run
    manifest.accelerator.used = "tcg"
    manifest.qemu = "7.2.22"
    manifest.kernels = kernels.map {
      .init(label: $0.label, source: $0.source, release: $0.label, image: "/k", identity: $0.identity)
    }
    return manifest
  }

  private static let package = KernelOrigin.debian(
    name: "6.1-cloud", package: "linux-image-6.1-cloud", version: "6.1.9-1")
  private static let built = KernelOrigin.source(tree: "/home/me/linux").built(
    at: "/cache/b-1", state: "git:0123456789abcdef", base: "/home/me/my.config", compiler: "gcc 12")

  private static func result(_ name: String, _ verdict: Verdict, _ reason: String? = nil, _ notes: [SubtestNote] = [])
    -> CaseResult
  {
    CaseResult(name: name, verdict: verdict, reason: reason, notes: notes, boot: 1)
  }

  private static func suite(_ name: String, _ kernel: String, _ cases: [CaseResult], absent: [AbsentCase] = [])
    -> SuiteResult
  {
    SuiteResult(
      name: name, kernel: kernel, verdict: Verdict.summary(of: cases.map(\.verdict)), cases: cases, absent: absent)
  }

  private static func run(_ id: String, _ suites: [SuiteResult], boots: [BootResult] = []) -> RunSummary {
    RunSummary(
      run: id, verdict: Verdict.summary(of: suites.map(\.verdict)), seconds: 1, boots: boots, suites: suites)
  }

  @Test func oneRunWithoutAManifest() {
    ReportGolden.expect(markdownReport([RecordedSummary(ReportSample.bad, nil)]), is: "two-kernels.md")
  }

  @Test func severalRuns() {
    let known = SubtestNote(id: "x", verdict: .fail, known: true, detail: "refused for a_b *and* <c>")
    let fixed = SubtestNote(id: "y", verdict: .pass, known: true, detail: "refused for a_b *and* <c>")
    let skipped =
      ["p", "q"].map { SubtestNote(id: $0, verdict: .skip, detail: "no soft-dirty | no THP") }
      + [16, 128].map { SubtestNote(id: "size-\($0)", verdict: .skip, detail: "no pages of \($0) KiB") }
    let lacking = ["a", "b"].map { Self.result($0, .skip, "CONFIG_X_Y is not set") }
    let first = Self.run(
      "r1",
      [
        Self.suite("dax", "6.1", lacking),
        Self.suite("dax", "linux", [Self.result("a", .pass), Self.result("b", .fail, "late")]),
        Self.suite(
          "mm[thp=always]", "linux", [Self.result("cow", .pass, nil, [known, fixed] + skipped)],
          absent: [AbsentCase(name: "new", reason: "is for kernels >=7.0, and this is 6.12")]),
      ],
      boots: [
        BootResult(
          id: 7, suite: "mm[thp=always]", kernel: "linux", verdict: .crash, reason: "it panicked at the end",
          seconds: 1,
          console: "c")
      ])
    // The same label, and another build of it.
    let second = Self.run(
      "r2",
      [Self.suite("dax", "linux", [Self.result("b", .pass)]), Self.suite("dax", "linux#2", [Self.result("a", .pass)])])
    let runs = [
      RecordedSummary(first, Self.manifest("r1", [("6.1", Self.package, "1"), ("linux", Self.built, "2")])),
      RecordedSummary(second, Self.manifest("r2", [("linux", Self.built, "2"), ("linux#2", Self.built, "3")])),
    ]
    ReportGolden.expect(markdownReport(runs), is: "several-runs.md")
  }

  @Test func onlyWhatMeansSomethingIsEscaped() {
    func reason(_ text: String) -> String {
      let run = Self.run("r", [Self.suite("s[a=b]", "k", [Self.result("c", .skip, text)])])
      return markdownReport([RecordedSummary(run, nil)])
    }
    for plain in ["CONFIG_A_B is not set", "it is for kernels <7.0 or >=7.1", "see [1] (or not)", "a - b # c 1. d"] {
      #expect(reason(plain).contains("1. skip: \(plain)\n   - s[a=b] on k: c\n"))
    }
    for (text, escaped) in [
      ("_a_ *b* `c` ~d~ \\", "\\_a\\_ \\*b\\* \\`c\\` \\~d\\~ \\\\"), ("a|b", "a\\|b"),
      ("<img src=x>", "\\<img src=x>"),
      ("[x](http://y)", "[x]\\(http://y)"), ("&lt;", "&amp;lt;"), ("a\nb", "a b"),
    ] {
      #expect(reason(text).contains("1. skip: \(escaped)\n"))
    }
  }

  @Test func anEmptyRun() {
    #expect(markdownReport([RecordedSummary(Self.run("r", []), nil)]) == "No case has a verdict.\n")
  }

  @Test func hostileTextStaysInItsCell() {
    let report = markdownReport([RecordedSummary(ReportSample.hostile, nil)])
    #expect(ReportSample.isHarmless(report) && report.utf8.count < 1_000_000)
    let lines = report.split(separator: "\n")
    let rows = lines.filter { $0.hasPrefix("|") }
    let bars = rows.map { $0.replacing("\\|", with: "").count { $0 == "|" } }
    #expect(bars == [4, 4, 4])
    let raw = report.replacing("\\<", with: "")
    #expect(!raw.contains("<a") && !raw.contains("]("))
  }
}
