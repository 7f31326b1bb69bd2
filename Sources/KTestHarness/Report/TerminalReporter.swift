package import KTestValues

/// The live view of a run: it takes events and returns text. It does no I/O and gets the time as a parameter.
///
/// On a terminal it keeps one status line with the elapsed time of current activities, and a line more for each guest if
/// several are up; above them it prints only what needs attention. Elsewhere it prints one line per case as it finishes. All of this is progress and goes to stderr.
package struct TerminalReporter: Sendable, Equatable {
  private var style: TerminalStyle
  private let namesKernels: Bool
  /// The current status lines on the terminal. The cursor is behind the last.
  private var status: [String] = []
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

  /// Returns the text that redraws changed status lines.
  package mutating func tick(at seconds: Double) -> String {
    guard style.isTerminal else { return "" }
    let lines = statusLines(at: seconds)
    guard lines != status else { return "" }
    if lines.isEmpty { return erase() }
    let start = toFirstLine
    let rest = lines.count < status.count ? "\u{1b}[J" : ""
    status = lines
    return start + lines.map { style.paint($0, .quiet) + "\u{1b}[K" }.joined(separator: "\n") + rest
  }

  /// Returns the text that removes the status lines.
  package mutating func erase() -> String {
    guard !status.isEmpty else { return "" }
    let text = toFirstLine + (status.count > 1 ? "\u{1b}[J" : "\u{1b}[K")
    status = []
    return text
  }

  /// What moves the cursor to the start of the status lines.
  private var toFirstLine: String { "\r" + (status.count > 1 ? "\u{1b}[\(status.count - 1)A" : "") }

  /// Handles a change of the terminal's width.
  package mutating func resize(to columns: Int?) { style.columns = columns }

  private func line(for event: RunEvent) -> String? {
    switch event {
    case .notice(let text):
      return style.paint("note: ", .quiet) + TerminalText.line(text)
    case .caseFinished(let suite, let kernel, let result) where !style.isTerminal || result.verdict.isBad:
      let isBare = result.boot == nil && result.seconds == 0
      let parts = [
        "\(suite)/\(result.name)", namesKernels ? kernel : "", result.round.map { "round \($0)" } ?? "",
        result.attempt.map { "attempt \($0.number) of \($0.limit)" } ?? "",
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

  private func statusLines(at seconds: Double) -> [String] {
    guard !replay.isOver else { return [] }
    let lines =
      !replay.underWay.isEmpty
      ? elsewhereLines : replay.openBoots.count > 1 ? guestLines(at: seconds) : [statusLine(at: seconds)]
    // The last column stays free: a character there moves some terminals to the next line.
    return lines.filter { !$0.isEmpty }.map { line in
      style.columns.map { TerminalText.clipped(line, to: $0 - 1) } ?? line
    }
  }

  private func statusLine(at seconds: Double) -> String {
    var line = ""
    if let planned = replay.planned { line = "[\(replay.finished)/\(planned)] " }
    if let rounds = replay.rounds { line = "[round \(rounds.begun)/\(rounds.planned)] " }
    if let open = replay.running.first {
      line += text(of: open, at: seconds)
      if replay.running.count > 1 { line += "  and \(replay.running.count - 1) more" }
    } else if let boot = replay.openBoots.first(where: { $0.readySeconds == nil }) {
      line += text(of: boot, at: seconds)
    } else if replay.planned == nil {
      return ""
    } else {
      line += "…"
    }
    return line
  }

  /// Returns a line about the run, and one for each group that is under way on other hosts.
  private var elsewhereLines: [String] {
    let lines = replay.underWay.prefix(TerminalReporter.guestLimit).map { "  " + TerminalText.line($0, limit: 400) }
    let more = replay.underWay.count - lines.count
    return ["[\(replay.finished)/\(replay.planned ?? 0)]"] + lines + (more > 0 ? ["  and \(more) more"] : [])
  }

  /// The number of guests that have a line of their own.
  private static let guestLimit = 12

  /// Returns a line about all guests, and one for each.
  private func guestLines(at seconds: Double) -> [String] {
    let (guests, planned) = (replay.openBoots, replay.planned ?? 0)
    let waiting = max(0, planned - replay.finished - guests.reduce(0) { $0 + replay.unfinished(of: $1) })
    var head = "[\(replay.finished)/\(planned)] \(guests.count) guests"
    if waiting > 0 { head += ", \(waiting) \(waiting == 1 ? "case waits" : "cases wait")" }
    if guests.count > TerminalReporter.guestLimit { head += "; \(TerminalReporter.guestLimit) are shown" }
    return [head]
      + guests.prefix(TerminalReporter.guestLimit).map { boot in
        let number = TerminalText.spaces(4 - String(boot.id).count) + "\(boot.id)  "
        if let open = replay.running.first(where: { $0.boot == boot.id }) {
          return number + text(of: open, at: seconds)
        }
        return number + (boot.readySeconds == nil ? text(of: boot, at: seconds) : "…")
      }
  }

  private func text(of open: RunReplay.RunningCase, at seconds: Double) -> String {
    let kernel = namesKernels ? " on " + TerminalText.line(open.key.kernel, limit: 200) : ""
    return TerminalText.line("\(open.key.suite)/\(open.key.name)", limit: 400) + kernel + "  "
      + TerminalText.duration(seconds - open.since)
  }

  private func text(of boot: RunReplay.OpenBoot, at seconds: Double) -> String {
    "booting \(TerminalText.line(boot.kernel, limit: 200))  \(TerminalText.duration(seconds - boot.since))"
  }
}
