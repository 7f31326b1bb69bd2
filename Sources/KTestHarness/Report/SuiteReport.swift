import KTestHost
package import KTestValues

/// Returns the text of `ktest suite show`: the cases of a suite with what selects them, where they exist, and what is
/// demanded of their subtests.
///
/// - Parameter absent: for each kernel that was asked for the cases that do not exist there.
package func suiteReport(
  _ suite: Suite, absent: [(kernel: String, cases: [AbsentCase])] = [], style: TerminalStyle
) -> String {
  var page = TerminalPage(style: style)
  page.line(style.paint(TerminalText.line(suite.name), .strong))
  if !suite.description.isEmpty { page.wrapped("  ", .plain, TerminalText.line(suite.description)) }
  for axis in suite.matrix {
    page.wrapped("  ", .quiet, TerminalText.line("\(axis.name): \(axis.values.joined(separator: ", "))"))
  }
  for test in suite.cases {
    page.line()
    page.line("  " + style.paint(test.name, .strong))
    for (label, text) in rows(of: test) { page.wrapped("    " + TerminalText.padded(label, to: 10), .quiet, text) }
    for (kernel, cases) in absent {
      guard let reason = cases.first(where: { $0.name == test.name })?.reason else { continue }
      page.wrapped(
        "    " + TerminalText.padded("absent", to: 10), .trouble, TerminalText.line("on \(kernel): it \(reason)"))
    }
  }
  page.line()
  return page.text
}

private func rows(of test: Case) -> [(label: String, text: String)] {
  func condition(_ when: Condition) -> String { when.isAlways ? "" : " when \(when.description)" }
  var rows: [(label: String, text: String)] = []
  if !test.description.isEmpty { rows.append(("", test.description)) }
  if !test.tags.isEmpty { rows.append(("tags", test.tags.joined(separator: ", "))) }
  if !test.when.isAlways { rows.append(("when", test.when.description)) }
  if let subtests = test.subtests {
    rows.append(
      ("subtests", subtests.rules.map { "\($0.count)\(condition($0.when))" }.joined(separator: "; ")))
  }
  for skip in test.skips {
    let says = skip.says.map { " saying '\($0)'" } ?? ""
    rows.append(("skips", "\(skip.subtest)\(says): \(skip.reason)\(condition(skip.when))"))
  }
  for known in test.known { rows.append(("known", "\(known.subtest): \(known.reason)\(condition(known.when))")) }
  if let flaky = test.flaky {
    let link = flaky.link.map { " (\($0))" } ?? ""
    rows.append(("flaky", "\(flaky.reason)\(link); --retry \(flaky.retries) at most"))
  }
  for entry in test.dmesg.expect {
    let count = entry.count.map { ", \($0) times" } ?? ""
    rows.append(("expects", "\(entry.target)\(count)\(condition(entry.when))"))
  }
  return rows.map { ($0.label, TerminalText.line($0.text)) }
}
