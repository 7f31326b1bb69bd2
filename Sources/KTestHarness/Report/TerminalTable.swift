import KTestValues

extension TerminalPage {
  private static let verdictWidth = 7
  private static let timeWidth = 9

  /// Adds a suite on one kernel: one line per case, with a remark.
  mutating func listing(_ group: SuiteGroup) {
    let kernel = TerminalText.line(group.kernels[0], limit: 200)
    line(style.paint(TerminalText.line(group.name, limit: 200), .strong) + style.paint("  \(kernel)", .quiet))
    let timeWidth = timeWidth(group)
    let nameWidth = nameWidth(group, beside: 2 + TerminalPage.verdictWidth + 2 + timeWidth + 24)
    for row in group.rows {
      let name = " " + TerminalText.padded(TerminalText.clipped(row.name, to: nameWidth), to: nameWidth)
      let column = 2 + TerminalPage.verdictWidth + 1 + nameWidth + timeWidth + 2
      if let result = row.results[0] {
        let time = TerminalText.rightAligned(time(result), to: timeWidth)
        remark(result.remark, isBad: result.verdict.isBad, after: "  " + word(result.verdict) + name + time, at: column)
      } else if let absence = row.absences[0] {
        let word = style.paint(TerminalText.padded("absent", to: TerminalPage.verdictWidth), .quiet)
        let space = TerminalText.spaces(timeWidth)
        remark(TerminalText.line(absence), isBad: false, after: "  " + word + name + space, at: column)
      }
    }
  }

  /// The width of the column of durations, with a space on its left.
  private func timeWidth(_ group: SuiteGroup) -> Int {
    let widest = group.rows.flatMap(\.results).compactMap { $0.map { TerminalText.width(time($0)) } }.max() ?? 0
    return max(TerminalPage.timeWidth, widest + 2)
  }

  /// Adds the remark next to a case, or below it if the terminal is narrow.
  private mutating func remark(_ text: String, isBad: Bool, after head: String, at column: Int) {
    let isBeside = (style.columns ?? .max) - column >= 24
    let indent = isBeside ? column : 4
    var remarks = TerminalText.wrapped(text, columns: style.columns.map { $0 - indent })
    // Failures are explained below; skips are explained here.
    if isBad { remarks = [TerminalText.clipped(text, to: room(beside: indent) ?? 200)] }
    remarks = remarks.filter { !$0.isEmpty }
    guard isBeside, let first = remarks.first else {
      line(head)
      for remark in remarks { line(TerminalText.spaces(indent) + style.paint(remark, .quiet)) }
      return
    }
    line(head + "  " + style.paint(first, .quiet))
    for remark in remarks.dropFirst() { line(TerminalText.spaces(indent) + style.paint(remark, .quiet)) }
  }

  /// Adds a suite with several kernels side by side, in blocks if the terminal is too narrow.
  mutating func table(_ group: SuiteGroup) {
    let labels = group.kernels.map { TerminalText.clipped(TerminalText.line($0, limit: 200), to: 26) }
    let timeWidth = timeWidth(group)
    let widths = labels.map { max(TerminalText.width($0), TerminalPage.verdictWidth + timeWidth) }
    let nameWidth = nameWidth(group, beside: 4 + (widths.max() ?? 0))
    var columns = ArraySlice(group.kernels.indices)
    var isFirst = true
    while let first = columns.first {
      var block = [first]
      var used = 2 + nameWidth + 2 + widths[first]
      columns = columns.dropFirst()
      while let next = columns.first, used + 2 + widths[next] <= style.columns ?? .max {
        block.append(next)
        used += 2 + widths[next]
        columns = columns.dropFirst()
      }
      if !isFirst { line() }
      isFirst = false
      tableBlock(group, block, labels, widths, nameWidth, timeWidth)
    }
    reasons(of: group)
  }

  private mutating func tableBlock(
    _ group: SuiteGroup, _ block: [Int], _ labels: [String], _ widths: [Int], _ nameWidth: Int, _ timeWidth: Int
  ) {
    let name = TerminalText.clipped(TerminalText.line(group.name, limit: 200), to: nameWidth + 2)
    var head = style.paint(name, .strong) + TerminalText.spaces(nameWidth + 2 - TerminalText.width(name))
    for column in block {
      let isLast = column == block.last
      head += "  " + style.paint(labels[column], .strong)
      if !isLast { head += TerminalText.spaces(widths[column] - TerminalText.width(labels[column])) }
    }
    line(head)
    for row in group.rows {
      var cells = "  " + TerminalText.padded(TerminalText.clipped(row.name, to: nameWidth), to: nameWidth)
      var pending = 0
      for column in block {
        pending += 2
        guard let result = row.results[column] else {
          let word = row.absences[column] == nil ? "-" : "absent"
          cells += TerminalText.spaces(pending) + style.paint(word, .quiet)
          pending = widths[column] - word.count
          continue
        }
        let duration = time(result)
        cells += TerminalText.spaces(pending)
        if duration.isEmpty {
          cells += style.paint(result.verdict.word, Ink(result.verdict))
          pending = widths[column] - result.verdict.word.count
        } else {
          cells += word(result.verdict) + TerminalText.rightAligned(duration, to: timeWidth)
          pending = widths[column] - TerminalPage.verdictWidth - timeWidth
        }
      }
      line(cells)
    }
  }

  /// Adds the reasons of skips and of absences, each once.
  private mutating func reasons(of group: SuiteGroup) {
    let skips = reasonLines(of: group, "  skip  ") { row, column in
      guard let result = row.results[column], result.verdict == .skip else { return nil }
      return result.remark.isEmpty ? "no reason given" : result.remark
    }
    let absences = reasonLines(of: group, "  absent  ") { row, column in
      row.absences[column].map { TerminalText.line($0) }
    }
    let rounds = [(CaseTurns.Kind.rounds, "  rounds  "), (.attempts, "  flaky  ")].flatMap { kind, label in
      reasonLines(of: group, label) { row, column in
        row.results[column]?.turns?.kind == kind ? row.results[column]?.turnText : nil
      }
    }
    if !skips.isEmpty || !absences.isEmpty || !rounds.isEmpty { line() }
    for (label, text, names) in skips + absences + rounds {
      wrapped(label, .quiet, text)
      wrapped(TerminalText.spaces(label.count), .quiet, names, .quiet)
    }
  }

  private func reasonLines(
    of group: SuiteGroup, _ label: String, _ reason: (SuiteGroup.Row, _ column: Int) -> String?
  ) -> [(label: String, text: String, names: String)] {
    struct Reason: Hashable {
      var text: String
      var kernels: [Int]
    }
    var order: [Reason] = []
    var cases: [Reason: [String]] = [:]
    for row in group.rows {
      var kernels: [String: [Int]] = [:]
      for column in group.kernels.indices {
        if let text = reason(row, column) { kernels[text, default: []].append(column) }
      }
      for (text, columns) in kernels.sorted(by: { $0.value[0] < $1.value[0] }) {
        let reason = Reason(text: text, kernels: columns)
        if cases[reason] == nil { order.append(reason) }
        cases[reason, default: []].append(row.name)
      }
    }
    return order.map { reason in
      let all = reason.kernels.count == group.kernels.count
      let where_ =
        all ? "every kernel" : reason.kernels.map { TerminalText.line(group.kernels[$0]) }.joined(separator: ", ")
      return (label, "\(where_): \(reason.text)", (cases[reason] ?? []).joined(separator: ", "))
    }
  }

  private func nameWidth(_ group: SuiteGroup, beside rest: Int) -> Int {
    let widest = group.rows.map { TerminalText.width($0.name) }.max() ?? 0
    let wanted = max(widest, min(TerminalText.width(group.name), 24))
    return min(wanted, max(12, style.columns.map { $0 - rest } ?? 60))
  }

  private func word(_ verdict: Verdict) -> String {
    style.paint(verdict.word, Ink(verdict))
      + TerminalText.spaces(TerminalPage.verdictWidth - verdict.word.count)
  }

  /// Returns the time of a case; empty if it never ran.
  private func time(_ result: CaseResult) -> String {
    result.boot == nil && result.seconds == 0 ? "" : TerminalText.duration(result.seconds)
  }
}

extension CaseResult {
  /// The remark next to the verdict, sanitised; empty for a plain pass.
  var remark: String {
    let turns = turnText.map { [$0] } ?? []
    if let reason, !reason.isEmpty { return (turns + [TerminalText.line(reason)]).joined(separator: ": ") }
    var parts = turns
    if verdict.isBad, subtests.fail > 0 { parts.append("\(subtests.fail) of \(subtests.total) subtests failed") }
    if parts.count == turns.count, subtests.total > 0 { parts.append(TerminalText.count(subtests.total, "subtest")) }
    if subtests.skip > 0 { parts.append("\(subtests.skip) skipped") }
    if subtests.known > 0 { parts.append(TerminalText.count(subtests.known, "known failure")) }
    if !metrics.isEmpty { parts.append(TerminalText.count(metrics.count, "metric")) }
    return parts.joined(separator: ", ")
  }
}
