import KTestValues

/// A suite of any folder of the kernel's selftests, `kselftest:FOLDER`. Its cases are what the Makefile of the tree under
/// test lists.
package struct KselftestSuite: Sendable, Equatable {
  package static let prefix = "kselftest:"

  package var folder: String
  /// The selected cases; nil for all.
  package var selection: String?

  /// Returns nil if the text is no such suite. `kselftest:mm:cow` selects a case of it.
  package init?(parsing text: String) {
    guard text.hasPrefix(KselftestSuite.prefix) else { return nil }
    let parts = text.dropFirst(KselftestSuite.prefix.count).split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    folder = parts.first.map(String.init) ?? ""
    selection = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
  }

  /// The name of the suite: lower-case letters, digits and `-`.
  private var name: String {
    "kselftest-" + folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
  }

  /// What every distribution's kernel has, and upstream's tests take for granted.
  private static let ordinary = [
    "AIO", "BINFMT_SCRIPT", "BLK_DEV_RAM", "CFS_BANDWIDTH", "CGROUPS", "CPUSETS", "EPOLL", "EVENTFD", "EXT4_FS",
    "FILE_LOCKING", "FUTEX", "INET", "INOTIFY_USER", "IPC_NS", "MEMBARRIER", "MULTIUSER", "NET_NS", "PID_NS",
    "POSIX_MQUEUE", "POSIX_TIMERS", "PROC_FS", "SHMEM", "SIGNALFD", "SWAP", "SYSFS", "SYSVIPC", "TIMERFD", "TMPFS",
    "UNIX", "USER_NS", "UTS_NS",
  ]

  /// The hugetlb pages that upstream's script for mm makes before its tests.
  private var pool: String { folder == "mm" ? ", hugepages: [{size: 2MiB, count: 128}]" : "" }

  /// By default, 7.3 lets only a debugger write to read-only memory through `/proc/PID/mem`; two tests of mm do it
  /// themselves.
  private var cmdline: String { folder == "mm" ? ", cmdline: [proc_mem.force_override=always]" : "" }

  /// The modules that upstream's script for mm loads.
  private var modules: String { folder == "mm" ? "hwpoison_inject?, " : "" }

  /// The suite as a file. A run keeps it, like every suite, and can be repeated from it.
  package var text: String {
    """
    suite: \(name)
    description: "tools/testing/selftests/\(folder), as the tree's Makefile lists it"
    guest: {memory: 3GiB, cpus: 2\(pool)\(cmdline)}
    requires: {config: [\(KselftestSuite.ordinary.joined(separator: ", "))]}
    image: kselftest
    collection: "\(folder)"
    parameters:
      tests: {description: "the tests to run, separated by blanks; * stands for any text"}
      needs: {description: "'any' runs tests although the kernel lacks symbols of the folder's config"}
    modules: [\(modules)ext4?, {name: "brd?", parameters: {rd_nr: 2, rd_size: 524288}}]
    setup: [[/bin/sh, /usr/lib/ktest/ordinary-system]]
    cases: []

    """
  }
}
