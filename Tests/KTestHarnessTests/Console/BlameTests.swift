import Testing

@testable import KTestValues

private func file(_ lines: [String]) -> String? { Blame.file(title: "WARNING in f", lines.map { Array($0.utf8) }) }

@Suite struct BlameTests {
  /// Code that serves others is in all of these above the line that counts, or instead of it.
  @Test(arguments: [
    "kmalloc_slab+0x56/0x70 mm/slab_common.c:1031", "__kmalloc_noprof+0x1c5/0x2f0 mm/slub.c:4332",
    "alloc_pages_mpol+0x8a/0x160 mm/mempolicy.c:2486", "kasan_report+0xe0/0x110 mm/kasan/report.c:595",
    "kfence_handle_page_fault+0x1/0x2 mm/kfence/core.c:1234", "kcsan_report+0x1/0x2 kernel/kcsan/report.c:500",
    "__list_add_valid_or_report+0x1/0x2 lib/list_debug.c:29", "refcount_warn_saturate+0xfa/0x1d0 lib/refcount.c:28",
    "__mutex_lock+0x37e/0x7b0 kernel/locking/mutex.c:614", "_printk+0x60/0x80 kernel/printk/printk.c:2504",
    "get_page include/linux/mm.h:1180 [inline]", "asm_exc_page_fault+0x26/0x30 arch/x86/include/asm/idtentry.h:618",
    "do_syscall_64+0x65/0x330 arch/x86/entry/syscall_64.c:94", "irqentry_exit+0x1/0x2 kernel/entry/common.c:360",
    "copy_user_generic+0x1/0x2 arch/x86/lib/copy_user_64.S:96", "__check_object_size+0x1/0x2 mm/usercopy.c:121",
    "process_one_work+0x1/0x2 kernel/workqueue.c:3236", "rust_helper_BUG+0x1/0x2 rust/helpers/bug.c:7",
    "handle_bug+0x1/0x2 arch/x86/kernel/traps.c:336", "flush_tlb_func+0x1/0x2 ./include/linux/mmu_context.h:3",
  ])
  func genericCodeCarriesNoBlame(frame: String) {
    let caller = "widget_ioctl+0x44/0x90 drivers/misc/widget.c:12"
    #expect(file([" " + frame, " " + caller]) == "drivers/misc/widget.c")
  }

  @Test func testsAmongLibrariesDo() {
    let hmm = " dmirror_migrate_to_device+0x2ad/0x960 lib/test_hmm.c:1012 [test_hmm]"
    #expect(
      file([" __kmalloc_noprof+0x1/0x2 mm/slub.c:4332", hmm, " vfs_ioctl fs/ioctl.c:51 [inline]"]) == "lib/test_hmm.c")
    #expect(
      file([" kunit_do_failed_assertion+0x1/0x2 lib/kunit/assert.c:1", " t+0x1/0x2 mm/tests/lazy_mmu_mode_kunit.c:3"])
        == "mm/tests/lazy_mmu_mode_kunit.c")
  }

  @Test func theDriverBelowALibraryOfItsDirectoryIsToBlame() {
    #expect(
      file([" usb_hcd_submit+0x1/0x2 drivers/usb/core.c:5", " widget_probe+0x1/0x2 drivers/usb/misc/widget.c:12"])
        == "drivers/usb/misc/widget.c")
  }

  @Test func placesOfLocksAreNoFrames() {
    let lock = "ffff888012345678 (&w->lock){+.+.}-{3:3}, at: widget_lock+0x12/0x30 drivers/misc/lock.c:3"
    #expect(file([lock, " widget_read+0x1/0x2 drivers/misc/widget.c:12"]) == "drivers/misc/widget.c")
  }

  @Test func aHeaderAloneNamesTheFileUnlessItIsGeneric() {
    #expect(file(["WARNING: mm/memremap.c:158 at memremap_pages+0x4fb/0x5c0, CPU#0: hmm-tests/152"]) == "mm/memremap.c")
    #expect(file(["kernel BUG at /build/linux-6.12/mm/gup.c:148!"]) == "mm/gup.c")
    #expect(file(["WARNING: CPU: 0 PID: 1 at ./include/linux/mm.h:1180 get_user_pages+0x1/0x2"]) == nil)
    #expect(file(["kernel BUG at mm/slub.c:553!"]) == nil)
    // An allocator's function lies beside others.
    #expect(file(["WARNING: mm/mempolicy.c:2400 at alloc_pages_mpol+0x1/0x2, CPU#0: a/1"]) == nil)
    #expect(file(["WARNING: mm/mempolicy.c:120 at do_mbind+0x1/0x2, CPU#0: a/1"]) == "mm/mempolicy.c")
  }

  @Test func ifAllIsGenericTheFunctionOfTheTitleNamesIt() {
    #expect(
      file([" dump_stack_lvl+0x1/0x2 lib/dump_stack.c:120", " prepare_task_switch+0x1/0x2 kernel/sched/core.c:5153"])
        == "kernel/sched/core.c")
  }

  @Test func aFrameWithItsInlinedFunctionsNamesTheFirstThatIsNotGeneric() {
    #expect(
      file([" widget_read (./include/linux/instrumented.h:68 drivers/misc/widget.c:120) widget"])
        == "drivers/misc/widget.c")
  }
}

@Suite struct TreePathTests {
  @Test(arguments: [
    ("./include/linux/mm.h", "include/linux/mm.h"), ("net/core/../ipv4/tcp.c", "net/ipv4/tcp.c"),
    ("../mm/slub.c", "mm/slub.c"), ("../../kernel/fork.c", "kernel/fork.c"), ("mm//slub.c", "mm/slub.c"),
    ("/build/linux-6.12.1/mm/slub.c", "mm/slub.c"), ("/usr/src/linux/kernel/locking/mutex.c", "kernel/locking/mutex.c"),
    ("/home/me/kernel/mm/slub.c", "mm/slub.c"), ("/home/me/kernel/kernel/fork.c", "kernel/fork.c"),
    ("/b/arch/x86/kernel/../../../virt/kvm/kvm_main.c", "virt/kvm/kvm_main.c"),
    ("/home/me/widget/widget.c", "/home/me/widget/widget.c"),
  ])
  func onePath(path: String, expected: String) { #expect(TreePath([path]).relative(path) == expected) }

  @Test func pathsOfOneLogAgree() {
    let paths = ["/b/kernel/arch/x86/kernel/traps.c", "/b/kernel/mm/gup.c", "/b/kernel/kernel/fork.c"]
    let tree = TreePath(paths)
    #expect(paths.map(tree.relative) == ["arch/x86/kernel/traps.c", "mm/gup.c", "kernel/fork.c"])
    // A module of one's own lies elsewhere; nothing can be said about the tree then.
    let mixed = TreePath(["/home/me/widget/widget.c", "/b/mm/gup.c"])
    #expect(mixed.relative("/home/me/widget/widget.c") == "/home/me/widget/widget.c")
  }
}
