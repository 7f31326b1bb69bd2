import KTestValues

/// The number of functions in the table for people; the others are one line.
private let shownFunctions = 30

/// Returns the functions that make the difference, for people. The lines of the table add up to its last one.
package func explanationReport(
  _ explanation: MetricExplanation, circumstances: [String], style: TerminalStyle
) -> String {
  var page = TerminalPage(style: style)
  page.wrapped("first   ", .quiet, TerminalText.line(explanation.baseKernel), .strong)
  page.wrapped("second  ", .quiet, TerminalText.line(explanation.withKernel), .strong)
  for line in circumstances { page.wrapped("note:   ", .quiet, TerminalText.line(line)) }
  page.line()
  let difference = explanation.difference
  func number(_ value: Double) -> String { MetricText.value(value, Metric.instructions) }
  func row(_ name: String, _ before: Double, _ after: Double, calls: String = "") -> [String] {
    let change = ((after - before) * 1000).rounded() / 1000 + 0
    return [name, number(before), number(after), (change > 0 ? "+" : "") + MetricText.number(change), calls]
  }
  var rows = difference.changed.prefix(shownFunctions).map { function in
    row(
      function.name, function.before, function.after,
      calls: function.callsBefore == function.callsAfter
        ? "" : "\(number(function.callsBefore)) → \(number(function.callsAfter))")
  }
  let others = difference.changed.dropFirst(shownFunctions)
  if !others.isEmpty {
    rows.append(
      row(
        TerminalText.count(others.count, "other function"), others.reduce(0) { $0 + $1.before },
        others.reduce(0) { $0 + $1.after }))
  }
  if difference.sameCount > 0 {
    rows.append(
      row("\(TerminalText.count(difference.sameCount, "function")) without a change", difference.same, difference.same))
  }
  rows.append(row(difference.clock.name, difference.clock.before, difference.clock.after))
  rows.append(row(difference.metric, difference.before, difference.after))
  page.columns(
    [["\(explanation.suite)/\(explanation.test)", "first", "second", "change", "calls"]] + rows, right: [1, 2, 3],
    headInk: .quiet)
  return page.text
}

/// Returns the same for programs, with all functions; docs/exact-numbers.md describes it.
package func explanationJSON(_ explanation: MetricExplanation) -> String {
  let difference = explanation.difference
  func row(_ row: FunctionDifference.Row) -> JSONValue {
    .object([
      ("function", .string(row.name)), ("first", .double(row.before)), ("second", .double(row.after)),
      ("change", .double(row.change)), ("callsFirst", .double(row.callsBefore)),
      ("callsSecond", .double(row.callsAfter)),
    ])
  }
  return JSONValue.object([
    ("suite", .string(explanation.suite)), ("case", .string(explanation.test)),
    ("metric", .string(difference.metric)),
    (
      "kernels",
      .object([("first", .string(explanation.baseKernel)), ("second", .string(explanation.withKernel))])
    ),
    ("first", .double(difference.before)), ("second", .double(difference.after)),
    ("functions", .array(difference.changed.map(row))),
    ("unchanged", .object([("functions", .int(difference.sameCount)), ("instructions", .double(difference.same))])),
    ("clock", .object([("first", .double(difference.clock.before)), ("second", .double(difference.clock.after))])),
  ]).page
}
