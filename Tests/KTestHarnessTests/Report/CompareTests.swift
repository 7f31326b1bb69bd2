import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Comparing runs", .serialized)
struct CompareTests {
  private typealias Change = RunComparison.Change

  private func run(_ cases: [CaseResult], kernel: String = "k", id: String = "r") -> RunComparison.Run {
    let suite = SuiteResult(name: "s", kernel: kernel, verdict: .pass, cases: cases)
    return RunComparison.Run(
      summary: RunSummary(run: id, verdict: .pass, seconds: 1, boots: [], suites: [suite]), manifest: nil)
  }

  private func result(_ verdict: Verdict, _ values: Double..., better: Metric.Better = .lower) -> CaseResult {
    CaseResult(
      name: "a", verdict: verdict, boot: 1,
      metrics: values.map { Metric(name: "t", value: $0, unit: "us", better: better) })
  }

  @Test(
    "verdicts",
    arguments: [
      ([.pass], [.pass], .same), ([.pass], [.fail], .worse), ([.fail], [.pass], .better), ([.pass], [.skip], .worse),
      ([.skip], [.pass], .better), ([.fail], [.skip], .unclear), ([.fail], [.crash], .worse),
      ([.pass], [.error], .unclear),
      ([.error], [.pass], .unclear), ([.error], [.error], .same), ([.pass, .fail], [.fail], .same),
      ([.pass, .pass], [.pass, .fail], .worse), ([.skip], [.fail], .worse),
    ] as [([Verdict], [Verdict], RunComparison.Change)])
  func verdicts(_ row: (base: [Verdict], with: [Verdict], change: RunComparison.Change)) {
    let comparison = RunComparison(
      base: row.base.map { run([result($0)]) }, with: row.with.map { run([result($0)]) })
    #expect(comparison.cases.map(\.change) == [row.change])
    #expect(comparison.isWorse == (row.change == .worse))
    #expect(comparison.hasErrors == (row.change == .unclear && (row.base + row.with).contains(.error)))
    if Set(row.with).count > 1 { #expect(comparison.cases[0].notes.contains("not steady in the second side")) }
  }

  @Test func aCaseOfOneSideOnly() {
    let (some, none) = (run([result(.pass)]), run([]))
    #expect(RunComparison(base: [some], with: [none]).cases.map(\.change) == [.worse])
    #expect(RunComparison(base: [none], with: [some]).cases.map(\.change) == [.same])
    let failed = run([result(.fail)])
    #expect(RunComparison(base: [failed], with: [none]).cases.map(\.change) == [.unclear])
    var part = none
    part.manifest = JournalSample.manifest
    #expect(RunComparison(base: [some], with: [part]).isWorse)
    part.manifest?.selection = ["s:b"]
    let narrow = RunComparison(base: [some], with: [part])
    #expect(narrow.cases.map(\.change) == [.unclear] && !narrow.isWorse && !narrow.hasErrors)
  }

  @Test func sameVerdictButLessWasRunOrOthersFail() {
    func executed(_ pass: Int, _ failing: [String] = []) -> RunComparison.Run {
      run([
        CaseResult(
          name: "a", verdict: failing.isEmpty ? .pass : .fail, subtests: SubtestCounts(pass: pass, fail: failing.count),
          notes: failing.map { SubtestNote(id: $0, verdict: .fail) })
      ])
    }
    let less = RunComparison(base: [executed(58)], with: [executed(29)]).cases[0]
    #expect(less.change == .worse && less.notes == ["58 subtests were executed before, 29 now"])
    let other = RunComparison(base: [executed(1, ["x"])], with: [executed(1, ["y"])]).cases[0]
    #expect(other.change == .worse && other.notes == ["fails now: y", "no longer fails: x"])
    let fixed = RunComparison(base: [executed(1, ["x", "y"])], with: [executed(2, ["y"])]).cases[0]
    #expect(fixed.change == .better && fixed.notes == ["no longer fails: x"])
  }

  @Test(
    "metrics and their spread: base runs, second runs",
    arguments: [
      ([[100]], [[200]], .unclear, "one sample on each side"),
      ([[100, 101]], [[200, 201]], .worse, "within a run only"),
      ([[100, 101]], [[90, 91]], .better, "within a run only"),
      ([[100, 120]], [[110, 125]], .same, "within a run only"),
      ([[100], [102]], [[120]], .worse, "one sample in the second side"),
      ([[100], [102]], [[101]], .same, "one sample"),
      ([[100], [140]], [[120], [121]], .same, ""), ([[100, 100], [140, 140]], [[130], [131]], .same, ""),
      ([[5, 5]], [[5, 5]], .same, ""), ([[5, 5]], [[6, 6]], .worse, ""),
      ([], [[6, 6]], .unclear, "only in the second"),
    ] as [([[Double]], [[Double]], RunComparison.Change, String)])
  func metrics(_ row: (base: [[Double]], with: [[Double]], change: RunComparison.Change, note: String)) {
    let (base, with) = (MetricSeries(runs: row.base), MetricSeries(runs: row.with))
    let (change, note) = RunComparison.compare(base, with, .lower)
    #expect(change == row.change)
    #expect(row.note.isEmpty || note.contains(row.note), "\(note)")
    // Turned round, lower becomes higher.
    let mirrored = RunComparison.compare(base, with, .higher).0
    #expect(mirrored == (change == .worse ? .better : change == .better ? .worse : change))
  }

  @Test(
    "counts need no second sample: base runs, second runs",
    arguments: [
      ([[1000]], [[1000.9]], .same), ([[1000]], [[1001.1]], .worse), ([[1000]], [[998.9]], .better),
      ([[1000, 1010]], [[1009]], .same), ([[1000]], [[1000]], .same), ([], [[6]], .unclear),
    ] as [([[Double]], [[Double]], RunComparison.Change)])
  func counts(_ row: (base: [[Double]], with: [[Double]], change: RunComparison.Change)) {
    let (base, with) = (MetricSeries(runs: row.base), MetricSeries(runs: row.with))
    let (change, note) = RunComparison.compare(base, with, .lower, threshold: RunComparison.defaultThreshold)
    #expect(change == row.change && (note.isEmpty || row.change == .unclear), "\(note)")
    if row.change == .worse { #expect(RunComparison.compare(base, with, .lower, threshold: 1).0 == .same) }
  }

  @Test func clocksAndCountsOfOtherMachinesAreNotMixed() throws {
    func run(unit: String, _ change: (inout RunManifest) -> Void) -> RunComparison.Run {
      var manifest = JournalSample.manifest
      manifest.suites[0].clock = .instructions
      (manifest.qemu, manifest.accelerator.processor) = ("7.2.22", "maximum")
      change(&manifest)
      let result = CaseResult(
        name: "a", verdict: .pass, metrics: [Metric(name: "t", value: 9.25, unit: unit, better: .lower)])
      let suite = SuiteResult(
        name: "demo[thp=always]", kernel: manifest.kernels[0].label, verdict: .pass, cases: [result])
      let summary = RunSummary(run: "r", verdict: .pass, seconds: 1, boots: [], suites: [suite])
      return RunComparison.Run(summary: summary, manifest: manifest)
    }
    func compared(_ unit: String, _ change: (inout RunManifest) -> Void) -> RunComparison {
      RunComparison(base: [run(unit: unit) { _ in }], with: [run(unit: unit, change)])
    }
    let same = compared("instructions") { _ in }
    #expect(same.metrics.map(\.change) == [.same] && !same.hasMixtures)
    let clocks = compared("GB/s") { $0.suites[0].clock = nil }
    #expect(clocks.metrics.map(\.note) == ["measured by different clocks: instructions and time"])
    #expect(clocks.hasMixtures && clocks.metrics.map(\.change) == [.unclear] && !clocks.isWorse)
    let other = compared("instructions") { $0.qemu = "8.0" }
    #expect(other.hasMixtures && other.metrics[0].note == "counts of QEMU 7.2.22 and 8.0 are different series")
    #expect(other.circumstances.contains("QEMU: 7.2.22 and 8.0"))
    #expect(compared("instructions") { $0.accelerator.processor = "host-passthrough" }.hasMixtures)
    #expect(!compared("pages") { $0.qemu = "8.0" }.hasMixtures)
    // What a processor's own counters say varies like times: one sample says nothing.
    let timed = RunComparison(
      base: [run(unit: "instructions") { $0.suites[0].clock = nil }],
      with: [run(unit: "instructions") { ($0.suites[0].clock, $0.qemu) = (.time, "8.0") }])
    #expect(timed.metrics.map(\.change) == [.unclear] && !timed.hasMixtures)
    #expect(timed.metrics.map(\.note) == ["one sample on each side is not enough"])
    let text = comparisonReport(same, style: .plain)
    #expect(text.contains("9.25") && text.contains("0.0 %"), "\(text)")
  }

  @Test func everyDigitOfACountIsShown() {
    #expect(MetricText.value(1083.1582, "instructions") == "1083.158" && MetricText.value(1083.1582, "ns") == "1083")
    #expect(MetricText.value(4288132, "instructions") == "4288132" && MetricText.value(nil, "ns") == "-")
    #expect(MetricText.change(from: 100_000, to: 100_123, unit: "instructions") == "+0.123 %")
    #expect(MetricText.change(from: 100_000, to: 100_123, unit: "us") == "+0.1 %")
  }

  @Test func spreadOfManySamplesForgetsTheOutermost() {
    let values = (1...19).map { Double($0) } + [1000]
    #expect(MetricSeries(runs: [values]).spread.map { $0 < 20 } == true)
    #expect(MetricSeries(runs: [[1, 2, 1000]]).spread == 999)
    #expect(MetricSeries(runs: [[1]]).spread == nil && MetricSeries().median == nil)
    #expect(MetricSeries(runs: [[1, 2, 3, 4]]).median == 2.5)
    // Samples agree within each run, the runs do not.
    #expect(MetricSeries(runs: [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [9]]).spread == 8)
  }

  @Test func whatDidNotPassIsNotMeasured() {
    let comparison = RunComparison(
      base: [run([result(.pass, 10, 11)])], with: [run([result(.fail, 99, 99)])])
    #expect(comparison.metrics.map(\.change) == [.unclear] && comparison.cases.map(\.change) == [.worse])
  }

  @Test func severalKernelsAreKeptApart() throws {
    let one = run([result(.pass)], kernel: "a")
    var two = one
    two.summary.suites += run([result(.fail)], kernel: "b").summary.suites
    let both = RunComparison(base: [two], with: [two])
    #expect(both.cases.map(\.kernel) == ["a", "b"] && both.cases.map(\.change) == [.same, .same])
    two.kernel = "b"
    let chosen = RunComparison(base: [one], with: [two])
    #expect(chosen.cases.map(\.kernel) == [nil] && chosen.cases.map(\.change) == [.worse])
  }

  @Test func circumstancesAreNamed() {
    func run(_ change: (inout RunManifest) -> Void) -> RunComparison.Run {
      var manifest = JournalSample.manifest
      change(&manifest)
      let suite = SuiteResult(name: "demo", kernel: manifest.kernels[0].label, verdict: .pass, cases: [])
      let summary = RunSummary(run: "r", verdict: .pass, seconds: 1, boots: [], suites: [suite])
      return RunComparison.Run(summary: summary, manifest: manifest)
    }
    func said(_ change: (inout RunManifest) -> Void) -> [String] {
      RunComparison(base: [run { _ in }], with: [run(change)]).circumstances
    }
    #expect(said { _ in } == ["the kernels are the same build"])
    #expect(said { $0.kernels[0].identity = "9" } == [])
    let config = said { ($0.kernels[0].identity, $0.kernels[0].configHash) = ("9", "x") }
    #expect(config.count == 1 && config[0].hasPrefix("the kernels' configurations differ"))
    let unknown = said { ($0.kernels[0].identity, $0.kernels[0].configHash) = ("9", nil) }
    #expect(unknown.count == 1 && unknown[0].contains("is unknown"))
    #expect(said { $0.accelerator.used = "kvm" }.contains("accelerator: unknown and kvm"))
    #expect(said { $0.host.cpus = 64 }.contains { $0.hasPrefix("host: 2 CPUs") && $0.contains("64 CPUs") })
    #expect(said { $0.suites[0].sha256 = "z" }.contains("the suite demo has changed"))
    #expect(said { $0.suites[0].imageHash = "z" }.contains("the image of the suite demo has changed"))
    let kernels = RunComparison(base: [run { _ in }], with: [run { $0.kernels[0].release = "7.0" }]).kernels
    #expect(kernels.base == ["6.12  6.12.1  debian:6.12-cloud"] && kernels.with == ["6.12  7.0  debian:6.12-cloud"])
  }

  // MARK: - docs/compare.md

  /// Compares with the page's block; with KTEST_RECORD=1 writes it and fails.
  private func expect(_ text: String, isTheBlock opening: String) throws {
    let page = try String(contentsOfFile: "\(Document.root)/docs/compare.md", encoding: .utf8)
    let start = try #require(page.firstRange(of: "```\(opening)\n")?.upperBound)
    let rest = page[start...]
    let end = rest.hasPrefix("```") ? start : try #require(rest.firstRange(of: "\n```")?.lowerBound)
    if ProcessInfo.processInfo.environment["KTEST_RECORD"] == "1" {
      let written = page[..<start] + text.dropLast() + (end == start ? "\n" : "") + page[end...]
      try Data(written.utf8).write(to: URL(filePath: "\(Document.root)/docs/compare.md"))
      Issue.record("recorded \(opening)")
      return
    }
    #expect(page[start..<end] + "\n" == text)
  }

  /// The two sides of the page's example.
  private static var example: RunComparison {
    func side(_ runs: [[Double]], release: String, identity: String, verdict: Verdict) -> [RunComparison.Run] {
      runs.map { values in
        var manifest = JournalSample.manifest
        manifest.kernels[0].label = "linux"
        manifest.kernels[0].source = .path(".")
        manifest.kernels[0].release = release
        manifest.kernels[0].identity = identity
        let move = CaseResult(
          name: "move", verdict: .pass, boot: 1,
          metrics: values.map { Metric(name: "thp-2m", value: $0, unit: "us", better: .lower) }
            + [Metric(name: "pages", value: 512, unit: "pages", better: .higher)])
        let split = CaseResult(
          name: "split", verdict: verdict, reason: verdict == .pass ? nil : "split.anon failed",
          subtests: SubtestCounts(pass: verdict == .pass ? 2 : 1, fail: verdict == .pass ? 0 : 1),
          notes: verdict == .pass ? [] : [SubtestNote(id: "split.anon", verdict: .fail)], boot: 1)
        let suite = SuiteResult(
          name: "thp-migrate[thp=always]", kernel: "linux", verdict: verdict, cases: [move, split])
        let summary = RunSummary(run: "r", verdict: verdict, seconds: 1, boots: [], suites: [suite])
        return RunComparison.Run(summary: summary, manifest: manifest)
      }
    }
    return RunComparison(
      base: side([[658.5, 661, 655.2], [664.1, 659, 660.3]], release: "6.12.8", identity: "a", verdict: .pass),
      with: side([[712.4, 709.9, 715]], release: "6.12.9", identity: "b", verdict: .fail))
  }

  @Test func theExampleOfThePageIsWhatIsPrinted() throws {
    let text = comparisonReport(Self.example, style: TerminalStyle(isTerminal: false, color: false, columns: nil))
    try expect(text, isTheBlock: "text compare")
    #expect(Self.example.isWorse)
  }

  @Test func theJSONOfThePageIsWhatIsPrinted() throws {
    let text = comparisonJSON(Self.example)
    try expect(text, isTheBlock: "json compare")
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
  }

  @Test func hostileTextsAreHarmless() {
    let side = RunComparison.Run(summary: ReportSample.hostile, manifest: nil)
    let comparison = RunComparison(base: [side], with: [side])
    let style = TerminalStyle(isTerminal: false, color: false, columns: 80)
    #expect(ReportSample.isHarmless(comparisonReport(comparison, style: style)))
    #expect(ReportSample.isHarmless(comparisonJSON(comparison)))
    #expect(ReportSample.isHarmless(metricReport(ReportSample.hostile, style: style)))
  }
}
