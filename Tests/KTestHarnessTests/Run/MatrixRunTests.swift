import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

@Suite("A matrix against a scripted guest")
struct MatrixRunTests {
  /// Two cells with two cases each; `commandLine` and `environment` may use `${thp}`.
  private func plan(
    commandLine: [String] = [], modules: [String: [ModuleLoad]] = [:], change: (inout [PlannedSuite]) -> Void = { _ in }
  ) throws -> Plan {
    let suite = Suite(
      name: "s", guest: GuestSpec(commandLine: commandLine), matrix: [MatrixAxis("thp", ["always", "madvise"])],
      cases: [
        Case(name: "a", run: ["a"], environment: ["THP": "${thp}"]),
        Case(name: "b", run: ["b"], when: Condition(axes: [AxisCondition("thp", ["madvise"])])),
        Case(name: "c", run: ["c"]),
      ])
    var planned = try suite.cells.map { cell in
      PlannedSuite(
        suite: cell, kernel: ScriptedRun.kernel(), initramfs: "/i.cpio",
        commandLine: try guestCommandLine(of: cell.guest),
        cases: cell.cases.map { PlannedCase($0) })
    }
    change(&planned)
    return Plan(suites: planned, settings: RunSettings(accelerator: .kvm, settle: .milliseconds(1)))
  }

  private func suites(_ run: ScriptedRun) -> [String] {
    run.events.compactMap { event in
      guard case .caseFinished(let suite, _, let result) = event else { return nil }
      return "\(suite):\(result.name) \(result.verdict)\(result.boot.map { " \($0)" } ?? "")"
    }
  }

  @Test func cellsWithTheSameGuestShareIt() async throws {
    let host = ScriptedHost()
    let plan = try plan()
    #expect(plan.boots == 1 && plan.cases == 5)
    let run = try await ScriptedRun.go(plan, on: host)
    #expect(
      run.words.filter { $0.hasPrefix("boot") } == ["boot 1 a,c,s[thp=madvise]:a,s[thp=madvise]:b,s[thp=madvise]:c"])
    #expect(
      suites(run) == [
        "s[thp=always]:a pass 1", "s[thp=always]:c pass 1", "s[thp=madvise]:a pass 1", "s[thp=madvise]:b pass 1",
        "s[thp=madvise]:c pass 1",
      ])
    let environments = host.guests[0].sent.compactMap { message -> [String]? in
      guard case .runCase(let request) = message, request.name == "a" else { return nil }
      return request.environment
    }
    #expect(environments == [["THP=always"], ["THP=madvise"]])
  }

  @Test func cellsWithOtherGuestsDoNot() async throws {
    let host = ScriptedHost()
    let plan = try plan(commandLine: ["transparent_hugepage=${thp}"])
    #expect(plan.boots == 2)
    let run = try await ScriptedRun.go(plan, on: host)
    #expect(run.words.filter { $0.hasPrefix("boot") } == ["boot 1 a,c", "boot 2 a,b,c"])
    #expect(host.descriptions[0].commandLine.contains("transparent_hugepage=always"))
    #expect(host.descriptions[1].commandLine.contains("transparent_hugepage=madvise"))
    let boots = run.boots.map(\.suite)
    #expect(boots == ["s[thp=always]", "s[thp=madvise]"])
  }

  @Test(
    "what a case could notice keeps guests apart",
    arguments: [
      { $0[1].suite.setup = [["x"]] }, { $0[1].initramfs = "/other" }, { $0[1].suite.guest.cpus = 4 },
      { $0[1].modules = [ModuleLoad(name: "m", path: "/m", parameters: "a=1")] },
      {
        $0[0].caseModules = ["a": [ModuleLoad(name: "m", path: "/m", parameters: "a=1")]]
        $0[1].caseModules = ["a": [ModuleLoad(name: "m", path: "/m", parameters: "a=2")]]
      },
    ] as [@Sendable (inout [PlannedSuite]) -> Void])
  func apart(_ change: @Sendable (inout [PlannedSuite]) -> Void) throws {
    #expect(try plan(change: change).boots == 2)
  }

  @Test func suitesWithoutAMatrixShareNothing() throws {
    var plan = try ScriptedRun.plan([Case(name: "a", run: ["a"])])
    plan.suites += plan.suites
    #expect(plan.boots == 2)
  }

  @Test func aSpoiltGuestTakesTheRestOfTheCellsToTheNext() async throws {
    let host = ScriptedHost(
      GuestScript { request in
        request.environment == ["THP=madvise"] ? GuestScript.run(request, [GuestScript.warning]) : nil
      })
    let run = try await ScriptedRun.go(try plan(), on: host)
    #expect(
      suites(run) == [
        "s[thp=always]:a pass 1", "s[thp=always]:c pass 1", "s[thp=madvise]:a fail 1", "s[thp=madvise]:b pass 2",
        "s[thp=madvise]:c pass 2",
      ])
    #expect(run.boots.map(\.suite) == ["s[thp=always]", "s[thp=madvise]"])
  }

  @Test func aBootThatComesToNothingIsToldOfEachCell() async throws {
    let host = ScriptedHost(GuestScript(start: [.ended(.poweredOff)]))
    let run = try await ScriptedRun.go(try plan(), on: host)
    #expect(suites(run).count == 5 && run.results.allSatisfy { $0.verdict == .crash && $0.boot == 1 })
    #expect(suites(run).contains("s[thp=madvise]:b crash 1"))
  }

  @Test func skipsStandAtTheirPlace() async throws {
    let plan = try plan { planned in
      planned[0].cases[1].skip = VerdictReason(.missingModule, "no")
      planned[1].cases[0].skip = VerdictReason(.missingModule, "no")
    }
    let run = try await ScriptedRun.go(plan, on: ScriptedHost())
    #expect(
      suites(run) == [
        "s[thp=always]:a pass 1", "s[thp=always]:c skip", "s[thp=madvise]:a skip", "s[thp=madvise]:b pass 1",
        "s[thp=madvise]:c pass 1",
      ])
  }

  @Test func theJournalKeepsCellsApart() async throws {
    let run = try await ScriptedRun.go(try plan(), on: ScriptedHost())
    var replay = RunReplay()
    for event in run.events { replay.apply(event, at: 0) }
    let summary = replay.summary(run: "r")
    #expect(summary.suites.map(\.name) == ["s[thp=always]", "s[thp=madvise]"])
    #expect(summary.suites.map(\.cases.count) == [2, 3] && summary.verdict == .pass)
    let outputs = Set(
      summary.suites.map { RunLayout.output(of: CaseKey(suite: $0.name, kernel: "k", name: "a"), .stdout) })
    #expect(outputs.count == 2)
    for path in outputs { #expect(!path.contains("[") && !path.contains("=")) }
    #expect(ktapReport(summary).contains("ok 1 s[thp=always] on k\n"))
    #expect(junitReport(summary).contains("<testsuite name=\"s[thp=madvise] [k]\""))
  }
}
