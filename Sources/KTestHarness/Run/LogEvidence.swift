internal import GuestProtocol

/// What is known of the kernel's log while one case ran: whether it is whole, and what the agent read in the log's buffer
/// beside the console. Nobody but the kernel writes such records.
struct LogEvidence: Equatable {
  /// The agent's line came before the case and after it.
  var hasBegin = true
  var hasEnd = true
  /// The kernel printed faster than the console could show, and dropped what it could not keep.
  var hasDropped = false
  /// Of each expected pattern; nil where the buffer was not read as a whole, and the console has to do.
  var sightings: [WildcardPattern: Int]?
  /// Found in the buffer's records.
  var splats: [Splat] = []

  /// Why the log of such a case cannot be believed, each in a sentence; empty when it can.
  func doubts(_ report: KernelLogReport, sawSplat: Bool) -> [String] {
    var doubts: [String] = []
    if !hasBegin || !hasEnd {
      let which = hasBegin ? "end" : hasEnd ? "begin" : "begin and end"
      doubts.append(
        "the agent's line at the case's \(which) is missing in the kernel log, which is silent or incomplete")
    }
    if hasDropped, report.isIncomplete {
      doubts.append("the kernel dropped messages that neither its console nor its log's buffer could keep")
    }
    let changes = report.changes.filter(\.mayHide)
    if let change = changes.first {
      let others = changes.count > 1 ? " and \(changes.count - 1) more" : ""
      doubts.append(
        "the case changed what the kernel log shows (\(change.path): \(change.before) → \(change.after))\(others), so that its "
          + "log cannot be believed")
    }
    if !sawSplat, let what = LogEvidence.complaint(report) {
      doubts.append("the kernel says that \(what), and its log shows nothing of it")
    }
    return doubts
  }

  /// Each of these bits comes with a splat (Documentation/admin-guide/tainted-kernels.rst).
  private static let taints: [(bit: Int, text: String)] = [
    (7, "it oopsed (taint D)"), (9, "it warned (taint W)"), (5, "it met a bad page (taint B)"),
    (14, "it locked up (taint L)"),
  ]

  private static func complaint(_ report: KernelLogReport) -> String? {
    if report.oopses > 0 { return "it oopsed (oops_count)" }
    if let taint = taints.first(where: { report.taints >> UInt64($0.bit) & 1 == 1 }) { return taint.text }
    return report.warnings > 0 ? "it warned (warn_count)" : nil
  }
}

extension KernelLogReport.Change {
  /// False for what only makes the log say more. The kernel itself raises the console's level when it oopses
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
