import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("The history of a series as text")
struct HistoryReportTests {
  private static func kernel(_ label: String) -> IndexedRun.Kernel {
    .init(label: label, release: "", identity: "", commit: "")
  }

  /// One letter a run; the first half is of one kernel.
  private static func record(_ outcomes: String, reason: String = "exit status 1") -> SeriesRecord {
    let verdicts: [Character: Verdict] = [
      ".": .pass, "F": .fail, "s": .skip, "E": .error, "C": .crash, "T": .timeout, "k": .fail,
    ]
    return SeriesRecord(
      series: SeriesKey(
        suite: "hmm-tests", cell: "thp=always", test: "private", family: "debian 6.12 cloud", accelerator: "tcg",
        host: "2 CPUs, 24 GiB"),
      entries: outcomes.enumerated().map { place, outcome in
        SeriesRecord.Entry(
          run: "r\(place)", started: Int64(place) * 86_400_000,
          kernel: kernel(place < outcomes.count / 2 ? "6.12.1" : "6.12.2"), verdict: verdicts[outcome] ?? .error,
          isKnown: outcome == "k", reason: outcome == "." ? "" : reason)
      })
  }

  @Test("strips by kernel, the rate with its range, the change, the last good and the first bad run")
  func page() {
    #expect(
      historyReport([Self.record("....................ssE.FFCT")], style: .plain) == """
        hmm-tests[thp=always]:private
          debian 6.12 cloud, tcg, 2 CPUs, 24 GiB
          6.12.1  ..............
          6.12.2  ......ssE.FFCT
          failed        4 of 25; with 95 % the rate is 5.7 to 34 %
          not counted   3 results: skipped, known, or without a verdict
          worse since   r24  6.12.2
                        0 of 21 before, 4 of 4 since; sure to 66 %
                        with 99 % between
                          r15  6.12.2
                          r25  6.12.2
          last good     r23  6.12.2
          first bad     r24  6.12.2
                        exit status 1

        """)
    #expect(historyReport([], style: .plain) == "")
  }

  @Test("a list has the names last, under what they have in common")
  func list() {
    var other = Self.record("sk")
    other.series.family = "built, allnoconfig"
    let records = [Self.record("...F.......F......"), other, Self.record("..")].map(SeriesSummary.init)
    #expect(
      historyList(records, style: .plain) == """
        debian 6.12 cloud, tcg, 2 CPUs, 24 GiB
        last 20             failed   95 %         series
        ...F.......F......  2 of 18  2.4 to 31 %  hmm-tests[thp=always]:private
        ..                  0 of 2   0 to 67 %    hmm-tests[thp=always]:private

        built, allnoconfig, tcg, 2 CPUs, 24 GiB
        last 20  failed         95 %  series
        sk       known failure        hmm-tests[thp=always]:private

        """)
    #expect(historyList([], style: .plain) == "")
  }

  @Test("in a narrow terminal the names have lines of their own")
  func narrow() {
    let summaries = [SeriesSummary(Self.record("...F.......F......"))]
    #expect(
      historyList(summaries, style: TerminalStyle(isTerminal: false, color: false, columns: 40)) == """
        debian 6.12 cloud, tcg, 2 CPUs, 24 GiB
        series
          last 20             failed   95 %
        hmm-tests[thp=always]:private
          ...F.......F......  2 of 18  2.4 to 3…

        """)
    #expect(
      historyList(summaries, style: TerminalStyle(isTerminal: false, color: false, columns: 80)).contains(
        "2 of 18  2.4 to 31 %  hmm-tests[thp=always]:private\n"))
  }

  @Test("what is not tested any more is said, and what never was")
  func untested() {
    let report = historyReport([Self.record("...ss", reason: "no module")], style: .plain)
    #expect(report.contains("  not tested    since r3  6.12.2\n                no module\n"))
    #expect(historyReport([Self.record("sE")], style: .plain).contains("not tested    2 results"))
  }

  @Test("a failure in the past is told, and a list of many kernels is cut")
  func past() {
    #expect(
      historyReport([Self.record("..F...")], style: .plain).contains(
        "  last failed   r2  6.12.1\n                exit status 1\n"))
    var record = Self.record(String(repeating: ".", count: 50))
    for place in record.entries.indices { record.entries[place].kernel = Self.kernel("6.12.\(place)") }
    let report = historyReport([record], style: .plain)
    #expect(report.contains("  … 30 kernels before\n  6.12.30  .\n"))
    let long = historyReport([Self.record(String(repeating: ".", count: 500))], style: .plain)
    #expect(long.split(separator: "\n").allSatisfy { $0.count <= 80 } && long.contains("6.12.2  …...."))
    let narrow = TerminalStyle(isTerminal: true, color: false, columns: 40)
    let text = historyReport([Self.record("..F...", reason: String(repeating: "wide 文字 ", count: 40))], style: narrow)
    #expect(text.split(separator: "\n").allSatisfy { TerminalText.width(String($0)) <= 40 })
  }

  @Test("what a kernel or a test said stays text")
  func hostile() {
    var record = Self.record(".F", reason: "x\u{1b}[2J\u{9b}31m\n\u{202e}y")
    record.series.test = "a\u{1b}]0;title\u{7}b"
    record.entries[1].run = "\u{1b}c"
    record.entries[1].kernel = Self.kernel("k\u{9b}2J")
    record.series.host = "\u{1b}]8;;x\u{7}"
    for text in [
      historyReport([record], style: .plain), historyList([SeriesSummary(record)], style: .plain),
      historyJSON([record]),
    ] {
      #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" || $0 == "\u{7}" || $0 == "\u{202e}" })
    }
  }

  @Test("flaky: two failures without a change that explains them")
  func flaky() {
    #expect(Self.record("...F.......F......").isFlaky)
    #expect(!Self.record(".................F").isFlaky && !Self.record("..................").isFlaky)
    #expect(!Self.record("....................FFFFFF").isFlaky, "it changed, and fails always since")
    #expect(!Self.record("kFkFk..").isFlaky == false && !Self.record("kkkk..").isFlaky, "a known failure is none")
    // Two kernels in turn, one of which always fails.
    var turns = Self.record("F.F.F.F.F.")
    for place in turns.entries.indices { turns.entries[place].kernel = Self.kernel("6.12.\(place % 2)") }
    #expect(!turns.isFlaky)
    for place in turns.entries.indices { turns.entries[place].kernel = Self.kernel("6.12.\(place)") }
    #expect(turns.isFlaky, "every night has another kernel")
  }
}
