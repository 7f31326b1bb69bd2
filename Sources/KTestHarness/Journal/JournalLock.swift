import FoundationEssentials
import Glibc
import KTestHost
import KTestValues

/// The process that writes a run, identified by its pid, the machine's boot id and its start time: pids are reused, and
/// a copied directory must not look alive.
struct JournalLock: Codable, Equatable {
  var pid: Int32
  var bootID: String
  /// The clock ticks from the boot of the machine to the start of the process: field 22 of /proc/PID/stat (proc(5)).
  var startTime: UInt64

  static func current() -> JournalLock? { of(getpid()) }

  /// Returns nil if there is no such process.
  static func of(_ pid: Int32) -> JournalLock? {
    ProcessIdentity(pid).map { JournalLock(pid: pid, bootID: $0.bootID, startTime: $0.startTicks) }
  }

  /// Whether the process that wrote the lock still runs on this machine.
  var isHeld: Bool { JournalLock.of(pid) == self }

  var bytes: [UInt8] {
    let json = JSONValue.object([
      ("pid", .int(Int(pid))), ("bootID", .string(bootID)), ("startTime", .int(Int(startTime))),
    ])
    return Array((json.line + "\n").utf8)
  }

  /// Returns nil if there is no readable lock, so that no writer is known.
  init?(at path: String) {
    guard let bytes = try? readFile(path, last: 4096),
      let lock = try? JSONDecoder().decode(JournalLock.self, from: Data(bytes))
    else { return nil }
    self = lock
  }

  init(pid: Int32, bootID: String, startTime: UInt64) {
    self.pid = pid
    self.bootID = bootID
    self.startTime = startTime
  }
}
