internal import Foundation
import KTestHost

/// The threads of a QEMU process that run a guest's processors. QEMU names them `CPU 0/TCG`, `CPU 0/KVM`, or `ALL
/// CPUs/TCG` if one thread runs all of them in turn; libvirt requests these names (`debug-threads=on`).
enum ProcessorThreads {
  /// Returns for how many seconds each thread has waited for a processor of the host, by thread id. It is empty if the
  /// process is gone or the host's kernel does not count (`/proc/PID/task/TID/schedstat`, CONFIG_SCHED_INFO).
  static func waits(ofProcess pid: Int32) -> [Int32: Double] { waits(ofProcess: pid) { $0.contains("CPU") } }

  /// Returns the same for all threads of QEMU and of this process: for how long a call into libvirt was kept from running.
  static func waits(ofCallInto pid: Int32) -> [Int32: Double] {
    waits(ofProcess: pid) { _ in true }.merging(waits(ofProcess: getpid()) { _ in true }) { theirs, _ in theirs }
  }

  private static func waits(ofProcess pid: Int32, where counts: (String) -> Bool) -> [Int32: Double] {
    let tasks = "/proc/\(pid)/task"
    var waits: [Int32: Double] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
      guard let thread = Int32(name), let title = HostFiles.smallText(of: "\(tasks)/\(name)/comm"), counts(title),
        let numbers = HostFiles.smallText(of: "\(tasks)/\(name)/schedstat")?.split(separator: " "), numbers.count >= 2,
        let nanoseconds = Double(numbers[1])
      else { continue }
      waits[thread] = nanoseconds / 1e9
    }
    return waits
  }
}
