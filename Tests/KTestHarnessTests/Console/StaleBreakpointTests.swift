import Testing

@testable import KTestValues

@Suite struct StaleBreakpointTests {
  /// The head of an oops as 6.12 prints it. `code` has the byte after the breakpoint in angle brackets.
  private func splat(_ header: String = "Oops: int3: 0000 [#1] PREEMPT SMP NOPTI", code: String) throws -> Splat {
    let text = """
      [    1.859323] \(header)
      [    1.859770] CPU: 0 UID: 0 PID: 18 Comm: rcu_preempt Not tainted 6.12.117+deb12-cloud-amd64 #1
      [    1.859936] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1 04/01/2014
      [    1.860056] RIP: 0010:enqueue_timer+0xa5/0x100
      [    1.862385] Code: \(code)
      [    1.862519] RSP: 0018:ffffc9000009bd80 EFLAGS: 00000093
      [    1.862525] Call Trace:
      [    1.862525]  <TASK>
      [    1.862525]  __mod_timer+0x26c/0x360
      [    1.862525]  schedule_timeout+0x99/0x170
      [    1.862525]  </TASK>
      [    1.862525] ---[ end trace 0000000000000000 ]---

      """
    return try #require(SplatLog.splats(Array(text.utf8)).first)
  }

  @Test(
    "memory has an instruction that the kernel writes",
    arguments: [
      ("c6 45 24 00 eb <09> 5b 5d", StaleBreakpoint.Instruction.jump), ("0f 84 e9 <9e> 01 00 00", .jump),
      ("48 89 e8 <01> 02 03 04", .call), ("00 0f <1f> 44 00 00 eb ae", .nop), ("5d 66 <90> c3", .nop),
    ])
  func stale(_ code: String, _ instruction: StaleBreakpoint.Instruction) throws {
    let found = try #require(StaleBreakpoint(try splat(code: code)))
    #expect(found.place == "enqueue_timer+0xa5/0x100" && found.instruction == instruction)
  }

  @Test(
    "a breakpoint that is in memory is the kernel's, and so is what is no place of patching",
    arguments: ["c6 45 24 00 cc <09> 5b 5d", "c6 45 24 00 89 <09> 5b", "<09> 5b 5d", "Bad RIP value.", "eb"])
  func genuine(_ code: String) throws { #expect(StaleBreakpoint(try splat(code: code)) == nil) }

  @Test func anotherOopsIsNone() throws {
    let header = "Oops: general protection fault: 0000 [#1] PREEMPT SMP NOPTI"
    #expect(StaleBreakpoint(try splat(header, code: "00 eb <09> 5b")) == nil)
  }

  @Test(.enabled(if: recorded != nil, "no ../shared/corpus/guest here")) func theRecordedOne() throws {
    let splats = SplatLog.splats(try #require(Self.recorded).bytes)
    #expect(splats.compactMap(StaleBreakpoint.init).map(\.place) == ["enqueue_timer+0xa5/0x100"])
  }

  private static let recorded = SplatLog.corpus("guest", hasFields: false).first { $0.name.hasPrefix("tcg-int3") }
}
