import Glibc

/// Identifies a process of this host among all that have had its number.
package struct ProcessIdentity: Sendable, Equatable {
  package var pid: Int32
  /// The boot id of the host's kernel: a process id means nothing after a reboot.
  package var bootID: String
  /// The clock ticks from the boot to the start of the process: field 22 of /proc/PID/stat (proc(5)).
  package var startTicks: UInt64

  /// Is nil if there is no such process, or only a zombie, which does nothing any more.
  package init?(_ pid: Int32) {
    // The second field is the program's name in parentheses, which may contain spaces and parentheses itself.
    guard let status = HostFiles.smallText(of: "/proc/\(pid)/stat"), let name = status.lastIndex(of: ")") else {
      return nil
    }
    let fields = status[status.index(after: name)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", let start = UInt64(fields[19]) else { return nil }
    (self.pid, bootID, startTicks) = (pid, FileMark.boot, start)
  }
}
