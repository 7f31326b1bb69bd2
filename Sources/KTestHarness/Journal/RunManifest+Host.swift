import Glibc

extension RunManifest.Host {
  /// Returns the machine that this process runs on.
  package static func current() -> RunManifest.Host {
    var name = utsname()
    let release =
      uname(&name) == 0
      ? withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } : "unknown"
    let pages = UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES))))
    return RunManifest.Host(
      cpus: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
      memory: pages * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE)))), kernel: release)
  }
}
