import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// A guest whose kernel log or whose agent's channel somebody has been at.
@Suite("Whether a kernel log is to be believed")
struct BelievedLogTests {
  private func go(
    _ script: GuestScript, dmesg: DmesgRules = DmesgRules(), _ names: [String] = ["a", "b"]
  ) async throws -> ScriptedRun {
    try await ScriptedRun.go(
      ScriptedRun.plan(names.map { Case(name: $0, run: [$0]) }, dmesg: dmesg), on: ScriptedHost(script))
  }

  private static let good = Array("1..1\nok 1 x\n".utf8)

  /// Case a plays this, the others do their duty.
  private func first(_ play: @escaping @Sendable (CaseRequest) -> [GuestEvent]) -> GuestScript {
    GuestScript { $0.name == "a" ? play($0) : nil }
  }

  private static func ended(_ request: CaseRequest, _ log: KernelLogReport = KernelLogReport()) -> [GuestEvent] {
    [
      .message(.output(id: request.id, isError: false, bytes: good)),
      .message(.caseEnded(CaseEnd(id: request.id, outcome: .exited(status: 0), log: log))),
    ]
  }

  @Test("a line of the agent's that does not come is an error, and the next case has another guest")
  func missingMarkers() async throws {
    for (play, which) in [
      ({ @Sendable request in [GuestScript.begin(request)] + Self.ended(request) }, "end"),
      ({ @Sendable request in Self.ended(request) + [GuestScript.end(request)] }, "start"),
      ({ @Sendable request in Self.ended(request) }, "start and end"),
    ] as [(@Sendable (CaseRequest) -> [GuestEvent], String)] {
      let run = try await go(first(play))
      #expect(run.told == ["a:error", "b:pass"] && run.results.map(\.boot) == [1, 2])
      #expect(run.results[0].reason?.contains("line at the case's \(which) is missing") == true, "\(run.results[0])")
    }
  }

  @Test("a line of the agent's that the console's stream lost is brought by a look at QEMU's log")
  func lostMarker() async throws {
    var script = GuestScript()
    script.loses = { event, running in running.map { GuestScript.end($0) == event } ?? false }
    let run = try await go(script)
    #expect(run.told == ["a:pass", "b:pass"] && run.results.map(\.boot) == [1, 1])
  }

  @Test("a log that is only slow is waited for")
  func slow() async throws {
    let run = try await go(
      first { request in
        let chatter = (0..<2000).map { GuestScript.kernel("line \($0)") }
        return [GuestScript.begin(request)] + Self.ended(request) + chatter + [GuestScript.end(request)]
      })
    #expect(run.told == ["a:pass", "b:pass"] && run.results.map(\.boot) == [1, 1])
  }

  @Test("a boot whose log does not reach the host, and a kernel without a log: each case says so, and none is run")
  func noLog() async throws {
    let silent = GuestScript(ready: { _ in [] })
    let hello = Hello(
      version: Hello.currentVersion, release: "6.12.0", uptimeMilliseconds: 1, cpuFlags: [], channel: "virtio",
      logFailure: "open /dev/kmsg: No such file or directory")
    let forged = GuestScript(ready: { _ in [GuestScript.kernel("ktest[0123456789abc]: ready 0")] })
    for (script, reason) in [
      (silent, "does not reach ttyS0"), (forged, "does not reach ttyS0"),
      (GuestScript(start: [.message(.hello(hello))]), "needs CONFIG_PRINTK=y"),
    ] {
      let host = ScriptedHost(script)
      let run = try await ScriptedRun.go(
        ScriptedRun.plan([Case(name: "a", run: ["a"]), Case(name: "b", run: ["b"])]), on: host)
      #expect(run.told == ["a:error", "b:error"] && host.guests.count == 1)
      #expect(run.results[0].reason?.contains(reason) == true, "\(run.results[0])")
      #expect(!host.guests[0].sent.contains { if case .runCase = $0 { true } else { false } })
    }
  }

  @Test("a case that changes printk's settings is an error, and the next case has another guest")
  func settings() async throws {
    let change = KernelLogReport.Change(path: "/proc/sys/kernel/printk", before: "7 4 1 7", after: "1 4 1 7")
    let run = try await go(
      first { [GuestScript.begin($0)] + Self.ended($0, KernelLogReport(changes: [change])) + [GuestScript.end($0)] })
    #expect(run.told == ["a:error", "b:pass"] && run.results.map(\.boot) == [1, 2])
    // What the kernel does itself after an oops: it raises the console's level.
    let raised = KernelLogReport.Change(path: "/proc/sys/kernel/printk", before: "7 4 1 7", after: "15 4 1 7")
    let loud = try await go(
      first { [GuestScript.begin($0)] + Self.ended($0, KernelLogReport(changes: [raised])) + [GuestScript.end($0)] })
    #expect(loud.told == ["a:pass", "b:pass"] && loud.results.map(\.boot) == [1, 1])
    let setup = GuestScript { request in
      guard request.name == "setup" else { return nil }
      let end = CaseEnd(id: request.id, outcome: .exited(status: 0), log: KernelLogReport(changes: [change]))
      return GuestScript.run(request, end: end)
    }
    let refused = try await ScriptedRun.go(
      ScriptedRun.plan([Case(name: "a", run: ["a"])], setup: [["quieten"]]), on: ScriptedHost(setup))
    #expect(refused.told == ["a:error"])
    #expect(refused.results[0].reason?.hasPrefix("setup 'quieten' changed the kernel log settings") == true)
  }

  @Test("lines that the console has lost are an error where the buffer has lost some as well")
  func dropped() async throws {
    let lost = GuestEvent.console(Array("** 37 printk messages dropped **\r\n".utf8))
    for (isIncomplete, told) in [(true, ["a:error", "b:pass"]), (false, ["a:pass", "b:pass"])] {
      let run = try await go(
        first { request in
          [GuestScript.begin(request), lost] + Self.ended(request, KernelLogReport(isIncomplete: isIncomplete))
            + [GuestScript.end(request)]
        })
      #expect(run.told == told, "\(run.results)")
    }
  }

  @Test("a splat that stands in the log's buffer only is the case's")
  func hiddenSplat() async throws {
    guard case .console(let text) = GuestScript.warning else { return }
    let run = try await go(
      first {
        let records = GuestMessage.kernelLog(id: $0.id, key: $0.secrets.key, bytes: text)
        return GuestScript.run($0, output: "1..1\nok 1 x\n", [.message(records)])
      })
    #expect(run.told == ["a:fail", "b:pass"] && run.results.map(\.boot) == [1, 2])
    #expect(run.results[0].reason == "kernel: WARNING in gup_leaf (in the log buffer, not on the console)")
  }

  @Test("an expected message counts where the kernel has written it")
  func expected() async throws {
    let rules = DmesgRules(expect: [JudgeRow.entry("the line")])
    let line = GuestScript.kernel("the line")
    let forged = try await go(first { GuestScript.run($0, output: "1..1\nok 1 x\n", [line]) }, dmesg: rules, ["a"])
    #expect(forged.told == ["a:fail"] && forged.results[0].reason?.contains("seen 0 times") == true)
    let genuine = try await go(
      first {
        let records = GuestMessage.kernelLog(id: $0.id, key: $0.secrets.key, bytes: Array("[    4.4] the line\n".utf8))
        return GuestScript.run($0, output: "1..1\nok 1 x\n", [line, .message(records)])
      }, dmesg: rules, ["a"])
    #expect(genuine.told == ["a:pass"])
    let overrun = try await go(
      first {
        let end = CaseEnd(id: $0.id, outcome: .exited(status: 0), log: KernelLogReport(isIncomplete: true))
        return GuestScript.run($0, output: "1..1\nok 1 x\n", [line], end: end)
      }, dmesg: rules, ["a"])
    #expect(overrun.told == ["a:pass"])
    #expect(overrun.words.contains { $0.hasPrefix("notice boot 1: the kernel log buffer overflowed in a") })
  }

  // MARK: - Forgeries

  @Test("an end that does not carry the case's key is dropped, for this case and for the next")
  func forgedEnd() async throws {
    let forged = (1...9).map { id in
      GuestEvent.message(.caseEnded(CaseEnd(id: id, outcome: .exited(status: 0), key: 1)))
    }
    let bad = CaseEnd(id: 0, outcome: .exited(status: 1))
    let run = try await go(
      GuestScript { request in
        var end = bad
        end.id = request.id
        return GuestScript.run(request, output: "1..1\nok 1 x\n", forged, end: end)
      })
    #expect(run.told == ["a:fail", "b:fail"])
    #expect(
      run.words.contains { $0.hasPrefix("notice boot 1: unexpected message on the agent's channel (case 1") })
    #expect(run.words.contains("notice boot 1: 18 messages on the agent's channel were dropped"))
  }

  @Test("an end with the right key before its case, and a second one, are dropped")
  func staleEnd() async throws {
    let kept = Locked<CaseRequest?>(nil)
    let script = GuestScript { request in
      let former = kept.with { value in
        defer { value = request }
        return value
      }
      guard let former else { return GuestScript.run(request, output: "1..1\nok 1 x\n") }
      var again = CaseEnd(id: former.id, outcome: .exited(status: 0), key: former.secrets.key)
      var stale: [GuestEvent] = [.message(.caseEnded(again))]
      again.id = request.id
      stale.append(.message(.caseEnded(again)))
      return GuestScript.run(
        request, output: "1..1\nok 1 x\n", stale, end: CaseEnd(id: request.id, outcome: .exited(status: 1)))
    }
    let run = try await go(script)
    #expect(run.told == ["a:pass", "b:fail"] && run.results[1].reason?.contains("exited with 1") == true)
  }

  @Test("who says that the case is late, so that a warning seems to be asked for, has a case that was late")
  func forgedLateness() async throws {
    let script = GuestScript { request in
      guard request.name == "a" else { return nil }
      return [GuestScript.begin(request), .message(.caseLate(id: request.id))]
    } sysrq: { key in
      [GuestScript.warning, .message(.sysrqDone(key: key, failure: ""))]
    } stop: { request in
      Self.ended(request) + [GuestScript.end(request)]
    }
    let run = try await go(script)
    #expect(run.told == ["a:timeout", "b:pass"] && run.results.map(\.boot) == [1, 2])
  }

  @Test("the kernel's log without the case's key is nobody's")
  func forgedLog() async throws {
    let rules = DmesgRules(expect: [JudgeRow.entry("the line")])
    let run = try await go(
      first {
        let forged = GuestMessage.kernelLog(id: $0.id, key: 1, bytes: Array("[    4.4] the line\n".utf8))
        return GuestScript.run($0, output: "1..1\nok 1 x\n", [.message(forged)])
      }, dmesg: rules, ["a"])
    #expect(run.told == ["a:fail"])
  }

  @Test("the agent's line once more moves no splat out of the case, and is told")
  func replayedMarker() async throws {
    let run = try await go(
      first { request in
        let inside = [GuestScript.warning, GuestScript.begin(request), GuestScript.kernel("ktest[abc]: end 1")]
        return GuestScript.run(request, output: "1..1\nok 1 x\n", inside)
      })
    #expect(run.told == ["a:fail", "b:pass"] && run.boots.map(\.verdict) == [.pass, .pass])
    #expect(run.results[0].reason == "kernel: WARNING in gup_leaf")
    #expect(run.words.contains { $0.contains("a forges lines of ktest's agent") })
  }

  @Test("what the agent may say, and when")
  func conversation() {
    let request = CaseRequest(id: 3, name: "a", arguments: ["a"], timeoutMilliseconds: 1)
    let hello = Hello(version: 1, release: "", uptimeMilliseconds: 0, cpuFlags: [], channel: "")
    var conversation = Conversation()
    func accepts(_ message: GuestMessage) -> Bool { conversation.accepts(message) }
    #expect(accepts(.hello(hello)) && !accepts(.hello(hello)))
    #expect(!accepts(.moduleLoaded(name: "m", error: "")))
    conversation.sent(.loadModules([ModuleLoad(name: "k", path: ""), ModuleLoad(name: "m", path: "")]))
    #expect(!accepts(.moduleLoaded(name: "m", error: "")), "in their order")
    #expect(accepts(.moduleLoaded(name: "k", error: "")))
    #expect(accepts(.moduleLoaded(name: "m", error: "")))
    #expect(!accepts(.moduleLoaded(name: "m", error: "")), "once")
    #expect(!accepts(.caseStarted(id: 3)) && !accepts(.prepared(failures: [])))
    conversation.sent(.runCase(request))
    #expect(accepts(.caseStarted(id: 3)) && !accepts(.caseStarted(id: 4)))
    #expect(!accepts(.sysrqDone(key: 1, failure: "")))
    conversation.sent(.sysrq(1))
    #expect(accepts(.sysrqDone(key: 1, failure: "")))
    #expect(!accepts(.sysrqDone(key: 1, failure: "")) && accepts(.notice("x")))
    let end = CaseEnd(id: 3, outcome: .exited(status: 0), key: request.secrets.key)
    #expect(!accepts(.caseEnded(CaseEnd(id: 3, outcome: .exited(status: 0)))))
    #expect(accepts(.caseEnded(end)) && !accepts(.caseEnded(end)))
    #expect(!accepts(.output(id: 3, isError: false, bytes: [])), "it has ended")
    #expect(conversation.dropped == 12)
  }
}
