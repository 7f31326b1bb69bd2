import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// What a run tells while its cases run.
@Suite struct RunEventTests {
  private static let test = Case(name: "a", run: ["a"])

  private func splats(_ run: ScriptedRun) -> [SplatSighting] {
    run.events.compactMap { if case .splat(_, let splat) = $0 { splat } else { nil } }
  }

  @Test func aSplatIsToldBeforeItsCaseHasEnded() async throws {
    let host = ScriptedHost(GuestScript { GuestScript.run($0, output: "1..1\nok 1 a\n", [GuestScript.warning]) })
    let run = try await ScriptedRun.go(try ScriptedRun.plan([Self.test]), on: host)
    let words = run.words.filter { $0.hasPrefix("case") || $0.hasPrefix("splat") || $0.hasPrefix("fail") }
    #expect(words == ["case 1 a", "splat 1 WARNING in gup_leaf", "fail a"])
    let splat = try #require(splats(run).first)
    #expect([splat.note] == run.results[0].splats && !splat.isAllowed && !splat.isCorrupted)
    #expect(splat.signature.frames.first == "gup_leaf")
    // Its bytes are told before it.
    let told = run.events.prefix { if case .splat = $0 { false } else { true } }
    let bytes = told.reduce(0) { count, event in
      if case .console(_, let bytes) = event { count + bytes.count } else { count }
    }
    #expect(bytes >= splat.note.end)
  }

  @Test func aSplatThatIsAllowedSaysSo() async throws {
    let pattern = try WildcardPattern(parsing: "WARNING in gup_*")
    let rules = DmesgRules(expect: [], allow: [DmesgEntry(match: pattern)])
    let host = ScriptedHost(GuestScript { GuestScript.run($0, output: "1..1\nok 1 a\n", [GuestScript.warning]) })
    let run = try await ScriptedRun.go(try ScriptedRun.plan([Self.test], dmesg: rules), on: host)
    #expect(run.told == ["a:pass"] && splats(run).map(\.isAllowed) == [true])
  }

  @Test func aSplatThatHasBegunIsToldAsSuch() async throws {
    let begun = GuestScript.kernel(
      "WARNING: CPU: 0 PID: 77 at mm/gup.c:10 gup_leaf+0x10/0x20", "RIP: 0010:gup_leaf+0x10/0x20", "Call Trace:",
      " <TASK>", " do_gup+0x1/0x20")
    let end = GuestScript.kernel(" </TASK>", "---[ end trace 0000000000000000 ]---")
    let host = ScriptedHost(GuestScript { GuestScript.run($0, output: "1..1\nok 1 a\n", [begun, end]) })
    let run = try await ScriptedRun.go(try ScriptedRun.plan([Self.test]), on: host)
    let pending = run.events.compactMap { event -> String? in
      if case .splatPending(_, let splat) = event { splat?.title ?? "none" } else { nil }
    }
    #expect(pending == ["WARNING in gup_leaf", "none"] && splats(run).count == 1)
  }

  // MARK: - The command line

  private func go(_ line: (String) -> String) async throws -> (run: ScriptedRun, planned: String) {
    let plan = try ScriptedRun.plan([Self.test])
    let planned = try plan.suites[0].commandLine.rendered()
    let hello = Hello(
      version: Hello.currentVersion, release: "6.12.0", uptimeMilliseconds: 1, cpuFlags: [], channel: "virtio",
      commandLine: line(planned))
    return (try await ScriptedRun.go(plan, on: ScriptedHost(GuestScript(start: [.message(.hello(hello))]))), planned)
  }

  @Test func theLineThatReallyBootedIsTold() async throws {
    let (run, planned) = try await go { $0 }
    #expect(run.events.contains(.commandLine(boot: 1, text: planned)))
    #expect(!run.words.contains { $0.hasPrefix("notice") } && run.told == ["a:pass"])
    // An agent that cannot say it says nothing.
    let silent = try await ScriptedRun.go(try ScriptedRun.plan([Self.test]), on: ScriptedHost())
    #expect(!silent.words.contains { $0.hasPrefix("line") || $0.hasPrefix("notice") })
  }

  @Test func aLineThatIsNotThePlannedOneIsNoticed() async throws {
    let (run, _) = try await go { "built=in " + $0.replacing("printk.time=1 ", with: "") }
    let notice =
      "notice boot 1: the kernel's command line is not the planned one: it lacks 'printk.time=1', and it has 'built=in' as well"
    #expect(run.words.contains(notice), "\(run.words)")
  }

  @Test(
    arguments: [
      ("a b=\"c d\"", "a b=\"c d\"", nil), ("a b", "a  b", nil), ("a b", "b a", "its parameters have another order"),
      ("a b=1", "a b=2", "it lacks 'b=1', and it has 'b=2' as well"), ("a", "a \"", "it is 'a \"'"),
      ("a", "", "it lacks 'a'"),
    ] as [(String, String, String?)])
  func differences(_ planned: String, _ booted: String, _ wanted: String?) {
    #expect(KernelCommandLine.difference(planned: planned, booted: booted) == wanted)
  }
}
