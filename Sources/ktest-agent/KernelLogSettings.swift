import Glibc
import GuestProtocol

/// The settings that decide whether the console shows the kernel's messages, as they were when the agent started.
struct KernelLogSettings {
  private let values: [(path: String, value: String)]

  init() {
    let parameters = "/sys/module/printk/parameters"
    let paths =
      ["printk", "printk_delay", "printk_devkmsg", "printk_ratelimit", "printk_ratelimit_burst"]
      .map { "/proc/sys/kernel/\($0)" } + entries(of: parameters).map { "\(parameters)/\($0)" }
      // The list of consoles, which cannot be restored.
      + ["/sys/class/tty/console/active"]
    values = paths.compactMap { path in KernelLogSettings.value(of: path).map { (path, $0) } }
  }

  private static func value(of path: String) -> String? {
    readText(path)?.split { $0 == "\n" || $0 == "\t" || $0 == " " }.joined(separator: " ")
  }

  /// Restores the settings that have changed, and returns the changes.
  func restore() -> [KernelLogReport.Change] {
    values.compactMap { path, value in
      let now = KernelLogSettings.value(of: path) ?? "gone"
      guard now != value else { return nil }
      try? writeFile(path, value)
      return KernelLogReport.Change(path: path, before: value, after: now)
    }
  }
}

/// The kernel's own counts of problems.
struct KernelCounts {
  private var taints: UInt64
  private var warnings: UInt64
  private var oopses: UInt64

  init() {
    taints = KernelCounts.number("/proc/sys/kernel/tainted")
    warnings = KernelCounts.number("/sys/kernel/warn_count")
    oopses = KernelCounts.number("/sys/kernel/oops_count")
  }

  private static func number(_ path: String) -> UInt64 {
    readText(path)?.split(separator: "\n").first.flatMap { UInt64($0) } ?? 0
  }

  /// Returns the increase since then.
  func report(changes: [KernelLogReport.Change]) -> KernelLogReport {
    let now = KernelCounts()
    return KernelLogReport(
      changes: changes, taints: now.taints & ~taints, warnings: now.warnings &- min(warnings, now.warnings),
      oopses: now.oopses &- min(oopses, now.oopses))
  }
}
