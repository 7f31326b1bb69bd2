import Foundation
import TestGate
import Testing

/// What a test needs of this machine. Where it is absent the test is skipped with a word.
enum Prerequisites {
  static let kernel = "debian:6.12-cloud"

  /// A finished kernel build for the suites that need a kernel of one's own, as scripts/check makes it; nil: none is named.
  static let kernelBuild = ProcessInfo.processInfo.environment["KTEST_KERNEL_BUILD"].flatMap { path in
    FileManager.default.fileExists(atPath: "\(path)/vmlinux") ? path : nil
  }

  /// The directory of a cluster that runs on this machine, as scripts/check starts it; nil: none is named. All tests share it, so
  /// those that stop or kill parts of it start one of their own.
  static let cluster = ProcessInfo.processInfo.environment["KTEST_CLUSTER"].flatMap { $0.isEmpty ? nil : $0 }

  static let noCluster: Comment = "needs a cluster: scripts/cluster start, and KTEST_CLUSTER naming its directory"

  /// A guest can run here: the kernel is in the cache or can be fetched, and QEMU, libvirt and a compiler are installed.
  static func guests() async -> Bool { await guestsTask.value }

  private static let guestsTask = Task {
    guard let home = try? SharedCache.fill() else { return false }
    let folder = FileManager.default.temporaryDirectory.path
    let fetched = try? await execute(
      [Built.ktest, "kernel", "fetch", kernel], in: folder, environment: ["XDG_CACHE_HOME": home])
    guard fetched?.code == 0 else { return false }
    return ["qemu-system-x86_64", "cc"].allSatisfy(isInstalled)
  }

  static func isInstalled(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  /// This process may make a device, and use it where tests put their files.
  static let makesDevices: Bool = {
    let path = FileManager.default.temporaryDirectory.appending(path: "kt-null-\(getpid())").path
    defer { unlink(path) }
    guard mknod(path, S_IFCHR | 0o600, 1 << 8 | 3) == 0 else { return false }
    return FileHandle(forWritingAtPath: path) != nil
  }()

  static var isRoot: Bool { getuid() == 0 }

  /// This process may make a mount namespace, in which a test hides something of the host from ktest alone.
  static func mounts() async -> Bool {
    guard isRoot, isInstalled("unshare") else { return false }
    let folder = FileManager.default.temporaryDirectory.path
    return (try? await execute(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], in: folder))?.code == 0
  }

  /// A wrapper that does `script` in a mount namespace and becomes ktest.
  static func mounted(_ script: String) -> [String] { ["unshare", "-m", "sh", "-ec", script + "; exec \"$@\"", "sh"] }
}

/// Every test that boots a guest.
@Suite(
  .gated(),
  .enabled("needs QEMU, a C compiler, and the kernel debian:6.12-cloud in the cache or from apt") {
    await Prerequisites.guests()
  })
enum GuestTests {}
