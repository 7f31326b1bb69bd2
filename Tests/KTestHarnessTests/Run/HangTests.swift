import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

@Suite("A guest that hangs")
struct HangTests {
  private static let case_ = Case(name: "a", run: ["a"])

  private static let blocked = GuestScript.kernel(
    "sysrq: Show Blocked State",
    "task:holder          state:D stack:0     pid:71    tgid:71    ppid:1      flags:0x00004002",
    "Call Trace:", " <TASK>", " __schedule+0x2c5/0xb50", " schedule+0x27/0xf0", " percpu_ref_kill+0x10/0x20",
    " memunmap_pages+0x10/0x20", " do_syscall_64+0x82/0x190", " </TASK>")
  /// What a dump may look like, and is no splat of the case's.
  private static let lookalike = GuestScript.kernel(
    "BUG: soft lockup - CPU#0 stuck for 22s! [init:1]", "RIP: 0010:serial8250_tx+0x10/0x20", "Call Trace:", " <TASK>",
    " sysrq_handle_showstate+0x1/0x2", " </TASK>")

  private static func keys(_ keys: String) -> [HostMessage] { keys.utf8.map { HostMessage.sysrq($0) } }

  private func go(
    _ script: GuestScript, dumps: Set<MemoryDumps.Occasion> = []
  ) async throws -> (run: ScriptedRun, guest: ScriptedGuest, files: [String: String]) {
    let host = ScriptedHost(script)
    var plan = try ScriptedRun.plan([Self.case_])
    if !dumps.isEmpty { plan.settings.dumps = MemoryDumps(dumps, directory: "/run") }
    let run = try await ScriptedRun.go(plan, on: host)
    var files: [String: String] = [:]
    for case .evidence(_, let file, let bytes) in run.events {
      files[file, default: ""] += String(decoding: bytes, as: UTF8.self)
    }
    return (run, host.guests[0], files)
  }

  private func late(sysrq: @escaping @Sendable (UInt8) -> [GuestEvent]) -> GuestScript {
    GuestScript { request in
      [
        GuestScript.begin(request),
        .message(.caseStarted(id: request.id)), .message(.caseLate(id: request.id)),
      ]
    } sysrq: {
      sysrq($0)
    } stop: { request in
      let end = CaseEnd(id: request.id, outcome: .signalled(signal: 15), timedOut: true)
      return [.message(.caseEnded(end)), GuestScript.end(request)]
    }
  }

  @Test("a late case: its tasks are listed before it is ended, and the verdict is what it was")
  func lateCase() async throws {
    let script = late { key in
      let said = key == UInt8(ascii: "w") ? [Self.blocked, Self.lookalike] : []
      return said + [.message(.sysrqDone(key: key, failure: ""))]
    }
    let (run, guest, files) = try await go(script)
    #expect(run.told == ["a:timeout"] && run.results[0].reason == "timed out after 60 s")
    #expect(run.results[0].splats.isEmpty && run.boots.map(\.verdict) == [.pass])
    #expect(run.results[0].evidence?.summary == "1 task in D state: holder (71) in percpu_ref_kill")
    #expect(run.results[0].evidence?.files == ["evidence/boot-1/tasks.log"])
    #expect(files["tasks.log"]?.contains("memunmap_pages") == true && !guest.wasKilled)
    let asked = guest.sent.filter { Self.keys("wldtc").contains($0) || $0 == .stopCase(id: 1) }
    let wanted: [HostMessage] = Self.keys("wlt") + [.stopCase(id: 1)]
    #expect(asked == wanted, "no key after the case's end")
  }

  @Test("a splat before the dump is the case's")
  func splatBefore() async throws {
    let script = GuestScript { request in
      [
        GuestScript.begin(request), GuestScript.warning,
        .message(.caseLate(id: request.id)),
      ]
    } sysrq: {
      [Self.blocked, .message(.sysrqDone(key: $0, failure: ""))]
    } stop: { request in
      [.message(.caseEnded(CaseEnd(id: request.id, outcome: .signalled(signal: 9), timedOut: true)))]
    }
    let (run, _, _) = try await go(script)
    #expect(run.told == ["a:timeout"] && run.results[0].splats.map(\.title) == ["WARNING in gup_leaf"])
  }

  @Test("a kernel without SysRq says so, once, and the case ends as ever")
  func refused() async throws {
    let (run, guest, files) = try await go(late { [.message(.sysrqDone(key: $0, failure: "open: no such file"))] })
    #expect(run.told == ["a:timeout"] && run.results[0].evidence == nil && files.isEmpty)
    #expect(run.words.contains("notice boot 1: no dump of tasks: open: no such file"))
    #expect(guest.sent.filter { Self.keys("wldt").contains($0) } == Self.keys("w"))
  }

  @Test("a guest that panics of its own while it is asked has crashed")
  func panicWhileAsked() async throws {
    let (run, guest, _) = try await go(
      late { _ in [GuestScript.panic(), .panicked, .ended(.poweredOff)] })
    #expect(run.told == ["a:crash"] && run.results[0].reason == "kernel: kernel panic: sysrq triggered crash")
    #expect(guest.probes.isEmpty, "who has panicked is not asked any more")
  }

  @Test("an agent that does not answer: the serial line is asked, and QEMU")
  func serialLine() async throws {
    var script = GuestScript { request in [GuestScript.begin(request)]
    }
    script.probe = { probe in
      switch probe {
      case .sysrq(UInt8(ascii: "w")): ("", [Self.blocked, Self.lookalike])
      case .sysrq: ("", [GuestScript.kernel("sysrq: Show State")])
      case .monitor(let command): ("CPU#0\r\nanswer to \(command)", [])
      default: nil
      }
    }
    let (run, guest, files) = try await go(script)
    #expect(run.told == ["a:timeout"] && run.results[0].reason?.contains("did not answer within 60 s") == true)
    #expect(run.results[0].splats.isEmpty && guest.wasKilled)
    #expect(run.results[0].evidence?.summary == "1 task in D state: holder (71) in percpu_ref_kill")
    #expect(files["registers.txt"]?.contains("CPU#0\nanswer to info registers -a") == true)
    #expect(!guest.probes.contains(.nmi), "who answers is not made to panic")
  }

  @Test("a kernel that answers late because the host is busy is waited for")
  func busyHost() async throws {
    var script = GuestScript { request in [GuestScript.begin(request)]
    }
    script.probe = { probe in
      switch probe {
      case .sysrq, .nmi: ("", [])
      default: nil
      }
    }
    let end = GuestScript.kernel("sysrq: Show State")
    // At first for the boot, and for the case from its start to its limit.
    script.waits = [
      (3, []), (3, []), (3, []), (3, []), (9, []), (12, [Self.blocked]), (12, []), (12, [end]), (12, []), (12, [end]),
    ]
    let (run, guest, _) = try await go(script)
    #expect(run.results[0].evidence?.summary == "1 task in D state: holder (71) in percpu_ref_kill")
    #expect(!guest.probes.contains(.nmi))
    // The same kernel on a host that was idle all the time.
    script.waits = [(3, [])]
    let (idle, idleGuest, _) = try await go(script)
    #expect(idle.results[0].evidence?.summary == nil && idleGuest.probes.contains(.nmi))
  }

  private static let nmiPanic = GuestScript.kernel(
    "Kernel panic - not syncing: NMI: Not continuing", "CPU: 0 UID: 0 PID: 71 Comm: a Not tainted 6.12.0 #1",
    "Call Trace:", " <NMI>", " panic+0x10/0x20", " end_repeat_nmi+0xf/0x53", "RIP: 0010:lkdtm_HARDLOCKUP+0x5/0x10",
    " </NMI>", "---[ end Kernel panic - not syncing: NMI: Not continuing ]---")

  /// A case that says that it is late and then does nothing more. The panic comes at once, or when ktest has given up
  /// waiting for it, or with the guest's end.
  @Test("a search cannot take the panic by our NMI for its target", arguments: [0, 1, 2])
  func nmiIsNoTarget(_ delay: Int) async throws {
    let panic = [Self.nmiPanic, .panicked, .ended(.poweredOff)]
    var script = GuestScript { request in
      [GuestScript.begin(request), .message(.caseStarted(id: request.id)), .message(.caseLate(id: request.id))]
    } stop: { _ in
      delay == 1 ? panic : delay == 2 ? [Self.nmiPanic, .ended(.killed)] : []
    }
    script.probe = { probe in ("", probe == .nmi && delay == 0 ? panic : []) }
    let (run, guest, _) = try await go(script)
    #expect(guest.probes.contains(.nmi))
    let result = try #require(run.results.first)
    #expect(result.verdict == .timeout && result.splats.isEmpty && run.boots.map(\.verdict) == [.pass], "\(result)")
    #expect(result.cause == VerdictCause(.timeout))
    #expect(BisectTarget(mostTellingOf: result) == .verdict(.timeout))
    // While the run goes on there is none either.
    #expect(!run.events.contains { if case .splat = $0 { true } else { false } })
    let watch = TargetWatch(settle: .seconds(3600)) { _ in true }
    for event in run.events { await watch.take(event) }
    let waiting = Task { await watch.wait() }
    waiting.cancel()
    #expect(await waiting.value == nil)
  }

  @Test("what the kernel has begun to say before it is asked is its own, and told")
  func splatBeforeIsTold() async throws {
    let script = GuestScript { request in
      [
        GuestScript.begin(request),
        GuestScript.kernel("WARNING: CPU: 0 PID: 77 at mm/gup.c:10 gup_leaf+0x10/0x20", "RIP: 0010:gup_leaf+0x10/0x20"),
        .message(.caseLate(id: request.id)),
      ]
    } sysrq: {
      [Self.blocked, .message(.sysrqDone(key: $0, failure: ""))]
    } stop: { request in
      [.message(.caseEnded(CaseEnd(id: request.id, outcome: .signalled(signal: 9), timedOut: true)))]
    }
    let (run, _, _) = try await go(script)
    let told = run.events.compactMap { if case .splat(_, let splat) = $0 { splat.title } else { nil } }
    #expect(told == run.results[0].splats.map(\.title) && told.count == 1, "\(told)")
    let provoked = run.events.firstIndex { if case .provoked = $0 { true } else { false } }
    let splat = run.events.firstIndex { if case .splat = $0 { true } else { false } }
    #expect(try #require(splat) < #require(provoked))
  }

  @Test("a kernel that takes no interrupts: the panic by our NMI is no crash of the case's")
  func nmi() async throws {
    var script = GuestScript { request in [GuestScript.begin(request)]
    }
    script.probe = { probe in
      guard probe == .nmi else { return ("", []) }
      return ("", [Self.nmiPanic, .panicked, .ended(.poweredOff)])
    }
    let (run, guest, _) = try await go(script, dumps: [.onCrash, .onHang])
    #expect(run.told == ["a:timeout"] && run.results[0].splats.isEmpty && run.boots.map(\.verdict) == [.pass])
    #expect(run.results[0].evidence?.summary == "a processor in lkdtm_HARDLOCKUP")
    // The image shows the guest as it hung, not as it panicked.
    let image = GuestProbe.memory(path: "/run/evidence/boot-1/memory.elf")
    #expect(guest.probes.suffix(2) == [image, .nmi] && guest.probes.count { $0 == image } == 1)
  }

  @Test("memory is kept on the occasions that were asked for, and nothing else depends on it")
  func memory() async throws {
    var script = late { [.message(.sysrqDone(key: $0, failure: ""))] }
    script.probe = { _ in ("", []) }
    let kept = try await go(script, dumps: [.onHang])
    #expect(kept.run.results[0].evidence?.memory == "evidence/boot-1/memory.elf")
    // The scripted kernel is no build tree: its image may have no symbols.
    #expect(kept.run.results[0].evidence?.vmlinux == nil)
    #expect(try await go(script, dumps: [.onCrash]).run.results[0].evidence?.memory == nil)
    script.probe = { _ in nil }
    let refused = try await go(script, dumps: [.onHang])
    #expect(refused.run.told == ["a:timeout"])
    #expect(
      refused.run.words.contains("notice boot 1: cannot keep its memory: cannot inspect the guest: scripted"))
  }

  @Test(
    "memory of a guest that crashed: by pvpanic, by the console where there is none, by an oops",
    arguments: [
      [GuestScript.panic(), .panicked], [GuestScript.panic()],
      [
        GuestScript.kernel(
          "BUG: kernel NULL pointer dereference, address: 0000000000000000", "Oops: Oops: 0000 [#1] SMP",
          "RIP: 0010:lkdtm_X+0x5/0x10", "Call Trace:", " <TASK>", " lkdtm_do_action+0x1/0x2", " </TASK>",
          "---[ end trace 0000000000000000 ]---"),
        .message(.caseEnded(CaseEnd(id: 1, outcome: .signalled(signal: 9)))),
      ],
    ])
  func crash(_ events: [GuestEvent]) async throws {
    var script = GuestScript { request in
      [GuestScript.begin(request)] + events
    }
    script.probe = { _ in ("", []) }
    let (run, guest, _) = try await go(script, dumps: [.onCrash])
    #expect(run.told == ["a:crash"] && run.results[0].evidence?.memory == "evidence/boot-1/memory.elf")
    #expect(guest.probes == [.memory(path: "/run/evidence/boot-1/memory.elf")])
  }

  @Test("a boot that does not reach its agent is looked into as well")
  func boot() async throws {
    var script = GuestScript(start: [GuestScript.kernel("Run /init")])
    script.probe = { $0 == .sysrq(UInt8(ascii: "w")) ? ("", [Self.blocked]) : nil }
    let (run, _, _) = try await go(script)
    #expect(
      run.told == ["a:timeout"] && run.boots[0].reason?.contains("its last line: [    4.400000] Run /init") == true)
    #expect(run.boots[0].evidence?.summary == "1 task in D state: holder (71) in percpu_ref_kill")
  }

  @Test("a guest whose memory is kept does not reset, and says where its kernel lies")
  func description() async throws {
    let host = ScriptedHost()
    var plan = try ScriptedRun.plan([Self.case_])
    plan.settings.dumps = MemoryDumps([.onCrash], directory: "/run")
    _ = try await ScriptedRun.go(plan, on: host)
    let words = host.descriptions[0].commandLine.split(separator: " ")
    #expect(words.contains("panic=0") && host.descriptions[0].keepsPanicked && host.descriptions[0].tellsLayout)
    plan.settings.dumps = nil
    _ = try await ScriptedRun.go(plan, on: host)
    #expect(host.descriptions[1].commandLine.split(separator: " ").contains("panic=-1"))
    #expect(!host.descriptions[1].keepsPanicked && !host.descriptions[1].tellsLayout)
  }

  @Test("a memory image needs room for all of the guest's memory")
  func room() {
    #expect(GuestMemoryImage.refusal(memory: 1 << 30, free: 2 << 30) == nil)
    #expect(
      GuestMemoryImage.refusal(memory: 1 << 30, free: 1 << 30)
        == "a memory image may need 1280 MiB, but only 1024 MiB are free")
  }
}
