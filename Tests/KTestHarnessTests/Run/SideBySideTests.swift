import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("Guests side by side")
struct SideBySideTests {
  static func fresh(_ names: String...) -> [Case] {
    names.map { name in
      var test = Case(name: name, run: [name])
      test.fresh = true
      return test
    }
  }

  private static func schedule(_ count: Int) -> GuestSchedule { GuestSchedule(SharedBudget(.most(count))) }

  /// Runs a plan, and checks what holds of every run: one event at a time, and each guest's in its order.
  private func go(
    _ plan: Plan, on host: some GuestHost, _ schedule: GuestSchedule, tell: @escaping RunEmit = { _ in }
  ) async throws -> ScriptedRun {
    let (events, busy) = (Locked<[RunEvent]>([]), Locked(false))
    let outcome = try await run(plan, name: "t", on: host, schedule: schedule) { event in
      let wasBusy = busy.with { busy in
        defer { busy = true }
        return busy
      }
      #expect(!wasBusy, "two events at a time")
      await Task.yield()
      events.with { $0.append(event) }
      busy.with { $0 = false }
      try await tell(event)
    }
    let run = ScriptedRun(events: events.with { $0 }, verdict: outcome.verdict, interrupted: outcome.interrupted)
    let started = run.words.filter { $0.hasPrefix("boot ") }.compactMap { $0.split(separator: " ")[1] }
    #expect(Set(started).count == started.count)
    for boot in run.boots.map(\.id) {
      let own = run.words.compactMap { word -> String? in
        let parts = word.split(separator: " ")
        guard parts.count > 1, parts[1] == "\(boot)", parts[0] != "run", parts[0] != "notice" else { return nil }
        return String(parts[0])
      }
      // After the end come the cases that a hopeless guest could not run.
      #expect(
        own.first == "boot" && own.contains("end")
          && own.drop { $0 != "end" }.allSatisfy { ["end", "case"].contains($0) }, "\(own)")
    }
    return run
  }

  @Test func casesWithTheirOwnGuestsRunAtTheSameTime() async throws {
    let host = MeetingHost(of: 3)
    let run = try await go(try ScriptedRun.plan(Self.fresh("a", "b", "c")), on: host, Self.schedule(3))
    #expect(run.told.sorted() == ["a:pass", "b:pass", "c:pass"] && run.verdict == .pass && !run.interrupted)
    #expect(host.most == 3 && host.running == 0)
    #expect(run.words.prefix(2) == ["run 3 3", "plan s a,b,c"] && run.words.last == "over pass")
  }

  @Test func neverMoreThanAskedFor() async throws {
    let host = MeetingHost(of: 2)
    let cases = Self.fresh("a", "b", "c", "d", "e", "f", "g")
    let run = try await go(try ScriptedRun.plan(cases), on: host, Self.schedule(2))
    #expect(run.told.count == 7 && host.most == 2 && host.guests.count == 7)
  }

  @Test func casesThatShareAGuestStillDo() async throws {
    let cases = [Case(name: "a", run: ["a"])] + Self.fresh("b") + [Case(name: "c", run: ["c"])]
    let run = try await go(try ScriptedRun.plan(cases), on: MeetingHost(of: 2), Self.schedule(8))
    #expect(run.words.filter { $0.hasPrefix("boot") }.sorted() == ["boot 1 a,c", "boot 2 b"])
    #expect(run.words.count { $0 == "run 3 2" } == 1)
  }

  @Test func aGuestThatDiesTakesNobodyAlong() async throws {
    let script = GuestScript { request in
      request.name == "b" ? [GuestScript.begin(request), .ended(.failed)] : nil
    }
    let host = MeetingHost(of: 3, script)
    let run = try await go(try ScriptedRun.plan(Self.fresh("a", "b", "c")), on: host, Self.schedule(3))
    #expect(run.told.sorted() == ["a:pass", "b:error", "c:pass"] && run.verdict == .error && host.running == 0)
  }

  /// What a guest could not run goes on in a new one, beside the others.
  @Test func whatAGuestHasLeftRunsInANewOne() async throws {
    let script = GuestScript { request in
      request.name == "a" ? GuestScript.run(request, output: "1..1\nok 1 a\n", [GuestScript.warning]) : nil
    }
    let cases = ["a", "b", "c"].map { Case(name: $0, run: [$0]) } + Self.fresh("d")
    let run = try await go(try ScriptedRun.plan(cases), on: MeetingHost(of: 2, script), Self.schedule(2))
    #expect(run.words.filter { $0.hasPrefix("boot") }.sorted() == ["boot 1 a,b,c", "boot 2 d", "boot 3 b,c"])
    #expect(run.told.sorted() == ["a:fail", "b:pass", "c:pass", "d:pass"])
  }

  @Test func aKernelThatNeverBootsIsStartedAsOftenAsOneByOne() async throws {
    let cases = ["a", "b"].map { Case(name: $0, run: [$0]) } + Self.fresh("c", "d")
    let plan = try ScriptedRun.plan(cases)
    let script = GuestScript(start: [GuestScript.panic(), .ended(.poweredOff)])
    let (one, several) = (ScriptedHost(script), MeetingHost(of: 2, script))
    let first = try await ScriptedRun.go(plan, on: one)
    let second = try await go(plan, on: several, Self.schedule(2))
    #expect(one.guests.count == 3 && several.guests.count == 3)
    #expect(first.told.sorted() == second.told.sorted() && second.told.count == 4)
  }

  @Test func whatIsSkippedIsToldOnce() async throws {
    let cases = Self.fresh("a", "b", "c", "d", "e")
    let plan = try ScriptedRun.plan(cases, skips: ["a": "no", "c": "no", "e": "no"])
    let run = try await go(plan, on: MeetingHost(of: 2), Self.schedule(2))
    #expect(run.told.sorted() == ["a:skip", "b:pass", "c:skip", "d:pass", "e:skip"] && run.verdict == .pass)
  }

  /// A full disk: no guest stays, and nothing is told after it.
  @Test(arguments: ["ready", "case", "pass"])
  func whatEmitThrowsEndsAllGuests(_ at: String) async throws {
    struct DiskFull: Error {}
    let host = MeetingHost(of: 4, hangs: { $0 != "a" })
    let after = Locked(0)
    let plan = try ScriptedRun.plan(Self.fresh("a", "b", "c", "d", "e"))
    await #expect(throws: DiskFull.self) {
      try await run(plan, name: "t", on: host, schedule: Self.schedule(4)) { event in
        if after.with({ $0 }) > 0 { after.with { $0 += 1 } }
        switch event {
        case .bootReady where at == "ready", .caseStarted where at == "case", .caseFinished where at == "pass":
          after.with { $0 += 1 }
          throw DiskFull()
        default: break
        }
      }
    }
    #expect(host.running == 0 && host.guests.count == 4 && after.with { $0 } == 1)
  }

  @Test func cancelledWithFiveGuests() async throws {
    let host = MeetingHost(of: 5, hangs: { $0 != "a" })
    let (seen, signal) = AsyncStream.makeStream(of: RunEvent.self)
    let plan = try ScriptedRun.plan(Self.fresh("a", "b", "c", "d", "e", "f", "g"))
    let task = Task { try await go(plan, on: host, Self.schedule(5)) { signal.yield($0) } }
    var (started, isDone) = (Set<String>(), false)
    for await event in seen {
      if case .caseStarted(_, _, _, let name) = event { started.insert(name) }
      if case .caseFinished = event { isDone = true }
      // The place of the first is taken by the next.
      if isDone, started.count == 6 { break }
    }
    task.cancel()
    let run = try await task.value
    #expect(run.interrupted && run.words.last == "over error interrupted" && host.running == 0)
    #expect(run.told.sorted() == ["a:pass", "b:error", "c:error", "d:error", "e:error", "f:error"])
    #expect(run.results.filter { $0.name != "a" }.allSatisfy { $0.reason == "interrupted" })
    #expect(!run.results.flatMap(\.findings).contains { $0.cause.kind == .timeout })
    #expect(host.guests.count == 6 && run.boots.count == 6)
  }

  @Test func theLongestIsFirst() async throws {
    let times = ["a": 1.0, "b": 9, "c": 5]
    let schedule = GuestSchedule(SharedBudget(.most(2))) { _, test in test.map { times[$0] } ?? 1 }
    let cases = Self.fresh("a", "b", "c", "unknown")
    let run = try await go(try ScriptedRun.plan(cases), on: MeetingHost(of: 2), schedule)
    #expect(
      run.words.filter { $0.hasPrefix("boot") }.sorted() == ["boot 1 unknown", "boot 2 b", "boot 3 c", "boot 4 a"])
    // One after the other keeps the order of the plan.
    let one = GuestSchedule(SharedBudget(.one)) { _, test in test.map { times[$0] } ?? 1 }
    let plain = try await go(try ScriptedRun.plan(cases), on: ScriptedHost(), one)
    #expect(plain.told == ["a:pass", "b:pass", "c:pass", "unknown:pass"])
    #expect(!plain.words.contains { $0.hasPrefix("plan") })
  }

  // MARK: - The host's budget

  private static func room(gib: UInt64) -> @Sendable () -> HostRoom {
    { HostRoom(processors: 8, memory: 8 << 30, available: gib << 30, files: 1000) }
  }

  @Test func aGuestThatDoesNotFitIsAlone() async throws {
    let schedule = GuestSchedule(SharedBudget(.most(2), room: Self.room(gib: 1)))
    let host = MeetingHost(of: 1)
    let run = try await go(try ScriptedRun.plan(Self.fresh("a", "b")), on: host, schedule)
    #expect(run.told.sorted() == ["a:pass", "b:pass"] && host.most == 1)
    let notices = run.words.filter { $0.hasPrefix("notice") }
    #expect(
      notices.contains(
        "notice ktest-t-1 takes 1280MiB of memory, and this host can give 204MiB without swapping: it runs alone"),
      "\(notices)")
  }

  @Test func whatOtherKtestsHaveIsWaitedFor() async throws {
    let tree = try TemporaryTree()
    func budget() throws -> SharedBudget {
      SharedBudget(.most(2), ledger: try ShareLedger(in: "\(tree.path)/shares"), room: Self.room(gib: 4))
    }
    let other = try budget()
    #expect(try await other.take(firstOf: [GuestShare(name: "x", memory: 3 << 30, processors: 1)]) == .taken(0))
    let schedule = GuestSchedule(try budget())
    let run = try await go(try ScriptedRun.plan(Self.fresh("a")), on: ScriptedHost(), schedule) { event in
      if case .notice = event { await other.giveBack("x") }
    }
    #expect(run.told == ["a:pass"])
    #expect(run.words[2] == "notice waiting for memory, which guests of another ktest have on this host")
  }

  @Test func aRunThatWaitsCanBeCancelled() async throws {
    let tree = try TemporaryTree()
    func budget() throws -> SharedBudget {
      SharedBudget(.auto, ledger: try ShareLedger(in: "\(tree.path)/shares"), room: Self.room(gib: 4))
    }
    let other = try budget()
    #expect(try await other.take(firstOf: [GuestShare(name: "x", memory: 3 << 30, processors: 1)]) == .taken(0))
    let (seen, signal) = AsyncStream.makeStream(of: RunEvent.self)
    let (plan, schedule, host) = (try ScriptedRun.plan(Self.fresh("a")), GuestSchedule(try budget()), ScriptedHost())
    let task = Task { try await go(plan, on: host, schedule) { signal.yield($0) } }
    for await event in seen { if case .notice = event { break } }
    task.cancel()
    let run = try await task.value
    #expect(run.interrupted && run.told == [] && host.guests.isEmpty && run.words.last == "over skip interrupted")
  }

  @Test func whoMeasuresTimeIsAloneUnlessToldOtherwise() async throws {
    var cases = Self.fresh("a", "b", "c")
    cases[1].metrics = [MetricDeclaration("m")]
    let plan = try ScriptedRun.plan(cases)
    let script = GuestScript { request in
      request.name == "b" ? GuestScript.run(request, output: "# metric m 1 us lower\n1..1\nok 1 b\n") : nil
    }
    let items = BootItem.items(of: plan.suites, at: 0, settings: plan.settings)
    func processors(_ count: GuestCount) -> [Int] {
      items.map { $0.share(name: "g", of: count, settings: plan.settings).processors }
    }
    #expect(processors(.auto) == [2, GuestShare.allProcessors, 2] && processors(.most(3)) == [2, 2, 2])
    let schedule = GuestSchedule(SharedBudget(.auto, room: Self.room(gib: 8)))
    let (up, together) = (Locked<[Int: [String]]>([:]), Locked<[[String]]>([]))
    let run = try await go(plan, on: MeetingHost(of: 1, script), schedule) { event in
      if case .bootStarted(let boot, _, _, let names) = event {
        let all = up.with { up in
          up[boot] = names
          return up.values.joined().sorted()
        }
        together.with { $0.append(all) }
      }
      if case .bootFinished(let result) = event { up.with { $0[result.id] = nil } }
    }
    #expect(run.told.sorted() == ["a:pass", "b:pass", "c:pass"])
    #expect(together.with { $0.filter { $0.contains("b") } } == [["b"]])
  }
}
