import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// A task that oopses dies and keeps its locks. The case that waits for it, or for one of them, never ends by itself.
@Suite("A case whose kernel oopses")
struct OopsTests {
  private static let title = "BUG: unable to handle kernel paging request in dmirror_fops_unlocked_ioctl"
  private static let hanging = GuestScript.kernel(
    "sysrq: Show Blocked State",
    "task:holder          state:D stack:0     pid:71    tgid:71    ppid:1      flags:0x00004002",
    "Call Trace:", " <TASK>", " __schedule+0x2c5/0xb50", " exit_mm+0x10/0x20", " </TASK>")

  /// A case that prints `output` after `events` and then does nothing until it is told to stop.
  private static func silent(
    _ events: [GuestEvent], output: [String] = [], stop: Bool = true
  ) -> GuestScript {
    GuestScript { request in
      let said = output.map { GuestEvent.message(.output(id: request.id, isError: false, bytes: Array($0.utf8))) }
      return [GuestScript.begin(request), .message(.caseStarted(id: request.id))] + events + said
    } sysrq: {
      ($0 == UInt8(ascii: "w") ? [hanging] : []) + [.message(.sysrqDone(key: $0, failure: ""))]
    } stop: { request in
      let end = CaseEnd(id: request.id, outcome: .signalled(signal: 9), leftover: true)
      return stop ? [.message(.caseEnded(end)), GuestScript.end(request)] : []
    }
  }

  private func go(
    _ script: GuestScript, dmesg: DmesgRules = DmesgRules(), limit: DurationValue = Case.defaultTimeout,
    afterOwnOops: Duration? = nil
  ) async throws -> (ScriptedRun, ScriptedGuest) {
    let host = ScriptedHost(script)
    var plan = try ScriptedRun.plan([Case(name: "a", run: ["/bin/a"], timeout: limit)], dmesg: dmesg)
    if let afterOwnOops { plan.settings.timeAfterOwnOops = afterOwnOops }
    let run = try await ScriptedRun.go(plan, on: host)
    return (run, host.guests[0])
  }

  /// The oops of a task, with the end of its stack and of the dump.
  private static func oops(pid: Int, _ name: String, _ end: String..., isComplete: Bool = true) -> GuestEvent {
    let lines =
      [
        "BUG: unable to handle page fault for address: ffffea0004000000", "Oops: Oops: 0002 [#1] SMP",
        "CPU: 0 UID: 0 PID: \(pid) Comm: \(name) Not tainted 6.12.0 #1",
        "RIP: 0010:dmirror_fops_unlocked_ioctl+0x5/0x10", "Call Trace:", " <TASK>", " __x64_sys_ioctl+0x1/0x2",
      ] + end + [" </TASK>"] + (isComplete ? ["---[ end trace 0000000000000000 ]---"] : [])
    return .console(Array(lines.map { "[    4.400000] \($0)\r\n" }.joined().utf8))
  }

  private static let fromUserSpace = "RIP: 0033:0x447bcb"

  /// Says something for ever, by the case or by the kernel. Only the time after the oops is short: the case's own is a week.
  private func talk(_ event: GuestEvent, after oops: GuestEvent) async throws -> (ScriptedRun, ScriptedGuest) {
    var script = Self.silent([oops])
    script.talk = event
    return try await go(script, limit: .seconds(604_800), afterOwnOops: .milliseconds(10))
  }

  private static let said = GuestEvent.message(.output(id: 1, isError: false, bytes: Array("still here\n".utf8)))
  private static let stalls = GuestScript.kernel("note: something else")

  @Test("after an oops of its own process a case has seconds, whatever else it prints", arguments: [said, stalls])
  func talksOn(_ event: GuestEvent) async throws {
    for oops in [Self.oops(pid: 45, "child", Self.fromUserSpace), Self.oops(pid: 45, "a")] {
      let (run, guest) = try await talk(event, after: oops)
      let result = try #require(run.results.first)
      #expect(result.verdict == .crash && guest.sent.contains(.stopCase(id: 1)))
      #expect(result.findings.contains { $0.text.hasPrefix("ended 0.0 s after one of its processes oopsed") })
      #expect(result.evidence?.summary == "1 task in D state: holder (71) in exit_mm")
    }
  }

  @Test("an oops without an end is one as soon as nothing follows", arguments: [true, false])
  func torn(_ isAllowed: Bool) async throws {
    let oops = Self.oops(pid: 45, "child", Self.fromUserSpace, isComplete: false)
    let rules = isAllowed ? DmesgRules(allow: [DmesgEntry(splat: Self.title)]) : DmesgRules()
    let (run, _) = try await go(Self.silent([oops]), dmesg: rules)
    #expect(run.told == [isAllowed ? "a:timeout" : "a:crash"])
    let ended = run.results[0].findings.contains { $0.text.hasPrefix("ended because it was silent for 5.0 s") }
    #expect(ended == !isAllowed)
  }

  @Test("a kernel that has panicked and stays is not asked to end the case")
  func panicked() async throws {
    let (run, guest) = try await go(Self.silent([Self.oops(pid: 45, "a"), GuestScript.panic("Fatal exception")]))
    #expect(run.told == ["a:crash"] && guest.wasKilled)
    #expect(!guest.sent.contains(.stopCase(id: 1)) && guest.probes.isEmpty && run.results[0].evidence == nil)
  }

  @Test("it is looked into and ended when it has been silent for a while")
  func silence() async throws {
    let (run, guest) = try await go(Self.silent([GuestScript.oops], output: ["KTAP version 1\n1..2\n", "ok 1 it\n"]))
    let result = try #require(run.results.first)
    #expect(result.verdict == .crash && result.reason == "kernel: \(Self.title)")
    #expect(
      result.findings.map(\.text).contains(
        "ended because it was silent for 5.0 s after the kernel's oops, and a process hangs in the kernel and cannot be killed"
      ))
    #expect(result.evidence?.summary == "1 task in D state: holder (71) in exit_mm")
    #expect(guest.sent.contains(.stopCase(id: 1)) && !guest.wasKilled)
    #expect(result.subtests.pass == 1)
  }

  @Test("a guest that no longer answers is ended as well, and the text says how long it was given")
  func noAnswer() async throws {
    let (run, guest) = try await go(Self.silent([GuestScript.oops], stop: false))
    let result = try #require(run.results.first)
    #expect(result.verdict == .crash && guest.wasKilled)
    #expect(
      result.findings.map(\.text).contains("the guest did not answer for 5.0 s after the kernel's oops and was ended"))
  }

  @Test("a case that goes on is left alone and ends by itself")
  func goesOn() async throws {
    let script = GuestScript { request in
      GuestScript.run(request, output: "KTAP version 1\n1..1\nok 1 it\n", [GuestScript.oops])
    }
    let (run, guest) = try await go(script)
    #expect(run.told == ["a:crash"] && run.results[0].findings.count == 1)
    #expect(!guest.sent.contains(.stopCase(id: 1)) && run.results[0].evidence == nil)
  }

  @Test("a warning, or an oops that the suite allows, ends no case")
  func expected() async throws {
    let (warned, _) = try await go(Self.silent([GuestScript.warning]))
    #expect(warned.results[0].findings.map(\.text).contains("the guest did not answer within 60 s and was ended"))
    let rules = DmesgRules(allow: [DmesgEntry(splat: Self.title)])
    let (allowed, _) = try await go(Self.silent([GuestScript.oops]), dmesg: rules)
    #expect(allowed.told == ["a:timeout"])
    #expect(allowed.results[0].reason == "the guest did not answer within 60 s and was ended")
  }
}
