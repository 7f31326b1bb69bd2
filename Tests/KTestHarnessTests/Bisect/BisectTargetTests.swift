import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct BisectTargetTests {
  private struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var target: BisectTarget
    var result: CaseResult
    var boot: BootResult?
    var metrics: [String: Double] = [:]
    var tolerated = ToleratedFailures()
    var wanted: ProbeOutcome

    init(
      _ name: String, _ target: BisectTarget, _ result: CaseResult, boot: BootResult? = nil,
      metrics: [String: Double] = [:], tolerated: ToleratedFailures = ToleratedFailures(), _ wanted: ProbeOutcome
    ) {
      (testDescription, self.target, self.result, self.boot) = (name, target, result, boot)
      (self.metrics, self.tolerated, self.wanted) = (metrics, tolerated, wanted)
    }
  }

  private static let splat = BisectTarget.splat(Signature(title: "WARNING in percpu_ref_switch_to_atomic_rcu"))
  private static let sub = BisectTarget.subtest("hmm/exclusive")
  private static let slow = BisectTarget.metric(name: "thp-2m", threshold: 700, isBadAbove: true)
  private static let fails = BisectTarget.verdict(.fail)

  private static func note(_ title: String) -> SplatNote {
    SplatNote(title: title, type: "WARNING", guestSeconds: 1, start: 0, end: 10)
  }

  private static let warning = note("WARNING in percpu_ref_switch_to_atomic_rcu")
  private static let foreign = note("KASAN: slab-use-after-free Read in vfs_read")

  private static func result(
    _ verdict: Verdict, _ reason: String? = nil, notes: [SubtestNote] = [], splats: [SplatNote] = []
  ) -> CaseResult {
    CaseResult(name: "c", verdict: verdict, reason: reason, notes: notes, splats: splats, boot: 1)
  }

  private static func found(
    _ findings: [CaseFinding], notes: [SubtestNote] = [], splats: [SplatNote] = []
  ) -> CaseResult {
    var result = result(.fail, findings.first?.text, notes: notes, splats: splats)
    result.findings = findings
    return result
  }

  private static let noise = CaseFinding(.splat, .fail, "kernel: \(foreign.title)")
  private static let ended = CaseFinding(.program, .fail, "exited with 1 though no subtest failed")
  private static let silent = CaseFinding(.kernelMessage, .fail, "kernel message 'x' was expected")
  private static let few = CaseFinding(.vacuous, .fail, "vacuous: 1 subtests were executed")
  private static let gone = CaseFinding(.incomplete, .fail, "missing 1 of 2 results")
  private static let broken = CaseFinding(.subtest, .fail, "hmm/other failed")
  private static let other = SubtestNote(id: "hmm/other", verdict: .fail)
  private static let usual = ToleratedFailures(subtests: ["hmm/other"], splats: [foreign.title])

  private static func boot(_ verdict: Verdict, ready: Double?, splats: [SplatNote] = []) -> BootResult {
    BootResult(
      id: 1, suite: "s", kernel: "k", verdict: verdict, reason: verdict == .pass ? nil : "boot", readySeconds: ready,
      seconds: 3, console: "c", splats: splats)
  }

  private static func failed(_ id: String) -> CaseResult {
    found(
      [CaseFinding(.subtest, .fail, "\(id) failed: x")], notes: [SubtestNote(id: id, verdict: .fail, detail: "x")])
  }

  /// The same by what was found, whatever of it is the headline.
  private static let findingRows: [Row] = [
    Row("only the usual splat", splat, found([noise], splats: [foreign]), tolerated: usual, .clean),
    Row(
      "the usual splat, and a bad end", splat, found([noise, ended], splats: [foreign]), tolerated: usual, .otherFailure
    ),
    Row(
      "the usual splat and subtest", sub, found([noise, broken], notes: [other], splats: [foreign]), tolerated: usual,
      .clean),
    Row(
      "a usual subtest, and one missing", sub, found([gone, broken], notes: [other]), tolerated: usual, .otherFailure),
    Row("vacuous behind a usual splat", sub, found([noise, few], splats: [foreign]), tolerated: usual, .unusable),
    Row("vacuous, but a subtest failed", sub, found([broken, few], notes: [other]), tolerated: usual, .otherFailure),
    Row("a message missing is a failure", fails, found([silent]), .targetSeen),
    Row("a bad end before a missing message", fails, found([ended, silent]), .targetSeen),
  ]

  private static let rows: [Row] =
    findingRows + [
      Row("the splat", splat, result(.fail, "kernel: WARNING", splats: [warning]), .targetSeen),
      Row("the splat, then a hang", splat, result(.timeout, "timed out after 35 s", splats: [warning]), .targetSeen),
      Row("the splat, then QEMU is gone", splat, result(.error, "QEMU ended", splats: [warning]), .targetSeen),
      Row("the splat beside another", splat, result(.crash, splats: [foreign, warning]), .targetSeen),
      Row("the splat in the boot", splat, result(.pass), boot: boot(.fail, ready: 1, splats: [warning]), .targetSeen),
      Row("another splat", splat, result(.crash, splats: [foreign]), .otherFailure),
      Row(
        "another splat that is always there", splat, found([noise], splats: [foreign]),
        tolerated: ToleratedFailures(splats: [foreign.title]), .clean),
      Row(
        "that splat and a subtest that is news", splat,
        found([noise, broken], notes: [SubtestNote(id: "a", verdict: .fail)], splats: [foreign]),
        tolerated: ToleratedFailures(splats: [foreign.title]), .otherFailure),
      Row("nothing", splat, result(.pass), .clean),
      Row("a timeout without a splat", splat, result(.timeout, "timed out after 35 s"), .otherFailure),
      Row("a failed subtest is not the splat", splat, failed("a"), .otherFailure),
      Row(
        "a failed subtest that always fails", splat, failed("a"), tolerated: ToleratedFailures(subtests: ["a"]), .clean),
      Row(
        "missing results", splat, found([gone, broken], notes: [SubtestNote(id: "a", verdict: .fail)]),
        tolerated: ToleratedFailures(subtests: ["a"]), .otherFailure),
      Row("error", splat, result(.error, "libvirt"), .infrastructure),
      Row("interrupted", fails, result(.error, "interrupted"), .infrastructure),
      Row("the boot's error", splat, result(.pass), boot: boot(.error, ready: 1), .infrastructure),
      Row(
        "does not boot", splat, result(.crash, "the kernel did not reach user space"), boot: boot(.crash, ready: nil),
        .unusable),
      Row(
        "does not boot is no failing case", .verdict(.crash), result(.crash, "x"), boot: boot(.crash, ready: nil),
        .unusable),
      Row(
        "does not boot because of the target", splat, result(.crash),
        boot: boot(.crash, ready: nil, splats: [warning]), .targetSeen),
      Row("skip", splat, result(.skip, "all skipped"), .unusable),
      Row("skip is no failing case", fails, result(.skip, "all skipped"), .unusable),
      Row("the subtest", sub, failed("hmm/exclusive"), .targetSeen),
      Row(
        "the subtest, known as failing", sub,
        result(.pass, notes: [SubtestNote(id: "hmm/exclusive", verdict: .fail, known: true)]), .targetSeen),
      Row(
        "the subtest was skipped", sub, result(.pass, notes: [SubtestNote(id: "hmm/exclusive", verdict: .skip)]),
        .unusable),
      Row("all subtests passed", sub, result(.pass), .clean),
      Row("another subtest failed", sub, failed("hmm/migrate"), .clean),
      Row(
        "the test died before the subtest", sub,
        found([gone, broken], notes: [SubtestNote(id: "hmm/migrate", verdict: .fail)]), .otherFailure),
      Row("the test was killed", sub, result(.fail, "killed by SIGSEGV"), .otherFailure),
      Row(
        "the subtest failed over another splat", sub,
        result(.fail, "x", notes: [SubtestNote(id: "hmm/exclusive", verdict: .fail)], splats: [foreign]), .otherFailure),
      Row("slow", slow, result(.pass), metrics: ["thp-2m": 812], .targetSeen),
      Row("fast", slow, result(.pass), metrics: ["thp-2m": 655], .clean),
      Row("not measured", slow, result(.pass), metrics: ["other": 812], .unusable),
      Row("not a number", slow, result(.pass), metrics: ["thp-2m": .nan], .unusable),
      Row("slow, and the case failed", slow, result(.fail, "exited with 1"), metrics: ["thp-2m": 812], .otherFailure),
      Row(
        "below is bad", .metric(name: "bw", threshold: 2, isBadAbove: false), result(.pass), metrics: ["bw": 1.5],
        .targetSeen),
      Row("the case fails", fails, result(.fail, "exited with 1"), .targetSeen),
      Row("the case passes", fails, result(.pass), .clean),
      Row("the case hangs instead", fails, result(.timeout, "not done"), .otherFailure),
      Row("the case fails over a splat", fails, result(.fail, "x", splats: [foreign]), .otherFailure),
    ]

  @Test(arguments: rows) private func rowIsRead(_ row: Row) {
    let reading = row.target.read(row.result, boot: row.boot, metrics: row.metrics, tolerating: row.tolerated)
    #expect(reading.outcome == row.wanted, "\(reading)")
    #expect(!reading.note.isEmpty)
    #expect(reading.outcome == .otherFailure || reading.other == nil)
  }

  @Test func otherSplatsAreOfferedAsASearchOfTheirOwn() {
    let reading = Self.splat.read(Self.result(.crash, splats: [Self.foreign]))
    #expect(reading.other == .splat(Signature(title: Self.foreign.title)))
  }

  @Test func theTargetIsTakenFromTheBadEnd() {
    #expect(BisectTarget(mostTellingOf: Self.result(.fail, splats: [Self.warning])) == Self.splat)
    #expect(BisectTarget(mostTellingOf: Self.failed("hmm/exclusive")) == Self.sub)
    #expect(BisectTarget(mostTellingOf: Self.result(.timeout, "not done")) == .verdict(.timeout))
    let torn = Self.result(.crash, splats: [Self.note("BUG: corrupted list in corrupted")])
    #expect(BisectTarget(mostTellingOf: torn) == .verdict(.crash))
    for verdict in [Verdict.pass, .skip, .error] {
      #expect(BisectTarget(mostTellingOf: Self.result(verdict)) == nil)
    }
  }

  /// Words are for people: whatever they say, kinds decide.
  @Test func wordsDecideNothing() {
    func read(_ target: BisectTarget, _ kind: VerdictCause.Kind, _ text: String) -> ProbeOutcome {
      let note = SubtestNote(id: "b", verdict: .fail)
      return target.read(Self.found([CaseFinding(kind, .fail, text)], notes: [note])).outcome
    }
    #expect(read(Self.fails, .program, "vacuous: 2 subtests were executed") == .targetSeen)
    #expect(read(.subtest("a"), .program, "b failed") == .otherFailure)
    #expect(read(.subtest("a"), .subtest, "rien ne va plus") == .clean)
    #expect(read(Self.fails, .vacuous, "rien ne va plus") == .unusable)
    let only = Self.result(.fail, "kernel: WARNING in x", splats: [Self.foreign])
    #expect(Self.splat.read(only, tolerating: Self.usual).outcome == .otherFailure)
  }

  /// As the judge finds them: a run that executed too little, and those of which something is missing or failed.
  @Test func theJudgesFindingsAreUnderstood() {
    func read(_ target: BisectTarget, _ row: JudgeRow) -> ProbeOutcome {
      target.read(Judge.judge(row.evidence, boot: 1)).outcome
    }
    let vacuous = JudgeRow("", .fail, subtests: .atLeast(3))
    let missing = JudgeRow("", .fail, output: "1..5\nok 1 a\nnot ok 2 b\n")
    let failed = JudgeRow("", .fail, output: JudgeRow.bad)
    #expect(read(Self.fails, vacuous) == .unusable && read(Self.splat, vacuous) == .unusable)
    #expect(read(.subtest("a"), missing) == .otherFailure && read(.subtest("b"), missing) == .targetSeen)
    #expect(read(.subtest("a"), failed) == .clean && read(.subtest("b"), failed) == .targetSeen)
    #expect(read(Self.splat, failed) == .otherFailure && read(Self.fails, failed) == .targetSeen)
  }

  /// What a tree adds to a suite is known when its kernel is there.
  @Test func aCaseThatOnlyATreeHasIsATarget() throws {
    var suite = Suite(name: "mm", cases: [Case(name: "cow", run: ["x"]), Case(name: "gup", run: ["x"])])
    func test(_ selection: String) throws -> BisectTest {
      try BisectTest(SuiteFile(suite, path: "mm.yaml", bytes: [], cases: [selection]))
    }
    #expect(throws: Failure.self) { try test("discovered/rmap") }
    suite.collection = SelftestCollection("mm")
    let rmap = try test("discovered/rmap:migrate.ksm")
    #expect(rmap.testCase == "discovered/rmap" && rmap.subtest == "migrate.ksm")
    #expect(rmap.file.cases == ["discovered/rmap"])
    #expect(throws: Failure.self) { try test("discovered/*") }
    #expect(throws: Failure.self) { try test("cwo") }
    suite.cases = []
    #expect(try test("mincore_selftest").testCase == "mincore_selftest")
    let all = try BisectTest(SuiteFile(suite, path: "mm.yaml", bytes: []))
    #expect(all.testCase == nil && all.file.cases == [])
  }
}
