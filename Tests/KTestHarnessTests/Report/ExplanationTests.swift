import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Why a metric differs")
struct ExplanationTests {
  private typealias Function = FunctionCounts.Function

  /// Where artefacts are; removed with it.
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A run with one case, and its table of functions if there is one.
  private func run(
    _ id: String, kernel: String = "6.12.8", values: [String: Double] = ["munmap-small": 120],
    unit: String = "instructions",
    cases: [String] = ["rmap"], table: String? = nil
  ) throws -> RunComparison.Run {
    let results = cases.map { name in
      CaseResult(
        name: name, verdict: .pass,
        metrics: values.sorted { $0.key < $1.key }.map { Metric(name: $0, value: $1, unit: unit, better: .lower) })
    }
    let suite = SuiteResult(name: "mm-bench", kernel: kernel, verdict: .pass, cases: results)
    let summary = RunSummary(run: id, verdict: .pass, seconds: 1, boots: [], suites: [suite])
    if let table {
      for name in cases {
        let key = CaseKey(suite: "mm-bench", kernel: kernel, name: name)
        try scratch.write("\(id)/\(RunLayout.artefact(of: key, file: FunctionCounts.file))", table)
      }
    }
    return RunComparison.Run(summary: summary, manifest: nil, directory: "\(scratch.path)/\(id)")
  }

  private func table(_ functions: [Function], metric: String = "munmap-small", per: UInt64 = 512) -> String {
    FunctionCounts.text([FunctionCounts(metric: metric, per: per, functions: functions)])
  }

  private func sides(_ extra: [Function] = []) throws -> (RunComparison.Run, RunComparison.Run) {
    let old = try run(
      "old",
      table: table([
        Function("zap_pte_range", instructions: 51200, calls: 1),
        Function("folio_remove_rmap", instructions: 10240, calls: 512),
        Function("down_write", instructions: 64, calls: 2),
        Function(FunctionCounts.userSpace, instructions: 40, calls: 0),
      ]))
    let new = try run(
      "new", kernel: "6.12.9", values: ["munmap-small": 121.25],
      table: table(
        [
          Function("zap_pte_range", instructions: 56320, calls: 1),
          Function("folio_remove_rmap_ptes", instructions: 5760, calls: 32),
          Function("down_write", instructions: 64, calls: 2),
          Function(FunctionCounts.userSpace, instructions: 40, calls: 0),
        ] + extra))
    return (old, new)
  }

  @Test func theTableAddsUpToTheDifference() throws {
    let (old, new) = try sides()
    let explanation = try MetricExplanation(of: "munmap-small", base: old, with: new)
    #expect(
      explanationReport(explanation, circumstances: ["the kernels' configurations differ"], style: .plain) == """
        first   6.12.8
        second  6.12.9
        note:   the kernels' configurations differ

          mm-bench/rmap                  first  second  change  calls
          folio_remove_rmap                 20       0     -20  1 → 0
          folio_remove_rmap_ptes             0   11.25  +11.25  0 → 0.063
          zap_pte_range                    100     110     +10
          2 functions without a change   0.203   0.203       0
          (clock)                       -0.203  -0.203       0
          munmap-small                     120  121.25   +1.25

        """)
    let json = explanationJSON(explanation)
    #expect(json.contains("\"function\": \"folio_remove_rmap\"") && json.contains("\"first\": 120.0"))
  }

  @Test func manyFunctionsAreOneLineAndAllOfThemForPrograms() throws {
    let (old, new) = try sides((1...40).map { Function("f\($0)", instructions: 512, calls: 512) })
    let explanation = try MetricExplanation(of: "rmap:munmap-small", base: old, with: new)
    let text = explanationReport(explanation, circumstances: [], style: .plain)
    #expect(text.split(separator: "\n").contains { $0.hasPrefix("  13 other functions") && $0.hasSuffix(" +13") })
    #expect(explanationJSON(explanation).components(separatedBy: "\"function\"").count == 44)
  }

  @Test func whatCannotBeExplainedIsSaid() throws {
    let (old, new) = try sides()
    func reason(_ name: String, _ base: RunComparison.Run, _ with: RunComparison.Run) -> String? {
      do {
        _ = try MetricExplanation(of: name, base: base, with: with)
        return nil
      } catch let error as ExplanationError { return error.description } catch { return "another error" }
    }
    #expect(
      reason("munmap", old, new) == "the run old has no metric 'munmap' that counts instructions; it has munmap-small")
    let timed = try run("timed", unit: "ns")
    #expect(
      reason("munmap-small", old, timed)
        == "the run timed has no counts of instructions: only these have functions; see docs/exact-numbers.md")
    #expect(
      reason("munmap-small", old, try run("bare"))
        == "the run bare did not count the functions of mm-bench/rmap, or its artefacts were removed; run it again with "
        + "'ktest run mm-bench:rmap --functions'")
    #expect(reason("munmap-small", old, try run("bad", table: "x"))?.hasSuffix("is not a table of functions") == true)
    let other = try run("other", table: table([], metric: "fork"))
    #expect(reason("munmap-small", old, other)?.contains("does not mark what belongs to munmap-small") == true)
    let two = try run("two", cases: ["rmap", "more"], table: table([Function("f", instructions: 1, calls: 1)]))
    #expect(
      reason("munmap-small", two, new) == "several cases of the run two have the metric 'munmap-small': choose "
        + "mm-bench/rmap:munmap-small or mm-bench/more:munmap-small")
    #expect(reason("mm-bench/more:munmap-small", two, two) == nil)
    var both = old
    both.summary.suites += new.summary.suites
    #expect(
      reason("munmap-small", both, new) == "the run old has several kernels: choose one with old@KERNEL, 6.12.8, 6.12.9"
    )
  }
}
