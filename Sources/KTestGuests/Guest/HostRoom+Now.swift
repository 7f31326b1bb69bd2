internal import Glibc
import KTestHost
package import KTestValues

extension HostRoom {
  /// Returns what this host has now. Nothing is available if the kernel does not say.
  package static func now() -> HostRoom {
    let meminfo = HostFiles.smallText(of: "/proc/meminfo") ?? ""
    var limit = rlimit()
    let most = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: limit.rlim_cur) : 256
    return HostRoom(
      processors: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
      memory: HostRoom.bytes(of: "MemTotal", in: meminfo) ?? 0,
      available: HostRoom.bytes(of: "MemAvailable", in: meminfo) ?? 0,
      files: most - HostFiles.names(in: "/proc/self/fd").count, resident: residentGuests())
  }

  /// Returns how much memory each guest of any ktest has by now, in bytes, by its name.
  static func residentGuests() -> [String: UInt64] {
    var found: [String: UInt64] = [:]
    for process in HostFiles.names(in: "/proc") where process.first?.isNumber == true {
      guard let words = HostFiles.smallText(of: "/proc/\(process)/cmdline")?.split(separator: "\0"),
        let name = words.lazy.compactMap(guestName).first,
        let pages = HostFiles.smallText(of: "/proc/\(process)/statm")?.split(separator: " ").dropFirst().first
      else { continue }
      found[name] = (UInt64(pages) ?? 0) * UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    }
    return found
  }

  /// Returns the name of ktest's guest in an argument of QEMU: `guest=ktest-2026…-1,debug-threads=on`.
  static func guestName(_ argument: Substring) -> String? {
    guard argument.hasPrefix("guest=ktest-") else { return nil }
    return String(argument.dropFirst("guest=".count).prefix { $0 != "," })
  }
}
