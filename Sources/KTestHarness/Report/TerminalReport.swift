package import KTestValues

/// Returns the report of a whole run for people: every suite with its kernels side by side, then details of failures,
/// then a final line. Foreign text in it is sanitised.
package func terminalReport(_ run: RunSummary, context: ReportContext, style: TerminalStyle) -> String {
  var page = TerminalPage(style: style)
  for notice in context.notices {
    page.wrapped("note: ", .quiet, TerminalText.line(notice))
  }
  if !context.notices.isEmpty { page.line() }

  for group in SuiteGroup.groups(of: run.suites) where !group.rows.isEmpty {
    if group.kernels.count == 1 { page.listing(group) } else { page.table(group) }
    page.line()
  }
  page.details(run, context)
  page.closing(run, context)
  return page.text
}

/// Returns the text of `ktest show RUN`: the report of a run from its directory.
package func terminalReport(_ journal: JournalContents, style: TerminalStyle) -> String {
  var context = ReportContext(journal.replay, directory: journal.directory, withNotices: true)
  context.isPruned = journal.isPruned
  let report = terminalReport(journal.summary, context: context, style: style)
  guard journal.state == .running else { return report }
  return report + style.paint("this run has not finished", .strong) + "\n"
}

/// The lines of a report that is being composed.
struct TerminalPage {
  let style: TerminalStyle
  private(set) var text = ""

  init(style: TerminalStyle) { self.style = style }

  mutating func line(_ line: String = "") { text += line + "\n" }

  /// Returns the number of columns next to an indentation; nil means no limit.
  func room(beside indent: Int) -> Int? { style.columns.map { max(20, $0 - indent) } }

  /// Adds a text that wraps to the right of its label.
  mutating func wrapped(_ label: String, _ ink: Ink = .plain, _ body: String, _ bodyInk: Ink = .plain) {
    let indent = TerminalText.width(label)
    let head = label.allSatisfy { $0 == " " } ? label : style.paint(label, ink)
    for (place, part) in TerminalText.wrapped(body, columns: room(beside: indent)).enumerated() {
      line((place == 0 ? head : TerminalText.spaces(indent)) + style.paint(part, bodyInk))
    }
  }
}
