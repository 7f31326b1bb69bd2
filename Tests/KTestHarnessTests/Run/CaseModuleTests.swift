import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// Whose a splat is if a case has modules of its own, which are loaded before its first line in the log.
@Suite struct CaseModuleTests {
  private static let modules = ["b": [ModuleLoad(name: "m", path: "/m")]]

  private func go(_ names: [String], dmesg: DmesgRules = DmesgRules(), _ script: GuestScript) async throws
    -> ScriptedRun
  {
    try await ScriptedRun.go(
      ScriptedRun.plan(
        names.map { Case(name: $0, run: [$0], format: .ktap) }, dmesg: dmesg, caseModules: CaseModuleTests.modules),
      on: ScriptedHost(script))
  }

  /// A guest that warns while it loads the module; its console is slower than the channel.
  private static let warns = GuestScript(modules: {
    [.message(.moduleLoaded(name: $0.name, error: "")), GuestScript.warning]
  })

  @Test func aSplatWhileItsModuleIsLoadedIsTheCases() async throws {
    let run = try await go(["a", "b", "c"], CaseModuleTests.warns)
    #expect(run.told == ["a:pass", "b:fail", "c:pass"])
    #expect(run.results[1].reason?.contains("WARNING in gup_leaf") == true)
    #expect(run.boots.map(\.verdict) == [.pass, .pass])
  }

  @Test func theSuiteMayAllowIt() async throws {
    let rules = DmesgRules(allow: [DmesgEntry(.splat("WARNING in gup_leaf"))])
    let run = try await go(["a", "b", "c"], dmesg: rules, CaseModuleTests.warns)
    #expect(run.told == ["a:pass", "b:pass", "c:pass"])
  }

  @Test func aSplatBeforeItsModuleIsLoadedIsTheBoots() async throws {
    let lines = Locked<Int>(0)
    let script = GuestScript(ready: { token in
      let isBoot = lines.with { (count: inout Int) -> Bool in
        count += 1
        return count == 1
      }
      return (isBoot ? [] : [GuestScript.oops]) + [GuestScript.kernel(Marker.ready.line(token: token))]
    })
    let run = try await go(["a", "b"], script)
    #expect(run.told == ["a:pass", "b:pass"] && run.boots.map(\.verdict) == [.crash])
    #expect(lines.with { $0 } == 2, "the boot's line, and the case's")
  }
}
