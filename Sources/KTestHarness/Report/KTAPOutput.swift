package import KTestValues

/// Returns the run as KTAP version 1 (Documentation/dev-tools/ktap.rst): one test for each suite and kernel, with its
/// cases nested. A failed boot is an additional test of its suite, so that such a run is never a pass.
package func ktapReport(_ run: RunSummary) -> String {
  var text = "KTAP version 1\n" + run.circumstances.map { "# \(ktapText($0))\n" }.joined()
  text += "1..\(run.suites.count)\n"
  for (place, suite) in run.suites.enumerated() {
    let name = "\(suite.name) on \(suite.kernel)"
    let boots = run.boots.filter { $0.suite == suite.name && $0.kernel == suite.kernel && $0.verdict.isBad }
    text += "  KTAP version 1\n  # Subtest: \(ktapText(name))\n  1..\(suite.cases.count + boots.count)\n"
    for test in suite.absent { text += "  # absent: \(ktapText("\(test.name) \(test.reason)"))\n" }
    for (place, result) in suite.cases.enumerated() {
      for line in diagnostics(of: result) { text += "  # \(ktapText(line))\n" }
      text +=
        "  " + ktapResult(place + 1, result.name, result.verdict, result.isFlaky ? result.turnText : result.reason)
    }
    for (place, boot) in boots.enumerated() {
      for splat in boot.splats { text += "  # splat: \(ktapText(splat.title))\n" }
      text += "  # console: \(ktapText(boot.console))\n"
      text += "  " + ktapResult(suite.cases.count + place + 1, "boot-\(boot.id)", boot.verdict, boot.reason)
    }
    text += ktapResult(place + 1, name, suite.verdict, nil)
  }
  if run.interrupted { text += "Bail out! The run was interrupted.\n" }
  return text
}

/// Returns one result line. KTAP has no directive for `fail` and `crash`, so these words precede the reason: a reason
/// that begins with `TODO` must not become a directive.
private func ktapResult(_ number: Int, _ name: String, _ verdict: Verdict, _ reason: String?) -> String {
  let reason = reason.map { " " + ktapText($0) } ?? ""
  let name = ktapText(name).replacing("#", with: "_")
  switch verdict {
  case .pass: return "ok \(number) \(name)\(reason.isEmpty ? "" : " #\(reason)")\n"
  case .skip: return "ok \(number) \(name) # SKIP\(reason)\n"
  case .fail: return "not ok \(number) \(name)\(reason.isEmpty ? "" : " # fail:\(reason)")\n"
  case .timeout: return "not ok \(number) \(name) # TIMEOUT\(reason)\n"
  case .error: return "not ok \(number) \(name) # ERROR\(reason)\n"
  case .crash: return "not ok \(number) \(name) # crash:\(reason.isEmpty ? " the kernel crashed" : reason)\n"
  }
}

private func diagnostics(of result: CaseResult) -> [String] {
  var lines =
    ["seconds: \(decimals(result.seconds))"]
    + (result.turnText.map { ["\(result.attempt == nil ? "rounds" : "attempts"): \($0)"] } ?? [])
  let counts = result.subtests
  if counts.total > 0 {
    lines.append("subtests: pass:\(counts.pass) fail:\(counts.fail) skip:\(counts.skip) known:\(counts.known)")
  }
  for note in result.notes {
    let kind = note.known ? (note.verdict == .pass ? "known failure passes" : "known failure") : note.verdict.rawValue
    lines.append("\(kind): \(note.id)\(note.detail.isEmpty ? "" : ": \(note.detail)")")
  }
  if let program = result.program { lines.append("program: \(program.line)") }
  lines += result.otherFindings.filter { !$0.isToldElsewhere }.map { "found: \($0.text)" }
  lines += result.metrics.map { metric in
    "metric \(metric.name) \(MetricText.number(metric.value)) \(metric.unit) \(metric.better.rawValue)"
  }
  return lines + result.splats.map { "splat: \($0.title)" }
}

extension CaseFinding {
  /// Whether the finding is listed elsewhere, as splats are.
  var isToldElsewhere: Bool { kind == .splat || kind == .fatalSplat }
}

extension ProgramEnd {
  /// How the program ended, with the relevant line of its output.
  var line: String { text + (said.map { ", saying '\($0)'" } ?? "") }
}

/// Returns the text on one line.
private func ktapText(_ text: String) -> String { TerminalText.line(text) }

/// Formats seconds with three decimals, independent of the locale.
func decimals(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds > 0 else { return "0.000" }
  let milli = Int(min(seconds, 1e12) * 1000 + 0.5)
  let rest = String(milli % 1000)
  return "\(milli / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
}
