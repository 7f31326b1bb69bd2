import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("A run against a scripted guest")
struct RunTests {
  private func cases(_ names: String...) -> [Case] { names.map { Case(name: $0, run: [$0]) } }

  /// One case in one guest that plays this.
  private func one(_ play: @escaping @Sendable (CaseRequest) -> [GuestEvent]) async throws -> ScriptedRun {
    try await ScriptedRun.go(ScriptedRun.plan(cases("a")), on: ScriptedHost(GuestScript { play($0) }))
  }

  @Test("events in their order")
  func order() async throws {
    let host = ScriptedHost()
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b")), on: host)
    #expect(
      run.words == [
        "run 2 1", "boot 1 a,b", "ready 1", "case 1 a", "pass a", "case 1 b", "pass b", "end 1 pass", "over pass",
      ])
    #expect(host.descriptions.map(\.name) == ["ktest-t-1"])
    #expect(host.guests[0].sent.last == .powerOff && !host.guests[0].wasKilled && host.running == 0)
    #expect(run.results.allSatisfy { $0.subtests == SubtestCounts(pass: 1) && $0.boot == 1 })
  }

  @Test("nothing boots when every case is skipped before")
  func allSkipped() async throws {
    let host = ScriptedHost()
    let plan = try ScriptedRun.plan(cases("a", "b"), skips: ["a": "CONFIG_X is not set", "b": "no module y"])
    let run = try await ScriptedRun.go(plan, on: host)
    #expect(plan.boots == 0 && host.guests.isEmpty && run.verdict == .skip)
    #expect(run.words == ["run 2 0", "case - a", "skip a", "case - b", "skip b", "over skip"])
    #expect(run.results.map(\.reason) == ["CONFIG_X is not set", "no module y"])
  }

  @Test("a case that does not exist on the kernel is named once and counts nowhere")
  func absent() async throws {
    var plan = try ScriptedRun.plan(cases("a"))
    plan.suites[0].absent = [AbsentCase(name: "b", reason: "is for kernels >=7.0, and this is 6.12")]
    let run = try await ScriptedRun.go(plan, on: ScriptedHost())
    #expect(
      run.words == [
        "run 1 1", "absent b is for kernels >=7.0, and this is 6.12", "boot 1 a", "ready 1", "case 1 a", "pass a",
        "end 1 pass", "over pass",
      ])
    plan.suites[0].cases = []
    #expect(try await ScriptedRun.go(plan, on: ScriptedHost()).verdict == .skip)
  }

  @Test("an entry under skips that nothing needed is named once, one that something needed is not")
  func needlessSkips() async throws {
    var test = Case(name: "a", run: ["a"], subtests: .all)
    test.skips = [JudgeRow.skips("x", saying: "no pages"), JudgeRow.skips("ksm*"), JudgeRow.skips("*", saying: "thp")]
    var plan = try ScriptedRun.plan([test])
    plan.suites.append(plan.suites[0])
    plan.suites[1].kernel.label = "other"
    let output = "1..2\nok 1 x # SKIP no pages\nok 2 y\n"
    let run = try await ScriptedRun.go(plan, on: ScriptedHost(GuestScript { GuestScript.run($0, output: output) }))
    #expect(run.told == ["a:pass", "a:pass"])
    #expect(
      run.words.filter { $0.hasPrefix("notice") } == [
        "notice s/a: nothing was skipped for the known reason 'it is off' (skips: ksm*)",
        "notice s/a: nothing was skipped for the known reason 'it is off' (skips: *)",
      ])
  }

  @Test("a case that wants its own guest gets it, the others share one")
  func fresh() async throws {
    var list = cases("a", "b", "c")
    list[1].fresh = true
    let host = ScriptedHost()
    let run = try await ScriptedRun.go(ScriptedRun.plan(list), on: host)
    #expect(run.words.filter { $0.hasPrefix("boot") } == ["boot 1 a,c", "boot 2 b"])
    #expect(run.told.sorted() == ["a:pass", "b:pass", "c:pass"])
    let tokens = host.guests.flatMap(\.sent).compactMap { if case .ready(let token) = $0 { token } else { nil } }
    #expect(Set(tokens).count == 2, "each boot has a token of its own")
  }

  // MARK: - Before the first case

  @Test(
    "a boot that comes to nothing: each case says why",
    arguments: [
      BootRow(
        "silent", .timeout, "did not reach the agent within 30 s; its last line: [    4.400000] Run /init",
        [GuestScript.kernel("Run /init")]),
      BootRow("silent without a word", .timeout, "no output", []),
      BootRow("reset", .crash, "reset or powered off before", [.ended(.poweredOff)]),
      BootRow("panic", .crash, "did not reach user space: kernel panic", [GuestScript.panic(), .ended(.poweredOff)]),
      BootRow("panic that hangs", .crash, "kernel panic", [GuestScript.panic(), .panicked]),
      BootRow(
        "no init", .error, "no init in the image", [GuestScript.panic("No working init found."), .ended(.poweredOff)]),
      BootRow("QEMU lost", .error, "QEMU ended before", [.ended(.failed)]),
      BootRow("broken channel", .error, "rubbish", [.channelBroken("rubbish")]),
      BootRow(
        "other protocol", .error, "another version of the protocol",
        [
          .message(
            .hello(Hello(version: 99, release: "6.12.0", uptimeMilliseconds: 1, cpuFlags: [], channel: "virtio")))
        ]),
    ])
  func boot(_ row: BootRow) async throws {
    let host = ScriptedHost(GuestScript(start: row.events))
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b")), on: host)
    #expect(run.told == ["a:\(row.verdict)", "b:\(row.verdict)"])
    for reason in run.results.map(\.reason) + [run.boots.first?.reason] {
      #expect(reason?.contains(row.reason) == true, "\(reason ?? "no reason")")
    }
    #expect(run.verdict == row.verdict && host.guests.count == 1 && !run.interrupted)
    #expect(run.results.allSatisfy { $0.boot == 1 } && run.boots.first?.readySeconds == nil)
  }

  @Test("no guest can be started: each case says why")
  func noGuest() async throws {
    let host = ScriptedHost(failure: GuestError.missingQEMU("not found"))
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b")), on: host)
    #expect(run.told == ["a:error", "b:error"] && run.verdict == .error)
    #expect(run.results.allSatisfy { $0.reason?.contains("qemu-system-x86") == true })
  }

  @Test("another kernel than the plan's is told")
  func otherRelease() async throws {
    let hello = Hello(
      version: Hello.currentVersion, release: "5.4", uptimeMilliseconds: 1, cpuFlags: [], channel: "virtio")
    let host = ScriptedHost(GuestScript(start: [.message(.hello(hello))]))
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a")), on: host)
    #expect(run.words.contains("notice boot 1: the guest runs 5.4 instead of 6.12.0"))
    #expect(run.told == ["a:pass"])
  }

  @Test("a module of the suite that does not load, a guest that dies of it, a QEMU that is lost")
  func suiteModule() async throws {
    let rows: [([GuestEvent], Verdict, String)] = [
      (
        [.message(.moduleLoaded(name: "m", error: "Invalid argument"))], .error,
        "module m was not loaded: Invalid argument"
      ),
      ([], .error, "module m was not loaded: the guest did not answer"),
      ([GuestScript.panic(), .ended(.poweredOff)], .crash, "kernel panic"),
      ([GuestScript.panic(), .panicked], .crash, "kernel panic"),
      ([.ended(.poweredOff)], .crash, "reset or powered off"),
      ([GuestScript.panic("Attempted to kill init! exitcode=0x9"), .ended(.poweredOff)], .error, "agent died"),
      ([.ended(.failed)], .error, "QEMU ended"),
      ([.channelBroken("rubbish")], .error, "rubbish"),
    ]
    for (events, verdict, reason) in rows {
      let script = GuestScript(modules: { $0.name == "m" ? events : nil })
      let plan = try ScriptedRun.plan(
        cases("a"), modules: [ModuleLoad(name: "k", path: "/k"), ModuleLoad(name: "m", path: "/m")])
      let run = try await ScriptedRun.go(plan, on: ScriptedHost(script))
      #expect(run.told == ["a:\(verdict)"], "\(events)")
      #expect(run.results.first?.reason?.contains(reason) == true, "\(run.results)")
      #expect(run.boots.map(\.verdict) == [verdict])
    }
  }

  @Test("setup that fails is an error of each case, and names what failed")
  func setup() async throws {
    let script = GuestScript { request in
      guard request.name == "setup" else { return nil }
      return request.arguments == ["mkfs", "/dev/x"]
        ? GuestScript.run(
          request,
          [.message(.output(id: request.id, isError: true, bytes: Array("mkfs: no such device\nsee mkfs(8)".utf8)))],
          end: CaseEnd(id: request.id, outcome: .exited(status: 3)))
        : GuestScript.run(request, output: "cannot fail\n")
    }
    let plan = try ScriptedRun.plan(cases("a"), setup: [["true"], ["mkfs", "/dev/x"]])
    let run = try await ScriptedRun.go(plan, on: ScriptedHost(script))
    #expect(run.told == ["a:error"])
    #expect(
      run.results.first?.reason == "setup 'mkfs /dev/x' failed: exit status 3, saying 'mkfs: no such device'")
    #expect(!run.events.contains { if case .output = $0 { true } else { false } })
    let quiet = try await ScriptedRun.go(
      plan, on: ScriptedHost(GuestScript { request in request.name == "setup" ? [] : nil }))
    #expect(quiet.results.first?.reason == "setup 'true' did not end")
  }

  // MARK: - While a case runs

  @Test(
    "a case that does not end by itself",
    arguments: [
      BootRow("silent", .timeout, "did not answer within 60 s", []),
      BootRow("guest gone", .crash, "reset or powered off", [.ended(.poweredOff)]),
      BootRow(
        "panic", .crash, "kernel panic: sysrq triggered crash", [GuestScript.panic(), .panicked, .ended(.poweredOff)]),
      BootRow("pvpanic only", .crash, "the kernel panicked", [.panicked]),
      BootRow(
        "agent died", .error, "agent died",
        [GuestScript.panic("Attempted to kill init! exitcode=0x1"), .ended(.poweredOff)]),
      BootRow("QEMU lost", .error, "QEMU ended", [.ended(.failed)]),
      BootRow("broken channel", .error, "rubbish", [.channelBroken("rubbish")]),
      BootRow(
        "an end of another case", .timeout, "did not answer",
        [.message(.caseEnded(CaseEnd(id: 9, outcome: .exited(status: 0))))]),
    ])
  func noEnd(_ row: BootRow) async throws {
    let host = ScriptedHost(GuestScript { request in request.name == "b" ? row.events : nil }, GuestScript())
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b", "c")), on: host)
    #expect(run.told == ["a:pass", "b:\(row.verdict)", "c:pass"])
    #expect(run.results[1].reason?.contains(row.reason) == true, "\(run.results[1].reason ?? "")")
    #expect(run.results.map(\.boot) == [1, 1, 2], "what remains gets a new guest")
  }

  @Test("a splat while a case runs fails it, and the next case has another guest")
  func splatInside() async throws {
    let script = GuestScript { request in
      request.name == "a" ? GuestScript.run(request, output: "1..1\nok 1 x\n", [GuestScript.warning]) : nil
    }
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b")), on: ScriptedHost(script))
    #expect(run.told == ["a:fail", "b:pass"] && run.results.map(\.boot) == [1, 2])
    #expect(run.results[0].splats.map(\.title) == ["WARNING in gup_leaf"])
  }

  @Test("a splat just after the case's end is the case's")
  func splatAfter() async throws {
    let run = try await one { GuestScript.run($0, output: "1..1\nok 1 x\n", after: [GuestScript.warning]) }
    #expect(run.told == ["a:fail"] && run.boots.map(\.verdict) == [.pass])
    #expect(run.results[0].reason == "kernel: WARNING in gup_leaf")
  }

  @Test("a guest that goes just after the case's end has crashed")
  func goneAfter() async throws {
    for (end, verdict) in [(GuestEvent.End.poweredOff, Verdict.crash), (.failed, .error)] {
      let run = try await one { GuestScript.run($0, output: "1..1\nok 1 x\n", after: [.ended(end)]) }
      #expect(run.told == ["a:\(verdict)"])
    }
  }

  @Test("a splat outside of a case is the boot's")
  func splatOutside() async throws {
    let host = ScriptedHost(GuestScript(powerOff: [GuestScript.warning]))
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a")), on: host)
    #expect(run.told == ["a:pass"] && run.boots.map(\.verdict) == [.fail] && run.verdict == .fail)
    #expect(run.boots[0].reason?.contains("WARNING in gup_leaf") == true)
    let fatal = ScriptedHost(GuestScript(powerOff: [GuestScript.panic()]))
    #expect(try await ScriptedRun.go(ScriptedRun.plan(cases("a")), on: fatal).boots.map(\.verdict) == [.crash])
    let rules = DmesgRules(allow: [JudgeRow.entry("WARNING in gup_leaf")])
    let allowed = try await ScriptedRun.go(ScriptedRun.plan(cases("a"), dmesg: rules), on: host)
    #expect(allowed.boots.map(\.verdict) == [.pass] && allowed.verdict == .pass)
  }

  @Test("a process that hangs in the kernel: no other case runs in that guest")
  func leftover() async throws {
    let script = GuestScript { request in
      guard request.name == "a" else { return nil }
      let end = CaseEnd(id: request.id, outcome: .exited(status: 0), leftover: true)
      return GuestScript.run(request, output: "1..1\nok 1 x\n", end: end)
    }
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b")), on: ScriptedHost(script))
    #expect(run.told == ["a:fail", "b:pass"] && run.results.map(\.boot) == [1, 2])
  }

  @Test("a plain failure leaves the guest to the next case")
  func failureKeepsGuest() async throws {
    let script = GuestScript { request in
      request.name == "a" ? GuestScript.run(request, output: "1..1\nnot ok 1 x\n") : nil
    }
    let host = ScriptedHost(script)
    let run = try await ScriptedRun.go(ScriptedRun.plan(cases("a", "b")), on: host)
    #expect(run.told == ["a:fail", "b:pass"] && host.guests.count == 1)
  }

  @Test("output under another case's number is not the case's")
  func foreignOutput() async throws {
    let run = try await one { request in
      let foreign = GuestMessage.output(id: request.id + 1, isError: false, bytes: Array("1..1\nok 1 x\n".utf8))
      return GuestScript.run(request, [.message(foreign)])
    }
    #expect(run.told == ["a:fail"] && run.results[0].reason?.contains("no KTAP") == true)
    #expect(!run.events.contains { if case .output(_, _, _, _, _, let bytes) = $0 { !bytes.isEmpty } else { false } })
  }

  @Test("KTAP on stderr is no result")
  func standardError() async throws {
    let run = try await one { request in
      let text = GuestMessage.output(id: request.id, isError: true, bytes: Array("1..1\nok 1 x\n".utf8))
      return GuestScript.run(request, [.message(text)])
    }
    #expect(run.told == ["a:fail"])
  }

  @Test("a module of the case: refused, fatal, QEMU lost")
  func caseModule() async throws {
    let rows: [([GuestEvent], Verdict, String)] = [
      ([.message(.moduleLoaded(name: "m", error: "No such device"))], .fail, "No such device"),
      (
        [GuestScript.warning, .message(.moduleLoaded(name: "m", error: "No such device"))], .fail, "WARNING in gup_leaf"
      ),
      ([GuestScript.panic(), .ended(.poweredOff)], .crash, "kernel panic"),
      ([.ended(.failed)], .error, "QEMU ended"), ([], .timeout, "did not answer"),
    ]
    for (events, verdict, reason) in rows {
      let host = ScriptedHost(GuestScript(modules: { _ in events }))
      let plan = try ScriptedRun.plan(cases("a"), caseModules: ["a": [ModuleLoad(name: "m", path: "/m")]])
      let run = try await ScriptedRun.go(plan, on: host)
      #expect(run.told == ["a:\(verdict)"])
      #expect(run.results[0].reason?.contains(reason) == true, "\(run.results[0].reason ?? "")")
      #expect(!host.guests[0].sent.contains { if case .runCase = $0 { true } else { false } })
    }
  }

  @Test func theKernelMayRefuseAnOptionalModule() async throws {
    let script = GuestScript(modules: { [.message(.moduleLoaded(name: $0.name, error: "No such device"))] })
    let optional = [ModuleLoad(name: "m", path: "/m", isOptional: true)]
    let plan = try ScriptedRun.plan(cases("a"), modules: optional, caseModules: ["a": optional])
    #expect(try await ScriptedRun.go(plan, on: ScriptedHost(script)).told == ["a:pass"])
  }

  @Test("a processor without the flag: skip, and nothing is run")
  func cpuFlag() async throws {
    var list = cases("a", "b")
    list[0].requires.cpu = ["fpu", "pdpe1gb"]
    let run = try await ScriptedRun.go(ScriptedRun.plan(list), on: ScriptedHost())
    #expect(run.told == ["a:skip", "b:pass"] && run.results[0].reason == "the guest's processor has no pdpe1gb")
  }

  @Test("a flood of messages that nobody waits for changes nothing")
  func messageFlood() async throws {
    let run = try await one { request in
      let flood = (0..<5000).map { GuestEvent.message(.prepared(failures: ["\($0)"])) }
      return GuestScript.run(request, output: "1..1\nok 1 x\n", flood)
    }
    #expect(run.told == ["a:pass"])
  }

  // MARK: - The run's own end

  @Test("cancelled in a case: finished cases keep their verdicts, no guest stays")
  func cancelled() async throws {
    let host = ScriptedHost()
    let events = Locked<[RunEvent]>([])
    let plan = try ScriptedRun.plan(cases("a", "b", "c"))
    let task = Task {
      try await run(plan, name: "t", on: host) { event in
        events.with { $0.append(event) }
        if case .caseStarted(_, _, _, "b") = event { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    let outcome = try await task.value
    let seen = ScriptedRun(events: events.with { $0 }, verdict: outcome.verdict, interrupted: outcome.interrupted)
    #expect(seen.told == ["a:pass", "b:error"] && seen.results[1].reason == "interrupted")
    #expect(seen.interrupted && seen.words.last == "over error interrupted")
    #expect(host.guests.count == 1 && host.guests[0].wasKilled && host.running == 0)
  }

  @Test("what emit throws ends the guest and the run", arguments: ["ready", "case", "pass"])
  func emitThrows(_ at: String) async throws {
    struct DiskFull: Error {}
    let host = ScriptedHost()
    let plan = try ScriptedRun.plan(cases("a", "b"))
    await #expect(throws: DiskFull.self) {
      try await run(plan, name: "t", on: host) { event in
        switch event {
        case .bootReady where at == "ready", .caseStarted where at == "case", .caseFinished where at == "pass":
          throw DiskFull()
        default: break
        }
      }
    }
    #expect(host.guests.count == 1 && host.running == 0)
  }
}

/// What a guest does instead of what it should, and what is said of it.
struct BootRow: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var verdict: Verdict
  var reason: String
  var events: [GuestEvent]

  init(_ name: String, _ verdict: Verdict, _ reason: String, _ events: [GuestEvent]) {
    (testDescription, self.verdict, self.reason, self.events) = (name, verdict, reason, events)
  }
}
