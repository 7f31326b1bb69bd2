/// Returns the run as JUnit XML, with a `testsuite` for each suite and kernel. `error` means that the harness failed,
/// `failure` that the kernel or the test did. A failed boot is an additional test case of its suite, and an interrupted
/// run an additional suite, so that a reader that only counts does not see a pass.
public func junitReport(_ run: RunSummary) -> String {
  let suites = run.suites.map { JUnitSuite($0, in: run) } + (run.interrupted ? [JUnitSuite.interrupted] : [])
  func sum(_ count: (JUnitSuite) -> Int) -> Int { suites.reduce(0) { $0 + count($1) } }
  var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  xml += "<testsuites name=\"ktest \(XMLText.attribute(run.run))\" tests=\"\(sum(\.cases.count))\""
  xml += " failures=\"\(sum(\.failures))\" errors=\"\(sum(\.errors))\" skipped=\"\(sum(\.skipped))\""
  xml += " time=\"\(decimals(run.seconds))\">\n"
  for suite in suites { xml += suite.xml(run) }
  return xml + "</testsuites>\n"
}

private struct JUnitSuite {
  struct Case {
    var name: String
    var verdict: Verdict
    var seconds: Double
    var reason: String
    var details: [String]
    var metrics: [Metric] = []
    /// How the program ended, or nil for a good case that exited with 0.
    var program: ProgramEnd?
  }

  var name: String
  var kernel: String
  var cases: [Case]

  var failures: Int { cases.filter { $0.verdict.isBad && $0.verdict != .error }.count }
  var errors: Int { cases.filter { $0.verdict == .error }.count }
  var skipped: Int { cases.filter { $0.verdict == .skip }.count }

  static let interrupted = JUnitSuite(
    name: "ktest", kernel: "",
    cases: [
      Case(
        name: "run", verdict: .error, seconds: 0,
        reason: "the run was interrupted before every case had a verdict", details: [])
    ])

  private init(name: String, kernel: String, cases: [Case]) {
    self.name = name
    self.kernel = kernel
    self.cases = cases
  }

  init(_ suite: SuiteResult, in run: RunSummary) {
    name = suite.name
    kernel = suite.kernel
    cases = suite.cases.map { result in
      let notes = result.notes.map { note in
        let word = note.known ? "known \(note.verdict.rawValue)" : note.verdict.rawValue
        return "\(word): \(note.id)\(note.detail.isEmpty ? "" : ": \(note.detail)")"
      }
      let found = result.otherFindings.filter { !$0.isToldElsewhere }.map { "found: \($0.text)" }
      var details = found + notes + result.splats.map { "splat: \($0.title)" }
      if let boot = run.boots.first(where: { $0.id == result.boot }) { details.append("console: \(boot.console)") }
      return Case(
        name: result.name, verdict: result.verdict, seconds: result.seconds,
        reason: result.reason ?? (result.verdict.isBad ? result.remark : ""), details: details,
        metrics: result.metrics, program: result.program.flatMap { $0.isGood && !result.verdict.isBad ? nil : $0 })
    }
    for boot in run.boots where boot.suite == name && boot.kernel == kernel && boot.verdict.isBad {
      cases.append(
        Case(
          name: "boot \(boot.id)", verdict: boot.verdict, seconds: boot.seconds, reason: boot.reason ?? "",
          details: boot.splats.map { "splat: \($0.title)" } + ["console: \(boot.console)"]))
    }
  }

  func xml(_ run: RunSummary) -> String {
    let seconds = cases.reduce(0) { $0 + $1.seconds }
    var xml =
      "  <testsuite name=\"\(XMLText.attribute(kernel.isEmpty ? name : "\(name) [\(kernel)]"))\" tests=\"\(cases.count)\""
    xml += " failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\" time=\"\(decimals(seconds))\">\n"
    xml += "    <properties>\n"
    for (key, value) in [("kernel", kernel), ("run", run.run), ("interrupted", run.interrupted ? "true" : "false")] {
      xml += "      <property name=\"\(key)\" value=\"\(XMLText.attribute(value))\"/>\n"
    }
    xml += "    </properties>\n"
    for result in cases { xml += self.xml(result) }
    return xml + "  </testsuite>\n"
  }

  private func xml(_ result: Case) -> String {
    // Readers group by the dots of a class name, so dots in the names themselves are replaced.
    let group = [name, kernel].filter { !$0.isEmpty }.map { $0.replacing(".", with: "_") }.joined(separator: ".")
    var head =
      "    <testcase classname=\"\(XMLText.attribute(group))\" name=\"\(XMLText.attribute(result.name))\""
      + " time=\"\(decimals(result.seconds))\""
    let message = "message=\"\(XMLText.attribute(result.reason))\""
    let details = XMLText.content(result.details.joined(separator: "\n"))
    if result.metrics.isEmpty, result.program == nil {
      if result.verdict == .pass { return head + "/>\n" }
      head += ">\n"
    } else {
      head += ">\n      <properties>\n"
      // It is also written without a failure: a known failure explains a status, or 77 means skip.
      if let program = result.program {
        head += "        <property name=\"program\" value=\"\(XMLText.attribute(program.line))\"/>\n"
      }
      for metric in result.metrics {
        let name = "metric \(metric.fullName) (\(metric.unit), \(metric.better.rawValue) is better)"
        head +=
          "        <property name=\"\(XMLText.attribute(name))\" value=\"\(MetricText.number(metric.value))\"/>\n"
      }
      head += "      </properties>\n"
    }
    switch result.verdict {
    case .pass: return head + "    </testcase>\n"
    case .skip: return head + "      <skipped \(message)/>\n    </testcase>\n"
    case .error: return head + "      <error type=\"error\" \(message)>\(details)</error>\n    </testcase>\n"
    case .fail, .crash, .timeout:
      return head + "      <failure type=\"\(result.verdict.rawValue)\" \(message)>\(details)</failure>\n"
        + "    </testcase>\n"
    }
  }
}
