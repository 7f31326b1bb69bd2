package import KTestValues

/// The live view of a run: it takes events and returns text. It does no I/O and gets the time as a parameter.
///
/// On a terminal it keeps one status line with the elapsed time of current activities, above which it prints only what
/// needs attention. Elsewhere it prints one line per case as it finishes. All of this is progress and goes to stderr.
package struct TerminalReporter: Sendable, Equatable {
  private var style: TerminalStyle
  private let namesKernels: Bool
  /// The current status line on the terminal; empty for none.
  private var status = ""
  package private(set) var replay = RunReplay()

  /// - Parameter namesKernels: whether lines name their kernel, which is useful if there are several.
  package init(style: TerminalStyle, namesKernels: Bool) {
    self.style = style
    self.namesKernels = namesKernels
  }

  /// - Parameter seconds: the time since the run's start.
  /// - Returns: the text to write.
  package mutating func apply(_ event: RunEvent, at seconds: Double) -> String {
    replay.apply(event, at: seconds)
    guard let line = line(for: event) else {
      // Output comes in thousands of pieces; the next tick is soon enough.
      switch event {
      case .console, .output, .artefact, .evidence, .splatPending: return ""
      default: return tick(at: seconds)
      }
    }
    let erased = erase()
    return erased + line + "\n" + tick(at: seconds)
  }

  /// Returns the text that redraws a changed status line.
  package mutating func tick(at seconds: Double) -> String {
    guard style.isTerminal else { return "" }
    let line = statusLine(at: seconds)
    guard line != status else { return "" }
    if line.isEmpty { return erase() }
    status = line
    return "\r" + style.paint(line, .quiet) + "\u{1b}[K"
  }

  /// Returns the text that removes the status line.
  package mutating func erase() -> String {
    guard !status.isEmpty else { return "" }
    status = ""
    return "\r\u{1b}[K"
  }

  /// Handles a change of the terminal's width.
  package mutating func resize(to columns: Int?) { style.columns = columns }

  private func line(for event: RunEvent) -> String? {
    switch event {
    case .notice(let text):
      return style.paint("note: ", .quiet) + TerminalText.line(text)
    case .caseFinished(let suite, let kernel, let result) where !style.isTerminal || result.verdict.isBad:
      let isBare = result.boot == nil && result.seconds == 0
      let parts = [
        "\(suite)/\(result.name)", namesKernels ? kernel : "",
        isBare ? "" : TerminalText.duration(result.seconds), result.verdict == .pass ? "" : result.remark,
      ]
      return verdictLine(result.verdict, parts)
    case .caseAbsent(let suite, let kernel, let test):
      let parts = ["\(suite)/\(test.name)", namesKernels ? kernel : "", "it \(test.reason)"]
      return style.paint("absent", .quiet) + " "
        + parts.filter { !$0.isEmpty }.map { TerminalText.line($0) }
        .joined(separator: "  ")
    case .bootFinished(let boot) where boot.verdict.isBad:
      return verdictLine(boot.verdict, ["boot \(boot.id) of \(boot.suite)", boot.kernel, boot.reason ?? ""])
    default: return nil
    }
  }

  private func verdictLine(_ verdict: Verdict, _ parts: [String]) -> String {
    let word = style.paint(verdict.word, Ink(verdict)) + TerminalText.spaces(6 - verdict.word.count)
    let rest = parts.filter { !$0.isEmpty }.map { TerminalText.line($0) }.joined(separator: "  ")
    return word + (verdict.word.count < 6 ? "" : " ") + rest
  }

  private func statusLine(at seconds: Double) -> String {
    guard !replay.isOver else { return "" }
    var line = ""
    if let planned = replay.planned { line = "[\(replay.finished)/\(planned)] " }
    if let open = replay.running.first {
      line += TerminalText.line("\(open.key.suite)/\(open.key.name)", limit: 400)
      if namesKernels { line += " on " + TerminalText.line(open.key.kernel, limit: 200) }
      line += "  " + TerminalText.duration(seconds - open.since)
      if replay.running.count > 1 { line += "  and \(replay.running.count - 1) more" }
    } else if let boot = replay.openBoots.first(where: { $0.readySeconds == nil }) {
      line += "booting \(TerminalText.line(boot.kernel, limit: 200))  \(TerminalText.duration(seconds - boot.since))"
    } else if replay.planned == nil {
      return ""
    } else {
      line += "…"
    }
    // The last column stays free: a character there moves some terminals to the next line.
    return style.columns.map { TerminalText.clipped(line, to: $0 - 1) } ?? line
  }
}
