import Glibc
import KTestHost

/// A process of a host, so that another process of the same host can see whether it is still there.
package struct WorkProcess: Codable, Sendable, Equatable {
  var pid: Int32
  /// The boot id of the host's kernel.
  var bootID: String
  /// The clock ticks from the boot to the process's start.
  var startTicks: UInt64

  package init?(_ pid: Int32 = getpid()) {
    guard let identity = ProcessIdentity(pid) else { return nil }
    (self.pid, bootID, startTicks) = (pid, identity.bootID, identity.startTicks)
  }

  var isAlive: Bool { WorkProcess(pid) == self }

  /// Asks the process to end, if it is still there.
  func stop(_ signal: Int32 = SIGTERM) {
    if isAlive { kill(pid, signal) }
  }
}
