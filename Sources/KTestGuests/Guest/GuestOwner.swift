internal import Glibc
import KTestHost

/// The harness that runs a guest, recorded in the domain, so that guests of a killed harness can be distinguished from
/// those of a living one.
package struct GuestOwner: Sendable, Equatable {
  package var host: String
  /// The host kernel's boot id: a process id means nothing after a reboot.
  package var bootID: String
  package var pid: Int32
  /// The start time of the process in clock ticks after boot (proc(5), field 22 of `stat`), because pids are reused.
  package var startTicks: UInt64

  package init(host: String, bootID: String, pid: Int32, startTicks: UInt64) {
    self.host = host
    self.bootID = bootID
    self.pid = pid
    self.startTicks = startTicks
  }

  package var text: String { "\(host) \(bootID) \(pid) \(startTicks)" }

  package init?(text: some StringProtocol) {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 4, let pid = Int32(words[2]), let ticks = UInt64(words[3]) else { return nil }
    self.init(host: String(words[0]), bootID: String(words[1]), pid: pid, startTicks: ticks)
  }

  /// This process.
  package static var current: GuestOwner {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return GuestOwner(
      host: host.isEmpty ? "localhost" : host, bootID: FileMark.boot, pid: getpid(),
      startTicks: ProcessIdentity(getpid())?.startTicks ?? 0)
  }

  /// Returns whether the owner is known to be dead: it ran on this host, and either before the last boot or its process
  /// no longer exists. Nothing is known about owners on other hosts.
  package func isDead(seenFrom current: GuestOwner) -> Bool {
    guard host == current.host else { return false }
    return bootID != current.bootID || ProcessIdentity(pid)?.startTicks != startTicks
  }
}
