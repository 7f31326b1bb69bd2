internal import GuestProtocol
import KTestValues

/// Information about the kernel's log while one case ran: whether it is complete, and what the agent read from the log
/// buffer, which only the kernel writes as its own.
struct LogEvidence: Equatable {
  /// Whether the agent's line came before the case and after it.
  var hasBegin = true
  var hasEnd = true
  /// Whether the kernel printed faster than the console, and dropped what it could not keep.
  var hasDropped = false
  /// The number of records with each expected message; nil if the buffer was not read completely, so that the console
  /// is used.
  var sightings: [LineMatch: Int]?
  /// The splats in the buffer's records.
  var splats: [Splat] = []

  /// Returns the reasons why the log of such a case cannot be trusted, each as a sentence; empty if it can.
  func doubts(_ report: KernelLogReport, sawSplat: Bool) -> [String] {
    var doubts: [String] = []
    if !hasBegin || !hasEnd {
      let which = hasBegin ? "end" : hasEnd ? "start" : "start and end"
      doubts.append(
        "the agent's line at the case's \(which) is missing in the kernel log, which is silent or incomplete")
    }
    if hasDropped, report.isIncomplete {
      doubts.append("the kernel dropped messages from both the console and the log buffer")
    }
    let changes = report.changes.filter(\.mayHide)
    if let change = changes.first {
      let others = changes.count > 1 ? " and \(changes.count - 1) more" : ""
      doubts.append(
        "the case changed the kernel log settings (\(change.path): \(change.before) → \(change.after))\(others), so its "
          + "log cannot be trusted")
    }
    if !sawSplat, let what = LogEvidence.complaint(report) {
      doubts.append("the kernel says that \(what), but its log does not show it")
    }
    return doubts
  }

  /// Taint bits that always come with a splat (Documentation/admin-guide/tainted-kernels.rst).
  private static let taints: [(bit: Int, text: String)] = [
    (7, "it oopsed (taint D)"), (9, "it warned (taint W)"), (5, "it found a bad page (taint B)"),
    (14, "it locked up (taint L)"),
  ]

  private static func complaint(_ report: KernelLogReport) -> String? {
    if report.oopses > 0 { return "it oopsed (oops_count)" }
    if let taint = taints.first(where: { report.taints >> UInt64($0.bit) & 1 == 1 }) { return taint.text }
    return report.warnings > 0 ? "it warned (warn_count)" : nil
  }
}

extension KernelLogReport.Change {
  /// Whether the change can hide messages. The kernel itself raises the console's level when it oopses
  /// (`console_verbose()`).
  var mayHide: Bool {
    if path.hasSuffix("/ignore_loglevel") { return after != "Y" }
    let (levels, former) = (after.split(separator: " "), before.split(separator: " "))
    guard path == "/proc/sys/kernel/printk", levels.count == 4, levels.dropFirst() == former.dropFirst(),
      let level = Int(levels[0]), let formerLevel = former.first.flatMap({ Int($0) })
    else { return true }
    return level < formerLevel
  }
}
