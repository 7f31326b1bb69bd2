import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("A run that forks scripted guests")
struct ForkRunTests {
  private func cases(_ names: String...) -> [Case] { names.map { Case(name: $0, run: [$0]) } }
  private func isolated(_ names: String...) throws -> Plan {
    try ScriptedRun.plan(names.map { Case(name: $0, run: [$0]) }, isolation: .case, forks: true)
  }

  private static func kinds(_ host: ScriptedHost) -> [String] {
    host.descriptions.map { description in
      switch description.origin {
      case .boot: "boot"
      case .template: "template"
      case .clone: "clone"
      }
    }
  }

  @Test("one guest is booted and set up, and each case gets a clone of it")
  func isolation() async throws {
    let host = ScriptedHost()
    var plan = try ScriptedRun.plan(
      cases("a", "b", "c"), setup: [["prepare"]], modules: [ModuleLoad(name: "m", path: "/m.ko")], isolation: .case,
      forks: true)
    plan.settings.shuffleSeed = nil
    let run = try await ScriptedRun.go(plan, on: host)
    #expect(Self.kinds(host) == ["template", "clone", "clone", "clone"])
    #expect(
      run.words == [
        "run 3 3", "boot 1 ", "ready 1", "end 1 pass", "boot 2 a", "ready 2", "case 2 a", "pass a", "end 2 pass",
        "boot 3 b", "ready 3", "case 3 b", "pass b", "end 3 pass", "boot 4 c", "ready 4", "case 4 c", "pass c",
        "end 4 pass", "over pass",
      ])
    #expect(run.boots.map(\.clone?.boot) == [nil, 1, 1, 1])
    // Modules and setup are the template's; a clone gets its own entropy before anything else.
    let setups = host.guests.map { guest in
      guest.sent.count {
        if case .loadModules = $0 {
          true
        } else if case .runCase(let case_) = $0 {
          case_.name == "setup"
        } else {
          false
        }
      }
    }
    #expect(setups == [2, 0, 0, 0])
    let entropy = host.guests.dropFirst().compactMap { guest -> [UInt8]? in
      if case .wake(let entropy, _)? = guest.sent.first { entropy } else { nil }
    }
    #expect(Set(entropy).count == 3 && entropy.allSatisfy { $0.count == 32 })
    // The next one stands ready while a case runs, and after the last case none is wanted.
    #expect(host.anticipated.count == 2 && Set(host.anticipated.map(\.name)).count == 2)
  }

  @Test("a case that wants its own guest, and those that share one, get clones; one that must boot does not")
  func fresh() async throws {
    var list = cases("a", "b", "c", "d")
    list[1].fresh = true
    (list[2].fresh, list[2].boots) = (true, true)
    let host = ScriptedHost()
    let run = try await ScriptedRun.go(ScriptedRun.plan(list, forks: true), on: host)
    #expect(Self.kinds(host) == ["template", "clone", "clone", "boot"])
    #expect(run.words.filter { $0.hasPrefix("boot") } == ["boot 1 ", "boot 2 a,d", "boot 3 b", "boot 4 c"])
    #expect(run.told.sorted() == ["a:pass", "b:pass", "c:pass", "d:pass"])
  }

  @Test("nothing is forked where that saves no boot, where the clock counts instructions, or where the host cannot")
  func notForked() async throws {
    let alone = ScriptedHost()
    _ = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b"), forks: true), on: alone)
    #expect(Self.kinds(alone) == ["boot"])
    let unable = ScriptedHost()
    _ = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b"), isolation: .case), on: unable)
    #expect(Self.kinds(unable) == ["boot", "boot"])
    let counting = ScriptedHost()
    var plan = try isolated("a", "b")
    plan.suites[0].suite.guest.clock = .instructions
    _ = try await ScriptedRun.go(plan, on: counting)
    #expect(Self.kinds(counting) == ["boot", "boot"])
  }

  @Test("trouble with forks is a boot, never a verdict", arguments: ["freeze", "silent", "start", "QEMU", "panic"])
  func trouble(_ what: String) async throws {
    var template = GuestScript()
    var clone = GuestScript()
    switch what {
    case "freeze": template.freezing = "QEMU says no"
    case "silent": clone = GuestScript(wakes: false)
    case "start": template.freezing = "no space in memory"
    // A full file system in memory kills the template's QEMU by SIGBUS.
    case "QEMU": template = GuestScript(ready: { [GuestScript.kernel(Marker.ready.line(token: $0)), .ended(.failed)] })
    default:
      clone = GuestScript(wakes: false)
      let answer = clone.answer
      clone.answer = { message, running in
        if case .wake = message { [GuestScript.panic(), .ended(.poweredOff)] } else { answer(message, running) }
      }
    }
    let isClone = what == "silent" || what == "panic"
    let host = isClone ? ScriptedHost(template, clone, GuestScript()) : ScriptedHost(template, GuestScript())
    let run = try await ScriptedRun.go(isolated("a", "b"), on: host)
    #expect(run.told == ["a:pass", "b:pass"] && run.verdict == .pass, "\(run.words)")
    #expect(Self.kinds(host) == ["template"] + (isClone ? ["clone"] : []) + ["boot", "boot"])
    if what != "QEMU" { #expect(run.words.contains { $0.contains("the cases run in a guest that is booted") }) }
  }

  @Test("a host that fails to make clones boots")
  func noClone() async throws {
    let host = CloneFailure()
    let run = try await ScriptedRun.go(isolated("a", "b"), on: host)
    #expect(run.told == ["a:pass", "b:pass"] && run.verdict == .pass)
    #expect(run.boots.map(\.verdict) == [.pass, .skip, .pass, .pass])
  }

  @Test("a kernel that does not boot is tried once, and each case says why")
  func neverReady() async throws {
    let host = ScriptedHost(GuestScript(start: [GuestScript.kernel("Run /init")]))
    let run = try await ScriptedRun.go(isolated("a", "b"), on: host)
    #expect(run.told == ["a:timeout", "b:timeout"] && host.guests.count == 1)
  }

  @Test("a splat before the template is stopped is its boot's, once, and no case's")
  func splatOfTheTemplate() async throws {
    let template = GuestScript(ready: { [GuestScript.kernel(Marker.ready.line(token: $0)), GuestScript.warning] })
    let run = try await ScriptedRun.go(isolated("a", "b"), on: ScriptedHost(template, GuestScript()))
    #expect(run.told == ["a:pass", "b:pass"] && run.verdict == .fail)
    #expect(run.boots.map(\.verdict) == [.fail, .pass, .pass] && run.boots.map(\.splats.count) == [1, 0, 0])
  }

  @Test("what one case breaks, the next does not see; both are cloned")
  func independent() async throws {
    let host = ScriptedHost(GuestScript { $0.name == "a" ? GuestScript.run($0, [GuestScript.warning]) : nil })
    let run = try await ScriptedRun.go(isolated("a", "b"), on: host)
    #expect(run.told == ["a:fail", "b:pass"] && Self.kinds(host) == ["template", "clone", "clone"])
  }

  @Test("a seed determines the order of cases, whatever the guests are")
  func shuffled() async throws {
    func order(_ seed: UInt64?, _ isolation: KTestValues.Suite.Isolation) async throws -> [String] {
      var plan = try ScriptedRun.plan(
        (0..<20).map { Case(name: "c\($0)", run: ["c"]) }, isolation: isolation, forks: true)
      plan.settings.shuffleSeed = seed
      return try await ScriptedRun.go(plan, on: ScriptedHost()).results.map(\.name)
    }
    let first = try await order(1, .case)
    #expect(try await order(1, .shared) == first && first != (0..<20).map { "c\($0)" })
    #expect(try await order(2, .case) != first && Set(first).count == 20)
  }
}

/// Rounds whose guests are clones of the first round's.
@Suite("A run whose rounds share a boot")
struct SharedBootTests {
  private func plan(_ rounds: Int, _ names: String..., forks: Bool = true) throws -> Plan {
    var plan = try ScriptedRun.plan(names.map { Case(name: $0, run: [$0]) }, forks: forks)
    plan.settings.course = .clones(rounds)
    return plan
  }

  private func kinds(_ host: ScriptedHost) -> [String] {
    host.descriptions.map { description in
      switch description.origin {
      case .boot: "boot"
      case .template: "template"
      case .clone: "clone"
      }
    }
  }

  @Test("one guest is booted, and all cases of a round share a clone of it")
  func rounds() async throws {
    let host = ScriptedHost()
    let run = try await ScriptedRun.go(plan(3, "a", "b"), on: host)
    #expect(kinds(host) == ["template", "clone", "clone", "clone"])
    #expect(run.boots.map(\.clone?.boot) == [nil, 1, 1, 1])
    #expect(
      run.results.map { "\($0.round ?? 0) \($0.name):\($0.verdict)" }
        == ["1 a:pass", "1 b:pass", "2 a:pass", "2 b:pass", "3 a:pass", "3 b:pass"])
    // The next round's guest stands ready while a case runs, and after the last none is wanted.
    #expect(host.anticipated.count == 2)
  }

  @Test("who asks for the rounds says which is the last")
  func over() async throws {
    let host = ScriptedHost()
    let rounds = Locked(0)
    try await run(
      plan(9, "a"), name: "t", on: host,
      isOver: {
        rounds.with { count in
          count += 1
          return count == 2
        }
      }, emit: { _ in })
    #expect(kinds(host) == ["template", "clone", "clone"])
  }

  @Test("where the guest cannot be forked there is one round, in a guest that is booted")
  func refused() async throws {
    let frozen = ScriptedHost(GuestScript(), GuestScript())
    var template = GuestScript()
    template.freezing = "QEMU says no"
    let host = ScriptedHost(template, GuestScript())
    let run = try await ScriptedRun.go(plan(5, "a"), on: host)
    #expect(kinds(host) == ["template", "boot"] && run.told == ["a:pass"] && run.verdict == .pass)
    _ = try await ScriptedRun.go(plan(5, "a", forks: false), on: frozen)
    #expect(kinds(frozen) == ["boot"])
    let silent = ScriptedHost(GuestScript(), GuestScript(wakes: false), GuestScript())
    let first = try await ScriptedRun.go(plan(5, "a"), on: silent)
    #expect(kinds(silent) == ["template", "clone", "boot"] && first.told == ["a:pass"])
  }

  @Test("a clone of a later round that does not answer is the end, and no other boot takes its place")
  func lost() async throws {
    let host = ScriptedHost(GuestScript(), GuestScript(), GuestScript(), GuestScript(wakes: false), GuestScript())
    let run = try await ScriptedRun.go(plan(9, "a"), on: host)
    #expect(kinds(host) == ["template", "clone", "clone", "clone"])
    #expect(run.told == ["a:pass", "a:pass"] && run.verdict == .pass)
  }

  @Test("a case that must boot is run once")
  func mustBoot() async throws {
    var plan = try plan(4, "a", "b")
    plan.suites[0].cases[1].test.fresh = true
    plan.suites[0].cases[1].test.boots = true
    let host = ScriptedHost()
    let run = try await ScriptedRun.go(plan, on: host)
    #expect(run.told.sorted() == ["a:pass", "b:pass"] && !kinds(host).contains("clone"))
  }
}

/// A host whose clones do not start.
private struct CloneFailure: GuestHost {
  let host = ScriptedHost()

  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    if case .clone = description.origin { throw GuestError.noFork("its QEMU has ended") }
    return try await host.withGuest(description, body)
  }
}

@Suite("A run that goes on from an earlier run's guest")
struct KeptTemplateTests {
  /// A host that has a guest kept, or not.
  private final class KeepingHost: GuestHost {
    let host: ScriptedHost
    let kept: KeptTemplate
    let told = Locked<[String]>([])
    init(_ host: ScriptedHost, _ kept: KeptTemplate) { (self.host, self.kept) = (host, kept) }

    func withGuest<Result: Sendable>(
      _ description: GuestDescription, _ body: (any Guest) async throws -> Result
    ) async throws -> Result { try await host.withGuest(description, body) }

    func keptTemplate(_ description: GuestDescription, after preparation: String) async -> KeptTemplate {
      told.with { $0.append("asked after \(preparation)") }
      return kept
    }

    func keep(_ template: GuestTemplate, after preparation: String, from origin: TemplateOrigin) async {
      told.with { $0.append("kept boot \(origin.boot) of \(origin.run) after \(preparation)") }
    }

    func discard(_ template: GuestTemplate) async { told.with { $0.append("discarded") } }
  }

  private static func plan() throws -> Plan {
    var plan = try ScriptedRun.plan(
      ["a", "b"].map { Case(name: $0, run: [$0]) }, setup: [["prepare"]], isolation: .case, forks: true)
    plan.settings.keepsTemplates = true
    return plan
  }

  private static var yesterdays: KeptTemplate {
    .found(
      GuestTemplate(GuestSample.description(), directory: "/nonexistent/kept", stopped: .now - .seconds(600)),
      TemplateOrigin(run: "earlier", boot: 4, seconds: 3))
  }

  @Test("nothing is booted, and each clone says which boot it is of")
  func found() async throws {
    let host = KeepingHost(ScriptedHost(), Self.yesterdays)
    let run = try await ScriptedRun.go(Self.plan(), on: host)
    #expect(run.told == ["a:pass", "b:pass"] && run.verdict == .pass)
    #expect(run.boots.map(\.id) == [1, 2] && run.boots.map(\.clone?.boot) == [4, 4])
    #expect(run.boots.allSatisfy { $0.clone?.run == "earlier" && ($0.clone?.age ?? 0) >= 600 })
    #expect(host.told.with { $0 } == ["asked after setup [\"prepare\"]"])
    let notices = run.words.filter { $0.hasPrefix("notice") }
    #expect(
      notices.count == 1 && notices[0].contains("boot 4 of run earlier, stopped 10 min ago; --new-boot"), "\(notices)")
  }

  @Test("a boot without a word is kept")
  func keeps() async throws {
    let host = KeepingHost(ScriptedHost(), .none)
    _ = try await ScriptedRun.go(Self.plan(), on: host)
    let preparation = "setup [\"prepare\"]"
    #expect(host.told.with { $0 } == ["asked after \(preparation)", "kept boot 1 of t after \(preparation)"])
  }

  @Test("a boot with a splat or a notice is not kept", arguments: [true, false])
  func notClean(_ isSplat: Bool) async throws {
    let words = isSplat ? GuestScript.warning : .message(.notice("something"))
    let script = GuestScript(ready: { [GuestScript.kernel(Marker.ready.line(token: $0)), words] })
    let host = KeepingHost(ScriptedHost(script, GuestScript()), .none)
    _ = try await ScriptedRun.go(Self.plan(), on: host)
    #expect(host.told.with { $0.count } == 1)
  }

  @Test("a damaged one, or one whose clones do not answer, is given up, and one is booted", arguments: [true, false])
  func useless(_ isDamaged: Bool) async throws {
    let scripts = isDamaged ? [GuestScript()] : [GuestScript(wakes: false), GuestScript()]
    let host = KeepingHost(ScriptedHost(scripts), isDamaged ? .damaged("state was cut short") : Self.yesterdays)
    let run = try await ScriptedRun.go(Self.plan(), on: host)
    #expect(run.told == ["a:pass", "b:pass"] && run.verdict == .pass, "\(run.words)")
    let kinds = host.host.descriptions.map { description -> String in
      switch description.origin {
      case .boot: "boot"
      case .template: "template"
      case .clone: "clone"
      }
    }
    #expect(kinds == (isDamaged ? [] : ["clone"]) + ["template", "clone", "clone"])
    #expect(host.told.with { $0.contains("discarded") } == !isDamaged)
    #expect(run.words.contains { $0.contains("cut short") } == isDamaged)
  }
}
