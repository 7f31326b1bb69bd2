/// A report that the kernel printed because something went wrong.
package struct Splat: Sendable, Equatable, Codable {
  /// The title in syzkaller's naming, without numbers and addresses that change from run to run: `KASAN: use-after-free
  /// Read in foo`, `WARNING in foo`, `possible deadlock in foo`.
  package var title: String
  /// Other titles of the same bug.
  package var alternatives: [String]
  /// The class of the splat, or nil if the title is not specific enough.
  package var type: SplatType?
  /// Whether the splat is torn or has no usable stack: its title cannot be trusted.
  package var corrupted: Bool
  /// Whether the kernel only reports that memory ran out, which is not a bug of its own.
  package var suppressed: Bool
  /// Whether the kernel stopped because of it.
  package var panicked: Bool
  /// The time of the first line in seconds since the guest's boot.
  package var seconds: Double?
  /// The range from the first line to the last, in bytes of the stream. Lines of others may be in between.
  package var byteRange: Range<Int>
  /// The lines without their prefixes; only the first ones if there were too many.
  package var lines: [String]
  /// The functions of the stack that gave the title, from the one in the title outwards, without generic ones.
  package var frames: [String]
  /// The source file to blame, if the log is symbolised.
  package var file: String?
}

/// The classes of splats, with syzkaller's names.
package enum SplatType: String, Sendable, Hashable, CaseIterable, Codable {
  case atomicSleep = "ATOMIC_SLEEP"
  case bug = "BUG"
  case denialOfService = "DoS"
  case hang = "HANG"
  case kasanInvalidFree = "KASAN-INVALID-FREE"
  case kasanNullRead = "KASAN-NULL-POINTER-DEREFERENCE-READ"
  case kasanNullWrite = "KASAN-NULL-POINTER-DEREFERENCE-WRITE"
  case kasanRead = "KASAN-READ"
  case kasanUnknown = "KASAN-UNKNOWN"
  case kasanUseAfterFreeRead = "KASAN-USE-AFTER-FREE-READ"
  case kasanUseAfterFreeWrite = "KASAN-USE-AFTER-FREE-WRITE"
  case kasanWrite = "KASAN-WRITE"
  case kcsanAssert = "KCSAN-ASSERT"
  case kcsanDataRace = "KCSAN-DATARACE"
  case kcsanUnknown = "KCSAN-UNKNOWN"
  case kfenceInvalidFree = "KFENCE-INVALID-FREE"
  case kfenceMemoryCorruption = "KFENCE-MEMORY-CORRUPTION"
  case kfenceRead = "KFENCE-READ"
  case kfenceUnknown = "KFENCE-UNKNOWN"
  case kfenceUseAfterFreeRead = "KFENCE-USE-AFTER-FREE-READ"
  case kfenceUseAfterFreeWrite = "KFENCE-USE-AFTER-FREE-WRITE"
  case kfenceWrite = "KFENCE-WRITE"
  case kmsanInfoLeak = "KMSAN-INFO-LEAK"
  case kmsanUninitialised = "KMSAN-UNINIT-VALUE"
  case kmsanUnknown = "KMSAN-UNKNOWN"
  case kmsanUseAfterFreeRead = "KMSAN-USE-AFTER-FREE-READ"
  case lockdep = "LOCKDEP"
  case memoryLeak = "LEAK"
  case memorySafetyBug = "MEMORY_SAFETY_BUG"
  case memorySafetyUBSAN = "MEMORY_SAFETY_UBSAN"
  case nullDereference = "NULL-POINTER-DEREFERENCE"
  case refcountWarning = "REFCOUNT_WARNING"
  case ubsan = "UBSAN"
  case warning = "WARNING"
  case reboot = "REBOOT"
  case fuzzerFailure = "SYZ_FAILURE"

  /// Returns the class of a title: the longest matching prefix in the table.
  static func of(_ title: String) -> SplatType? {
    let kind = title.hasPrefix("KASAN: ") ? kasan(title) : title.hasPrefix("KFENCE: ") ? kfence(title) : nil
    if let kind { return kind }
    var best: (length: Int, type: SplatType?) = (0, nil)
    let bytes = Array(title.utf8)
    for (beginning, type) in beginningBytes where beginning.count > best.length && bytes.has(beginning, at: 0) {
      best = (beginning.count, type)
    }
    return best.type
  }

  private static let beginningBytes = beginnings.map { (Array($0.0.utf8), $0.1) }

  private static func kasan(_ title: String) -> SplatType {
    let words = title.split(separator: " ").dropFirst()
    guard let kind = words.first else { return .kasanUnknown }
    let writes = words.dropFirst().first == "Write"
    if kind == "invalid-free" || kind == "double-free" { return .kasanInvalidFree }
    if kind.hasSuffix("use-after-free") { return writes ? .kasanUseAfterFreeWrite : .kasanUseAfterFreeRead }
    if kind == "null-ptr-deref" { return writes ? .kasanNullWrite : .kasanNullRead }
    let isAccess = kind.hasSuffix("out-of-bounds") || kind.hasSuffix("access") || kind == "unknown-crash"
    return isAccess ? (writes ? .kasanWrite : .kasanRead) : .kasanUnknown
  }

  private static func kfence(_ title: String) -> SplatType {
    let rest = title.dropFirst(8)
    if rest.hasPrefix("invalid free") { return .kfenceInvalidFree }
    if rest.hasPrefix("memory corruption") { return .kfenceMemoryCorruption }
    if rest.hasPrefix("use-after-free") {
      return rest.hasPrefix("use-after-free write") ? .kfenceUseAfterFreeWrite : .kfenceUseAfterFreeRead
    }
    if rest.hasPrefix("invalid write") || rest.hasPrefix("out-of-bounds write") { return .kfenceWrite }
    return rest.hasPrefix("invalid read") || rest.hasPrefix("out-of-bounds") ? .kfenceRead : .kfenceUnknown
  }

  private static let beginnings: [(String, SplatType?)] = [
    ("KMSAN:", .kmsanUnknown), ("KMSAN: uninit-value", .kmsanUninitialised),
    ("KMSAN: kernel-infoleak", .kmsanInfoLeak), ("KMSAN: kernel-usb-infoleak", .kmsanInfoLeak),
    ("KMSAN: kernel-infoleak-after-free", .kmsanUseAfterFreeRead),
    ("KMSAN: kernel-usb-infoleak-after-free", .kmsanUseAfterFreeRead),
    ("KMSAN: use-after-free", .kmsanUseAfterFreeRead),
    ("KCSAN:", .kcsanUnknown), ("KCSAN: data-race", .kcsanDataRace), ("KCSAN: assert: race in", .kcsanAssert),
    ("UBSAN:", .ubsan), ("UBSAN: array-index-out-of-bounds", .memorySafetyUBSAN),
    ("BUG: unable to handle kernel NULL pointer dereference in", .nullDereference),
    ("BUG: unable to handle kernel paging request", .memorySafetyBug), ("BUG: corrupted list", .memorySafetyBug),
    ("BUG: bad unlock balance in", .lockdep), ("BUG: held lock freed in", .lockdep), ("BUG: rwlock", .lockdep),
    ("BUG: spinlock", .lockdep), ("BUG: still has locks held in", .lockdep), ("BUG: using", .lockdep),
    ("WARNING: bad unlock balance in", .lockdep), ("WARNING: held lock freed in", .lockdep),
    ("WARNING: lock held", .lockdep), ("WARNING: locking bug in", .lockdep),
    ("WARNING: nested lock was not taken in", .lockdep), ("WARNING: still has locks held in", .lockdep),
    ("WARNING: suspicious RCU usage in", .lockdep), ("inconsistent lock state in", .lockdep),
    ("possible deadlock in", .lockdep), ("BUG: scheduling while atomic in", .atomicSleep),
    ("BUG: sleeping function called from invalid context in", .atomicSleep), ("memory leak in", .memoryLeak),
    ("BUG: bad usercopy in", .bug), ("kernel BUG", .bug), ("WARNING in", .warning), ("WARNING:", .warning),
    ("WARNING: refcount bug", .refcountWarning), ("WARNING: corrupted", nil),
    ("WARNING: kernel stack frame pointer has bad value", nil), ("WARNING: kernel stack regs has bad", nil),
    ("BUG: soft lockup in", .hang), ("BUG: hard lockup in", .hang), ("Oops: ", .denialOfService),
    ("INFO: rcu detected stall in", .hang), ("INFO: task can't die in", .hang),
    ("INFO: task hung in", .hang), ("Alignment trap in", .denialOfService),
    ("BUG: Object already free", .denialOfService), ("Internal error in", .denialOfService),
    ("PANIC: double fault", .denialOfService), ("Unhandled fault in", .denialOfService),
    ("VFS: Busy inodes", .denialOfService), ("VFS: Close", .denialOfService), ("divide error in", .denialOfService),
    ("general protection fault in", .denialOfService), ("int3 in", .denialOfService),
    ("invalid opcode in", .denialOfService), ("kernel panic:", .denialOfService),
    ("kernel stack overflow", .denialOfService), ("stack segment fault in", .denialOfService),
    ("trusty:", .denialOfService), ("unregister_netdevice: waiting", .denialOfService),
    ("unexpected kernel reboot", .reboot), ("SYZFAIL", .fuzzerFailure), ("SYZFATAL:", .fuzzerFailure),
  ]
}
