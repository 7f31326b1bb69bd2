internal import CLinux
internal import Foundation
import KTestHost

/// A directory for libvirt's embedded QEMU driver (https://libvirt.org/drvqemu.html#embedded-driver), used by one
/// process at a time.
///
/// The driver keeps its knowledge about QEMU under its root, which takes seconds to collect, so roots are reused. There
/// are as many as there are ktest processes at once.
final class EmbeddedRoot: Sendable {
  let path: String
  /// The kernels and initramfs for guests of this root.
  let files: GuestFiles
  private let lock: FileLock
  /// Whether the root is removed with the process.
  private let isTemporary: Bool

  var uri: String { "qemu:///embed?root=\(path)" }

  /// Takes the first free root under `base`, and ends the guests that a killed ktest left in any free one.
  ///
  /// - Returns: the root, and the names of the guests that were ended.
  static func take(under base: String) throws(GuestError) -> (EmbeddedRoot, swept: [String]) {
    let user = try GuestUser.current()
    let place = try place(for: base, user: user)
    var taken: EmbeddedRoot?
    var swept: [String] = []
    swept += removeAbandoned(user: user)
    for number in 0..<64 {
      let path = "\(place)/\(number)"
      let isNew = access(path, F_OK) != 0
      // Beyond the last existing root there are no guests to look for.
      if isNew && taken != nil { break }
      guard let lock = try lock(path) else { continue }
      let root = EmbeddedRoot(path: path, user: user, lock: lock, isTemporary: place != base)
      swept += root.endLeftGuests()
      if taken == nil { taken = root }
    }
    guard let taken else { throw .noRoot(path: place, reason: "all 64 roots are in use by running ktest processes") }
    // Another process that ended may have removed the parent directory meanwhile; with a root in it, it stays.
    _ = try Self.place(for: base, user: user)
    try taken.layOut(keeping: "\(base)/\(taken.number)")
    return (taken, swept)
  }

  init(path: String, user: GuestUser?, lock: FileLock, isTemporary: Bool) {
    self.path = path
    self.lock = lock
    self.isTemporary = isTemporary
    files = GuestFiles(directory: "\(path)/boot", user: user)
  }

  /// The lock of a root, which is made where it is missing; nil when another process holds it.
  static func lock(_ path: String) throws(GuestError) -> FileLock? {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { throw .noRoot(path: path, reason: "it cannot be created") }
    do {
      // A root that was removed meanwhile does not count.
      guard let lock = try FileLock(ifFree: "\(path)/ktest.lock", mode: 0o600), lock.isLinked else { return nil }
      return lock
    } catch { throw .noRoot(path: path, reason: error.reason) }
  }

  deinit {
    files.removeAll()
    if isTemporary { EmbeddedRoot.remove(path) }
    // The lock goes last, with the object.
  }

  private var number: Substring { path.split(separator: "/").last ?? "" }

  /// Returns the process id of a guest of this root if its QEMU runs, from libvirt's pid file, confirmed by the
  /// process's arguments.
  func processID(of guest: String) -> Int32? {
    guard let text = HostFiles.smallText(of: "\(path)/run/qemu/\(guest).pid"),
      let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
      let words = HostFiles.smallText(of: "/proc/\(pid)/cmdline")?.split(separator: "\0"),
      words.contains(where: { $0.hasPrefix("guest=\(guest),") || $0 == "guest=\(guest)" })
    else { return nil }
    return pid
  }

  /// The guests in the driver's records, which a killed process leaves behind.
  private var recordedGuests: [String] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/run/qemu")) ?? []).sorted()
    return names.filter { $0.hasPrefix("ktest-") && ($0.hasSuffix(".pid") || $0.hasSuffix(".xml")) }
      .map { String($0.dropLast(4)) }
  }

  var hasGuests: Bool { recordedGuests.contains { processID(of: $0) != nil } }

  /// Ends the guests that a killed ktest left. Call it only while this process holds the root and its driver is not
  /// open yet.
  func endLeftGuests() -> [String] {
    let state = "\(path)/run/qemu"
    var ended: [String] = []
    for guest in recordedGuests {
      if let pid = processID(of: guest) {
        EmbeddedRoot.kill(pid)
        ended.append(guest)
      }
      for suffix in ["pid", "xml"] { unlink("\(state)/\(guest).\(suffix)") }
    }
    removeTraces { name, suffix in name.hasPrefix("ktest-") && name.hasSuffix(suffix) }
    files.removeAll()
    ForkMemory.remove(ForkMemory.directory(for: path))
    return ended
  }

  /// Returns the path where QEMU also writes a guest's console.
  func consoleLog(of guest: String) -> String { "\(path)/\(guest).console" }

  /// Removes the files of an ended guest: its console, which the journal has by now, and QEMU's log.
  func removeTraces(of guest: String) { removeTraces { name, suffix in name == guest + suffix } }

  private func removeTraces(_ isTrace: (_ name: String, _ suffix: String) -> Bool) {
    for (folder, suffix) in [(path, ".console"), ("\(path)/log/qemu", ".log")] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where isTrace(name, suffix) { unlink("\(folder)/\(name)") }
    }
  }

  /// Kills a process and waits until it is gone. Returns whether it is.
  @discardableResult
  static func kill(_ pid: Int32) -> Bool { end(pid, within: 0) }

  /// Waits until a process is gone that ends by itself, and kills it if it does not. Returns whether it is gone.
  ///
  /// - Parameter limit: the time that it has, in milliseconds.
  @discardableResult
  static func end(_ pid: Int32, within limit: Int32) -> Bool {
    let descriptor = ktest_pidfd_open(pid)
    guard descriptor >= 0 else { return errno == ESRCH }
    defer { close(descriptor) }
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    if limit > 0, poll(&wait, 1, limit) == 1 { return true }
    Glibc.kill(pid, SIGKILL)
    return poll(&wait, 1, 10_000) == 1
  }
}
