import Testing

@testable import KTestValues

@Suite("Where something of a suite holds")
struct ConditionTests {
  private static let suite = """
    suite: s
    matrix: {thp: [always, madvise]}
    dmesg: {allow: [{match: noise, when: {kernel: 6.12, thp: always}}]}
    cases:
      - {name: old, run: [x], when: {kernel: "<7.0-rc1"}}
      - {name: new, run: [x], when: {kernel: ["6.18", ">=7.0-rc1"], config: [KSM], cmdline: [nokaslr], arch: x86_64}}
      - name: both
        run: [x]
        subtests:
          - {count: 29, when: {kernel: "<7.0-rc1", thp: always}}
          - {min: 30, when: {kernel: ">=7.0-rc1"}}
          - all
        skips: [{subtest: "a*", says: off, reason: it is off, when: {kernel: 6.12}}]
        known: [{subtest: b, reason: it fails, when: {kernel: ">=7.0-rc1"}}]
        dmesg:
          expect:
            - {match: [old words, new words], count: 2}
            - {match: more, when: {config: [KSM=y]}}
    guest: {cmdline: [nokaslr]}
    """

  private func place(_ release: String, _ parameters: [String] = ["nokaslr"], _ symbols: [String] = []) -> Circumstances
  {
    Circumstances(release: release, parameters: parameters) { symbols.contains("\($0)") }
  }

  @Test func aCaseIsNotThereWhereItsConditionDoesNotHold() throws {
    let cell = try #require(try SuiteFixture.clean(Self.suite).cells.first)
    func absent(_ place: Circumstances) -> [String] { cell.applied(to: place).absent.map { "\($0.name) \($0.reason)" } }
    #expect(
      absent(place("6.12.117+deb13-cloud-amd64"))
        == ["new is for kernels 6.18 or >=7.0-rc1, and this is 6.12.117"])
    #expect(
      absent(place("7.0.0-rc1")) == [
        "old is for kernels <7.0-rc1, and this is 7.0-rc1", "new is for kernels with CONFIG_KSM",
      ])
    #expect(absent(place("6.18.2", ["x"], ["KSM"])) == ["new is for the kernel parameter 'nokaslr'"])
    #expect(absent(place("6.18.2", ["nokaslr"], ["KSM"])) == [])
    #expect(absent(place("mine")).map { $0.hasSuffix("and the release 'mine' has no version") } == [true, true])
    var other = place("6.12")
    other.architecture = "arm64"
    #expect(cell.cases[1].when.objection(at: other)?.contains("6.12") == true)
    other.release = "7.3"
    #expect(cell.cases[1].when.objection(at: other) == "is for x86_64, and this is arm64")
  }

  @Test func rulesAreThereOnlyWhereTheyHold() throws {
    let cells = try SuiteFixture.clean(Self.suite).cells
    func both(_ cell: Int, _ release: String, _ symbols: [String] = []) throws -> (suite: Suite, test: Case) {
      let suite = cells[cell].applied(to: place(release, [], symbols)).suite
      return (suite, try #require(suite.cases.first { $0.name == "both" }))
    }
    let old = try both(0, "6.12.3")
    #expect(old.suite.dmesg.allow.count == 1 && old.test.subtests?.count == .range(.exactly(29)))
    #expect(old.test.skips.map(\.reason) == ["it is off"] && old.test.known.isEmpty)
    #expect(old.test.dmesg.expect.map { "\($0.target)" } == ["'old words' or 'new words'"])
    let other = try both(1, "6.18", ["KSM=y"])
    #expect(other.suite.dmesg.allow.isEmpty && other.test.subtests?.count == .all && other.test.skips.isEmpty)
    #expect(other.test.dmesg.expect.map(\.count) == [.exactly(2), nil])
    let new = try both(1, "7.3-rc2")
    #expect(new.test.subtests?.count == .range(.atLeast(30)) && new.test.known.count == 1)
  }

  @Test func whatNobodyCountedMustNotBeVacuous() throws {
    let text = "suite: s\ncases: [{name: a, run: [x], subtests: {count: 3, when: {kernel: 6.12}}}]\n"
    let suite = try SuiteFixture.clean(text)
    #expect(suite.applied(to: place("6.12.1")).suite.cases[0].subtests?.count == .range(.exactly(3)))
    #expect(suite.applied(to: place("7.0")).suite.cases[0].subtests?.count == .all)
  }

  @Test func aSymbolIsRequiredOnlyWhereItsConditionHolds() throws {
    let suite = try SuiteFixture.clean(
      """
      suite: s
      requires: {config: [{symbol: PROC_SYSCTL, when: {kernel: "<7.3-rc1"}}]}
      cases: [{name: a, run: [x], requires: {config: [KSM, {symbol: B=m, when: {kernel: ">=7.3-rc1", config: [C]}}]}}]
      """)
    func symbols(_ release: String, _ has: [String] = []) -> [String] {
      let here = suite.applied(to: place(release, [], has)).suite
      return here.requirements(of: here.cases[0]).config.map(\.description)
    }
    #expect(symbols("6.12.117") == ["PROC_SYSCTL", "KSM"] && symbols("7.3.4") == ["KSM"])
    #expect(symbols("7.3.4", ["C"]) == ["KSM", "B=m"])
  }

  @Test func aLineCountsOnceHoweverManyPatternsItMatches() throws {
    let match = LineMatch(try WildcardPattern(parsing: "a*b"), try WildcardPattern(parsing: "b"))
    #expect(match.isFound(in: "x a b") && match.isFound(in: "b") && !match.isFound(in: "a"))
  }

  @Test func asText() throws {
    let cases = try SuiteFixture.clean(Self.suite).cases
    #expect(cases[1].when.description == "kernel 6.18 or >=7.0-rc1, x86_64, CONFIG_KSM, nokaslr")
    #expect(Condition.always.description == "" && cases[0].tags == [])
  }

  @Test(
    "mistakes and where they are",
    arguments: [
      ("when: {kernel: '>=7 <6'}", "1:55 no kernel has a version that is '>=7 <6'"),
      ("when: {kernel: ['>=7', '<=6']}", "1:63 '<=6' is not one of >=VERSION, <VERSION and VERSION"),
      ("when: {kernel: []}", "1:55 without a range of kernel versions, this is never true"),
      ("when: {kernal: 6.12}", "1:47 unknown key 'kernal' in a condition; did you mean 'kernel'?"),
      ("when: {arch: arm64}", "1:53 expected x86_64, found 'arm64'"),
      ("when: {config: [A=y, A=m]}", "1:55 no kernel has both A=y and A=m"),
      ("when: {config: [CONFIG_A]}", "1:56 symbols are written without CONFIG_"),
      ("when: {cmdline: ['']}", "1:57 a pattern cannot be empty"),
      ("when: 6.12", "1:46 expected a condition (a mapping)"),
      ("subtests: {count: 3, min: 2}", "1:50 a rule for subtests needs either count or min"),
      ("subtests: {when: {kernel: 6.12}}", "1:50 a rule for subtests needs either count or min"),
      ("subtests: [all, 3]", "1:56 this rule is never used"), ("subtests: []", "1:50 a list of rules for subtests"),
      ("subtests: some", "1:50 expected a number of subtests or all, found 'some'"),
      ("subtests: {count: 3, when: {kernel: '<0'}}", "1:76 no kernel has a version that is '<0'"),
      ("subtests: 3, skips: [{subtest: a, reason: b}]", "1:60 only a case with subtests: all needs reasons"),
      ("subtests: all, skips: [{subtest: a}]", "1:63 a known skip needs the key 'reason'"),
      ("subtests: all, skips: [{subtest: a, reason: ''}]", "1:84 the reason is empty"),
      ("dmesg: {expect: [{match: []}]}", "1:65 a list of patterns needs at least one"),
      ("dmesg: {expect: [{match: [a, '*']}]}", "1:69 the pattern '*' matches every line"),
      ("dmesg: {allow: [{match: a, when: {kernel: x}}]}", "1:82 'x' has no kernel version"),
      ("requires: {config: [{symbol: CONFIG_A}]}", "1:69 symbols are written without CONFIG_"),
      ("requires: {config: [{when: {kernel: 7.3}}]}", "1:60 a required symbol needs the key 'symbol'"),
      ("requires: {config: [{symbol: A, when: {kernel: x}}]}", "1:87 'x' has no kernel version"),
      ("tags: [thp, thp]", "1:52 the tag 'thp' is duplicated"), ("tags: [THP]", "1:47 a tag must consist of"),
      ("tags: thp", "1:46 expected a list of tags"),
    ])
  func mistakes(_ row: (keys: String, message: String)) {
    let messages = SuiteFixture.messages("{suite: s, cases: [{name: a, run: [x], \(row.keys)}]}\n")
    #expect(messages.contains { $0.hasPrefix(row.message) }, "\(messages)")
  }

  @Test func anAxisCannotHaveTheNameOfAKey() {
    for name in ["kernel", "arch", "config", "cmdline"] {
      let text = "suite: s\nmatrix: {\(name): [a]}\ncases: [{name: a, run: [x]}]\n"
      #expect(SuiteFixture.messages(text).contains { $0.contains("an axis cannot have the name '\(name)'") })
    }
  }
}
