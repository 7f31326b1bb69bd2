internal import CLinux
internal import Foundation

/// A directory for libvirt's embedded QEMU driver (https://libvirt.org/drvqemu.html#embedded-driver), held by one
/// process at a time.
///
/// The driver keeps what it learned about QEMU under its root, which costs seconds the first time; so roots are used
/// again. There are as many as ktest processes run at once.
final class EmbeddedRoot: Sendable {
  let path: String
  private let lock: Int32

  var uri: String { "qemu:///embed?root=\(path)" }

  /// Takes the first free root under `base`, and ends the guests that a killed ktest left in any free one.
  ///
  /// - Returns: the root, and the names of the guests that were ended.
  static func take(under base: String) throws(GuestError) -> (EmbeddedRoot, swept: [String]) {
    let base = try shortEnough(base)
    var taken: EmbeddedRoot?
    var swept: [String] = []
    for number in 0..<64 {
      let path = "\(base)/\(number)"
      let isNew = access(path, F_OK) != 0
      // Past the last root that exists there is nobody's guest to look for.
      if isNew && taken != nil { break }
      guard let root = try EmbeddedRoot(locking: path) else { continue }
      swept += root.endLeftGuests()
      if taken == nil { taken = root }
    }
    guard let taken else { throw .noRoot(path: base, reason: "all 64 roots are in use by running ktest processes") }
    try taken.configure()
    return (taken, swept)
  }

  /// nil when another process holds it.
  private init?(locking path: String) throws(GuestError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { throw .noRoot(path: path, reason: "it cannot be created") }
    lock = open("\(path)/ktest.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    self.path = path
    guard lock >= 0 else { throw .noRoot(path: path, reason: String(cString: strerror(errno))) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      return nil
    }
  }

  deinit { close(lock) }

  /// A socket's path has 107 bytes (unix(7)). Below a root, libvirt needs 72 and more: it puts the agent's socket at
  /// `lib/qemu/channel/target/domain-ID-NAME/org.ktest.agent`, with 20 characters of the guest's name.
  private static func shortEnough(_ base: String) throws(GuestError) -> String {
    guard base.utf8.count > 32 else { return base }
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in base.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    let short = "/tmp/ktest-\(getuid())-\(String(hash, radix: 36))"
    mkdir(short, 0o700)
    var information = stat()
    guard lstat(short, &information) == 0, information.st_uid == getuid(), information.st_mode & S_IFMT == S_IFDIR
    else {
      throw .noRoot(path: short, reason: "it belongs to somebody else")
    }
    return short
  }

  /// The whole configuration of the embedded driver: nothing of the system's is read.
  private func configure() throws(GuestError) {
    var lines = [
      "stdio_handler = \"file\"", "security_driver = \"none\"", "namespaces = []", "cgroup_controllers = []",
      "remember_owner = 0", "dynamic_ownership = 0",
    ]
    if getuid() == 0 {
      guard getpwnam("libvirt-qemu") != nil else { throw .missingUser }
      // Kernels and images lie in the user's own cache, which only the user can read.
      lines += ["user = \"+0\"", "group = \"+0\""]
    }
    do {
      try FileManager.default.createDirectory(atPath: "\(path)/etc", withIntermediateDirectories: true)
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: "\(path)/etc/qemu.conf"))
    } catch { throw .noRoot(path: path, reason: "its configuration cannot be written (\(error.localizedDescription))") }
  }

  /// The process id of a guest of this root, if its QEMU runs: libvirt's pid file, confirmed by the process's own words.
  func processID(of guest: String) -> Int32? {
    guard let text = smallFile("\(path)/run/qemu/\(guest).pid"),
      let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
      let words = smallFile("/proc/\(pid)/cmdline")?.split(separator: "\0"),
      words.contains(where: { $0.hasPrefix("guest=\(guest),") || $0 == "guest=\(guest)" })
    else { return nil }
    return pid
  }

  /// Ends what a killed ktest left. Only called while the root is ours and before its driver is open.
  private func endLeftGuests() -> [String] {
    let state = "\(path)/run/qemu"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: state)) ?? []).sorted()
    var ended: [String] = []
    for file in names where file.hasPrefix("ktest-") && (file.hasSuffix(".pid") || file.hasSuffix(".xml")) {
      let guest = String(file.dropLast(4))
      if let pid = processID(of: guest) {
        EmbeddedRoot.kill(pid)
        ended.append(guest)
      }
      for suffix in ["pid", "xml"] { unlink("\(state)/\(guest).\(suffix)") }
    }
    removeTraces { name, suffix in name.hasPrefix("ktest-") && name.hasSuffix(suffix) }
    return ended
  }

  /// Where QEMU writes a guest's console, beside the stream.
  func consoleLog(of guest: String) -> String { "\(path)/\(guest).console" }

  /// Removes what a guest that has ended leaves: its console, which the journal has by now, and QEMU's log.
  func removeTraces(of guest: String) { removeTraces { name, suffix in name == guest + suffix } }

  private func removeTraces(_ isTrace: (_ name: String, _ suffix: String) -> Bool) {
    for (folder, suffix) in [(path, ".console"), ("\(path)/log/qemu", ".log")] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where isTrace(name, suffix) { unlink("\(folder)/\(name)") }
    }
  }

  /// Ends a process and waits until it is gone.
  static func kill(_ pid: Int32) {
    let descriptor = ktest_pidfd_open(pid)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    Glibc.kill(pid, SIGKILL)
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&wait, 1, 10_000)
  }
}
