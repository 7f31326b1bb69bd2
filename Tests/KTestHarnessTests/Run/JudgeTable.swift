import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// One rule of judging: what is known of a case, and what must be said.
struct JudgeRow: Sendable, CustomTestStringConvertible {
  var name: String
  var verdict: Verdict
  /// Must stand in the reason; empty where there is none.
  var reason: String
  var output: String?
  var ending: CaseEvidence.Ending
  var console: String
  var expect: [DmesgEntry]
  var allow: [DmesgEntry]
  var known: [KnownFailure]
  var subtests: SubtestRules?
  var skips: [KnownSkip]
  var exitCode: Case.ExitCode
  var metrics: [MetricDeclaration]
  var log: LogEvidence
  var oops: CaseEvidence.OopsEnding?
  var stretch: StretchedLimit?
  /// Must stand in a finding that is not the reason; empty where there is none.
  var also: String

  var testDescription: String { name }

  init(
    _ name: String, _ verdict: Verdict, _ reason: String = "", output: String? = JudgeRow.good, status: UInt8 = 0,
    ending: CaseEvidence.Ending? = nil, console: String = "", expect: [DmesgEntry] = [], allow: [DmesgEntry] = [],
    known: [KnownFailure] = [], subtests: SubtestRules? = nil, skips: [KnownSkip] = [],
    exitCode: Case.ExitCode = .status,
    metrics: [MetricDeclaration] = [], log: LogEvidence = LogEvidence(),
    oops: CaseEvidence.OopsEnding? = nil, stretch: StretchedLimit? = nil, also: String = ""
  ) {
    self.name = name
    self.verdict = verdict
    self.reason = reason
    self.output = output
    self.ending = ending ?? .reported(CaseEnd(id: 1, outcome: .exited(status: status)))
    self.console = console
    self.expect = expect
    self.allow = allow
    self.known = known
    self.subtests = subtests
    self.skips = skips
    self.exitCode = exitCode
    self.metrics = metrics
    self.log = log
    self.oops = oops
    self.stretch = stretch
    self.also = also
  }

  static let good = "TAP version 13\n1..2\nok 1 a\nok 2 b\n"
  static let bad = "TAP version 13\n1..2\nok 1 a\nnot ok 2 b\n"
  static let part = "TAP version 13\n1..2\nok 1 a\nok 2 b # SKIP no pages\n"
  static let skipped = "TAP version 13\n1..2\nok 1 a # SKIP no pages\nok 2 b # SKIP no pages\n"

  static func entry(_ text: String, _ count: CountRange? = nil) -> DmesgEntry {
    DmesgEntry(match: JudgeRow.pattern(text), count: count)
  }

  static func either(_ one: String, _ other: String, _ count: CountRange? = nil) -> DmesgEntry {
    DmesgEntry(.line(LineMatch(pattern(one), pattern(other))), count: count)
  }

  static func pattern(_ text: String) -> WildcardPattern {
    guard let pattern = try? WildcardPattern(parsing: text) else { preconditionFailure("bad pattern \(text)") }
    return pattern
  }

  static func knows(_ subtest: String) -> KnownFailure {
    KnownFailure(subtest: pattern(subtest), reason: "since 6.1")
  }

  static func skips(_ subtest: String, saying says: String? = nil) -> KnownSkip {
    KnownSkip(subtest: pattern(subtest), says: says.map(pattern), reason: "it is off")
  }

  static func end(
    _ outcome: CaseEnd.Outcome = .exited(status: 0), timedOut: Bool = false, outOfMemory: Bool = false,
    dropped: UInt64 = 0, leftover: Bool = false, log: KernelLogReport = KernelLogReport()
  ) -> CaseEvidence.Ending {
    .reported(
      CaseEnd(
        id: 1, outcome: outcome, timedOut: timedOut, outOfMemory: outOfMemory, droppedOutput: dropped,
        leftover: leftover, log: log))
  }

  /// What the agent found in the log's buffer.
  static func buffer(_ text: String, _ patterns: WildcardPattern...) -> LogEvidence {
    var (watch, log) = (ConsoleWatch(), LogEvidence())
    let matches = patterns.map { LineMatch($0) }
    watch.count(matches)
    for case .splat(let splat) in watch.push(Array(text.utf8)) + watch.finish() { log.splats.append(splat) }
    log.sightings = Dictionary(uniqueKeysWithValues: matches.map { ($0, watch.count(of: $0)) })
    return log
  }

  private static func text(_ event: GuestEvent) -> String {
    guard case .console(let bytes) = event else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  static let warning = text(GuestScript.warning)
  static let panic = text(GuestScript.panic())
  static let oops = text(GuestScript.oops)
  static let initDied = text(GuestScript.panic("Attempted to kill init! exitcode=0x00000100"))
  static let poison = text(GuestScript.kernel("Memory failure: 0x1000: recovery action for dax page: Recovered"))

  /// What is known, made of the texts by the same parsers as in a run.
  var evidence: CaseEvidence {
    var test = Case(
      name: "c", run: ["x"], format: output == nil ? .exitCode : .ktap, exitCode: exitCode, metrics: metrics)
    test.subtests = subtests
    test.skips = skips
    test.known = known
    let rules = DmesgRules(expect: expect, allow: allow)
    var watch = ConsoleWatch()
    watch.count(rules.matches)
    var evidence = CaseEvidence(test: test, rules: rules, ending: ending, allowedSeconds: 60)
    evidence.stretch = stretch
    for case .splat(let splat) in watch.push(Array(console.utf8)) + watch.finish() { evidence.splats.append(splat) }
    for match in rules.matches { evidence.sightings[match] = watch.count(of: match) }
    if let output {
      var parser = KTAPParser()
      for line in output.split(separator: "\n") { parser.push(String(line)) }
      evidence.report = parser.finish()
    }
    evidence.log = log
    evidence.oops = oops
    return evidence
  }
}
