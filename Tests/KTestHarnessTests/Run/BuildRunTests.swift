import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Runs of suites with `kind: build` on a tree of three C files.
@Suite(.gated(), .enabled(if: MiniatureTree.hasTools && BuildTools.isInstalled("size"), "no make, gcc or size"))
struct BuildRunTests {
  private actor Recorder {
    var events: [RunEvent] = []

    func add(_ event: RunEvent) { events.append(event) }

    var results: [CaseResult] {
      events.compactMap { if case .caseFinished(_, _, let result) = $0 { result } else { nil } }
    }
    func text(of name: String) -> String {
      events.compactMap {
        if case .output(nil, _, _, name, .stdout, let bytes) = $0 {
          String(decoding: bytes, as: UTF8.self)
        } else {
          nil
        }
      }.joined()
    }
    var summary: RunSummary {
      var replay = RunReplay()
      for event in events { replay.apply(event, at: 0) }
      return replay.summary(run: "r")
    }
  }

  private static func plan(_ cases: String, chosen: [String] = []) throws -> BuildPlan {
    let suite = try SuiteFixture.clean("suite: s\nkind: build\ntargets: [mm/]\ncases:\n\(cases)\n")
    return try BuildPlan([SuiteRequest(suite, cases: chosen)], jobs: 2)
  }

  @discardableResult
  private func run(
    _ tree: MiniatureTree, _ plan: BuildPlan, into recorder: Recorder = Recorder(), of source: KernelTreeName? = nil
  ) async throws -> [CaseResult] {
    try await TargetBuilding.with(source ?? .directory(tree.path), cache: tree.cache) { building in
      _ = try await runBuilds(plan, of: building, emit: { await recorder.add($0) })
    }
    return await recorder.results
  }

  private func one(_ tree: MiniatureTree, _ text: String) async throws -> CaseResult {
    try #require(try await run(tree, try Self.plan("  - {name: one\(text)}")).first)
  }

  @Test func whatCompilesPassesAndHasSizes() async throws {
    let tree = try MiniatureTree()
    let before = tree.snapshot()
    let recorder = Recorder()
    let plan = try Self.plan("  - {name: one, config: {INNER: y}}\n  - {name: two, targets: [mm/, mm/mini.ko]}")
    let results = try await run(tree, plan, into: recorder)
    #expect(results.map(\.verdict) == [.pass, .pass] && results.allSatisfy { $0.boot == nil && $0.reason == nil })
    #expect(results[0].metrics.map(\.fullName) == ["warnings", "text", "data", "bss"])
    #expect(
      results[1].metrics.map(\.fullName)
        == ["warnings", "text", "data", "bss", "mm/mini.ko: text", "mm/mini.ko: data", "mm/mini.ko: bss"])
    // Three functions that are alike, and one of them as a module.
    let text = results[1].metrics.filter { $0.name == "text" }.map(\.value)
    #expect(text[0] == 3 * text[1] && text[1] > 0)
    #expect(results[1].metrics.allSatisfy { $0.better == .lower })
    #expect(await recorder.text(of: "one").contains("CC      mm/a.o"))
    #expect(await recorder.text(of: "one").contains("# also switched on: OUTER (for INNER)\n"))
    #expect(tree.snapshot() == before)
    let summary = await recorder.summary
    #expect(summary.verdict == .pass && summary.boots.isEmpty && summary.suites.map(\.name) == ["s"])
  }

  @Test func aSecondRunFindsItAndAChangeCompilesAll() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/mm/b.c", "#warning careful\nint b(void) { return 1; }\n")
    func warnings(_ results: [CaseResult]) -> Double? { results.first?.metrics.first?.value }
    let plan = try Self.plan("  - {name: one}")
    let (first, second, third) = (Recorder(), Recorder(), Recorder())
    let once = try await run(tree, plan, into: first)
    let twice = try await run(tree, plan, into: second)
    #expect(warnings(once) == 1 && once.first?.metrics == twice.first?.metrics)
    // The file with the warning is not the one that changes: its warning is counted all the same.
    try tree.files.put("linux/mm/c.c", "int c(void) { return 22; }\n")
    let after = try await run(tree, plan, into: third)
    #expect(warnings(after) == 1 && after.first?.verdict == .pass)
    #expect(await third.text(of: "one").contains("CC      mm/a.o"))
  }

  @Test func whatDoesNotCompileFailsWithThePlace() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/mm/b.c", "int b(void) { return undeclared; }\n")
    let result = try await one(tree, "")
    #expect(result.verdict == .fail && result.metrics.isEmpty)
    #expect(result.reason?.hasPrefix("mm/b.c:1:22: error: ") == true, "\(result.reason ?? "")")
    let missing = try await one(try MiniatureTree(), ", targets: [mm/other.o]")
    #expect(missing.verdict == .fail && missing.reason?.contains("No rule to make target") == true)
  }

  @Test func warningsFailWhereTheyAreCounted() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/mm/b.c", "#warning careful\nint b(void) { return 1; }\n")
    #expect(try await one(tree, ", warnings: 1").verdict == .pass)
    let result = try await one(tree, ", warnings: 0")
    #expect(result.verdict == .fail)
    #expect(result.reason?.hasPrefix("1 warning, 0 allowed: mm/b.c:1:2: warning:") == true, "\(result.reason ?? "")")
  }

  @Test(arguments: [
    (
      "{OUTER: n, INNER: y}",
      "INNER=y cannot be set: Kconfig:5: depends on OUTER, which is off (OUTER is switched off by the case)"
    ), ("{NEVER: y}", "NEVER=y cannot be set: Kconfig:7"), ("{OUTR: n}", "this tree has no symbol OUTR"),
  ])
  func whatCannotBeIsSkippedWithTheReason(config: String, reason: String) async throws {
    let tree = try MiniatureTree()
    let recorder = Recorder()
    let plan = try Self.plan("  - {name: one, config: \(config)}")
    let result = try #require(try await run(tree, plan, into: recorder).first)
    #expect(result.verdict == .skip && result.metrics.isEmpty)
    #expect(result.reason?.contains(reason) == true, "\(result.reason ?? "")")
    #expect(!tree.files.files(in: "cache/builds").contains { $0.hasSuffix(".o") })
    #expect(await recorder.summary.verdict == .skip)
  }

  @Test func aFullDiskIsAnErrorAndNoVerdictOnTheSource() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/mm/b.c", "/* full */ int b(void) { return 1; }\n")
    let result = try await one(tree, "")
    #expect(result.verdict == .error && result.reason?.contains("no space left") == true)
  }

  @Test func aBuildThatTakesTooLongIsATimeout() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/mm/d.c", "/* slow */ int d(void) { return 1; }\n")
    let result = try await one(tree, ", timeout: 10s")
    #expect(result.verdict == .timeout && result.reason == "timed out after 10s")
    // A busy machine may not even have come to the slow file.
    if let pid = try? slowPID(tree) { #expect(JournalLock.of(pid) == nil) }
  }

  @Test func anInterruptedRunKeepsItsVerdictsAndEndsMake() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/mm/d.c", "/* slow */ int d(void) { return 1; }\n")
    let recorder = Recorder()
    let plan = try Self.plan("  - {name: quick, targets: [mm/mini.ko]}\n  - {name: slow}\n  - {name: never}")
    let task = Task { try await run(tree, plan, into: recorder) }
    while (try? slowPID(tree)) == nil { try await Task.sleep(for: .milliseconds(50)) }
    task.cancel()
    _ = await task.result
    #expect(try JournalLock.of(slowPID(tree)) == nil)
    let summary = await recorder.summary
    #expect(summary.interrupted)
    let cases = summary.suites.flatMap(\.cases)
    #expect(cases.map(\.name) == ["quick", "slow"] && cases.map(\.verdict) == [.pass, .error])
    #expect(cases.last?.reason == "interrupted")
  }

  @Test func aTreeThatIsBuiltInPlaceIsRefused() async throws {
    let tree = try MiniatureTree()
    try tree.files.put("linux/.config", "CONFIG_OUTER=y\n")
    await #expect { try await run(tree, try Self.plan("  - {name: one}")) } throws: {
      ($0 as? KernelBuildError)?.kind == .usage && "\($0)".contains("@HEAD")
    }
  }

  @Test func suitesThatBootAreNotMixedIn() throws {
    let suite = try SuiteFixture.clean("suite: t\ncases: [{name: one, run: [x]}]\n")
    #expect(throws: PlanError.self) { try BuildPlan([SuiteRequest(suite)], jobs: 1) }
  }

  @Test func aCaseIsChosenByItsName() throws {
    let plan = try Self.plan("  - {name: one}\n  - {name: two}", chosen: ["tw*"])
    #expect(plan.entries.map(\.test.name) == ["two"])
  }

  private func slowPID(_ tree: MiniatureTree) throws -> Int32 {
    for id in HostFiles.names(in: "\(tree.cache.root)/builds") where !id.hasPrefix(".") {
      guard let bytes = try? KernelFiles.read("\(tree.cache.root)/builds/\(id)/obj/slow.pid") else { continue }
      if let pid = Int32(String(decoding: bytes.prefix { $0 > 32 }, as: UTF8.self)) { return pid }
    }
    throw CancellationError()
  }
}
