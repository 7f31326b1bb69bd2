package import KTestValues

/// Returns the run as JUnit XML, with a `testsuite` for each suite and kernel. `error` means that the harness failed,
/// `failure` that the kernel or the test did. A failed boot is an additional test case of its suite, and an interrupted
/// run an additional suite, so that a reader that only counts does not see a pass.
package func junitReport(_ run: RunSummary) -> String {
  let suites = run.suites.map { JUnitSuite($0, in: run) } + (run.interrupted ? [JUnitSuite.interrupted] : [])
  func sum(_ count: (JUnitSuite) -> Int) -> String { String(suites.reduce(0) { $0 + count($1) }) }
  return XMLElement(
    "testsuites",
    [
      "name": "ktest \(run.run)", "tests": sum(\.cases.count), "failures": sum(\.failures), "errors": sum(\.errors),
      "skipped": sum(\.skipped), "time": decimals(run.seconds),
    ], suites.map { $0.element(run) }
  ).document
}

private struct JUnitSuite {
  struct Case {
    var name: String
    var verdict: Verdict
    var seconds: Double
    var reason: String
    var details: [String]
    var metrics: [Metric] = []
    var turns: (name: String, text: String)?
    /// How the program ended, or nil for a good case that exited with 0.
    var program: ProgramEnd?
  }

  var name: String
  var kernel: String
  var cases: [Case]
  var absent: [AbsentCase] = []

  var failures: Int { cases.filter { $0.verdict.isBad && $0.verdict != .error }.count }
  var errors: Int { cases.filter { $0.verdict == .error }.count }
  var flaky: Int { cases.count { $0.turns?.name == "flaky" } }
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
    absent = suite.absent
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
        metrics: result.metrics,
        turns: result.turnText.map { (result.isFlaky ? "flaky" : result.attempt == nil ? "rounds" : "attempts", $0) },
        program: result.program.flatMap { $0.isGood && !result.verdict.isBad ? nil : $0 })
    }
    for boot in run.boots where boot.suite == name && boot.kernel == kernel && boot.verdict.isBad {
      cases.append(
        Case(
          name: "boot \(boot.id)", verdict: boot.verdict, seconds: boot.seconds, reason: boot.reason ?? "",
          details: boot.splats.map { "splat: \($0.title)" } + ["console: \(boot.console)"]))
    }
  }

  func element(_ run: RunSummary) -> XMLElement {
    var properties = [("kernel", kernel), ("run", run.run), ("interrupted", run.interrupted ? "true" : "false")]
    properties += run.circumstances.map { ("circumstance", $0) }
    if flaky > 0 { properties.append(("flaky", "\(flaky)")) }
    properties += absent.map { ("absent \($0.name)", $0.reason) }
    return XMLElement(
      "testsuite",
      [
        "name": kernel.isEmpty ? name : "\(name) [\(kernel)]", "tests": "\(cases.count)", "failures": "\(failures)",
        "errors": "\(errors)", "skipped": "\(skipped)", "time": decimals(cases.reduce(0) { $0 + $1.seconds }),
      ], [JUnitSuite.properties(properties)] + cases.map(element))
  }

  private func element(_ result: Case) -> XMLElement {
    // Readers group by the dots of a class name, so dots in the names themselves are replaced.
    let group = [name, kernel].filter { !$0.isEmpty }.map { $0.replacing(".", with: "_") }.joined(separator: ".")
    // It is also written without a failure: a known failure explains a status, or 77 means skip.
    var properties = result.turns.map { [($0.name, $0.text)] } ?? []
    properties += result.program.map { [("program", $0.line)] } ?? []
    for metric in result.metrics {
      let name = "metric \(metric.fullName) (\(metric.unit), \(metric.better.rawValue) is better)"
      properties.append((name, MetricText.number(metric.value)))
    }
    var children = properties.isEmpty ? [] : [JUnitSuite.properties(properties)]
    let details = result.details.joined(separator: "\n")
    switch result.verdict {
    case .pass: break
    case .skip: children.append(XMLElement("skipped", ["message": result.reason]))
    case .error:
      children.append(XMLElement("error", ["type": "error", "message": result.reason], text: details))
    case .fail, .crash, .timeout:
      let attributes: KeyValuePairs = ["type": result.verdict.rawValue, "message": result.reason]
      children.append(XMLElement("failure", attributes, text: details))
    }
    return XMLElement(
      "testcase", ["classname": group, "name": result.name, "time": decimals(result.seconds)], children)
  }

  private static func properties(_ properties: [(name: String, value: String)]) -> XMLElement {
    XMLElement("properties", [:], properties.map { XMLElement("property", ["name": $0.name, "value": $0.value]) })
  }
}
