internal import Glibc

/// Which harness runs a guest, written into the domain, so that guests left behind by a killed one can be told from
/// those of a living one.
public struct GuestOwner: Sendable, Equatable {
  public var host: String
  /// The host kernel's boot id: a process id means nothing after a reboot.
  public var bootID: String
  public var pid: Int32
  /// Clock ticks after boot at which the process started (proc(5), field 22 of `stat`): pids are used again.
  public var startTicks: UInt64

  public init(host: String, bootID: String, pid: Int32, startTicks: UInt64) {
    self.host = host
    self.bootID = bootID
    self.pid = pid
    self.startTicks = startTicks
  }

  public var text: String { "\(host) \(bootID) \(pid) \(startTicks)" }

  public init?(text: some StringProtocol) {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 4, let pid = Int32(words[2]), let ticks = UInt64(words[3]) else { return nil }
    self.init(host: String(words[0]), bootID: String(words[1]), pid: pid, startTicks: ticks)
  }

  /// This process.
  public static var current: GuestOwner {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return GuestOwner(
      host: host.isEmpty ? "localhost" : host, bootID: hostBootID(), pid: getpid(),
      startTicks: startTicks(of: getpid()) ?? 0
    )
  }

  /// True when the owner is known to be dead: it ran on this host, and either before its last boot or its process is no
  /// more. The owner of another host is none of our business.
  public func isDead(seenFrom current: GuestOwner) -> Bool {
    guard host == current.host else { return false }
    return bootID != current.bootID || GuestOwner.startTicks(of: pid) != startTicks
  }

  static func startTicks(of pid: Int32) -> UInt64? {
    guard let stat = smallFile("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[end...].split(separator: " ")
    return fields.count > 20 ? UInt64(fields[20]) : nil
  }
}

/// The host kernel's boot id, or the empty string where procfs has none.
func hostBootID() -> String {
  smallFile("/proc/sys/kernel/random/boot_id")?.split(separator: "\n").first.map(String.init) ?? ""
}

/// A file of procfs or sysfs, or another of at most a few KiB, as text.
func smallFile(_ path: String) -> String? {
  // Not blocking: opening a pipe waits for its writer otherwise.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = read(descriptor, &bytes, bytes.count)
  return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
}
