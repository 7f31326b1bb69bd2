import Testing

@testable import KTestHarness

struct MailSplatTests {
  private let console = """
    [    2.43][   T59] EXT4-fs (ram0): unmounting filesystem.
    [    2.50][    C0] ------------[ cut here ]------------
    [    2.51][    C0] percpu ref (dev_pagemap_percpu_release) <= 0 (-3) after switching to atomic
    [    2.51][   T60] brd: module loaded

    """

  private let lines = [
    "WARNING: CPU: 0 PID: 0 at lib/percpu-refcount.c:197 percpu_ref_switch_to_atomic_rcu+0x13e/0x180",
    "Modules linked in: brd ext4", "CPU: 0 UID: 0 PID: 0 Comm: swapper/0 Not tainted 6.12.117 #1",
    "RIP: 0010:percpu_ref_switch_to_atomic_rcu+0x13e/0x180", "Code: ef ff 50 <0f> 0b b8",
    "RSP: 0018:ffffc900000d8f10 EFLAGS: 00000296", "RAX: 000000000000004b RBX: ffff888200b60d20",
    "R13: ffff88827bd230b8 R14: 0", "FS:  0000000000000000(0000) GS:ffff88827bd00000(0000)", "PKRU: 55555554",
    "Call Trace:", " <IRQ>", " rcu_core+0x216/0x4e0", "---[ end trace 0000000000000000 ]---",
  ]

  @Test func theMessageComesFirstAndRegistersGo() {
    #expect(
      MailSplat(lines, after: console.utf8).lines == [
        "percpu ref (dev_pagemap_percpu_release) <= 0 (-3) after switching to atomic", lines[0], lines[2], lines[3],
        "Call Trace:", " <IRQ>", " rcu_core+0x216/0x4e0", "---[ end trace 0000000000000000 ]---",
      ])
  }

  @Test func withoutACutThereIsNoMessage() {
    #expect(MailSplat([lines[0]], after: "[    2.43][   T59] EXT4-fs error\n".utf8).lines == [lines[0]])
    #expect(MailSplat([lines[0]], after: [UInt8]()).lines == [lines[0]])
  }
}
