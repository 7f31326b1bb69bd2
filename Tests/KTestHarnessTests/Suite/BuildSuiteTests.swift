import Testing

@testable import KTestValues

/// Suites with `kind: build`.
struct BuildSuiteTests {
  @Test func aCaseHasWhatItsSuiteSays() throws {
    let suite = try SuiteFixture.clean(String(decoding: try SuiteFixture.bytes("build.yaml"), as: UTF8.self))
    #expect(suite.kind == .build && suite.cases.map(\.name) == ["all", "other"])
    #expect(
      suite.cases[0].build
        == CaseBuild(base: .defconfig, config: ["64BIT": "y", "NR_CPUS": "8"], targets: ["mm/"], warnings: 3))
    #expect(
      suite.cases[1].build
        == CaseBuild(
          base: .defconfig, config: ["64BIT": "n", "NR_CPUS": "8", "TEST_HMM": "m"],
          targets: ["mm/", "lib/test_hmm.ko"], warnings: 0))
    #expect(suite.cases.map(\.timeout) == [.seconds(3600), .seconds(1200)])
  }

  @Test(arguments: [
    ("config: {CONFIG_NUMA: y}", "5:10 symbols are written without CONFIG_, found 'CONFIG_NUMA'"),
    ("config: {NUMA: yes}", "5:16 a symbol must be y, m, n or a number, found 'yes'"),
    ("config: {numa: y}", "5:10 a configuration symbol must consist of"),
    ("config: [NUMA]", "5:9 expected a mapping of configuration symbols"),
    ("targets: [../x.o]", "5:11 a target must be a directory, an object or a module below the top of the tree"),
    ("targets: [mm]", "5:11 a target must be a directory, an object or a module below the top of the tree"),
    ("targets: ['-f/']", "5:11 a target must be a directory, an object or a module below the top of the tree"),
    ("targets: []", "5:10 the list is empty"),
    ("warnings: -1", "5:11 expected a whole number"),
    ("base: allyes", "5:7 expected allnoconfig or defconfig, found 'allyes'"),
    ("guest: {memory: 1GiB}", "5:1 a suite with kind: build boots nothing, so it cannot have guest"),
    ("image: base", "5:1 a suite with kind: build boots nothing, so it cannot have image"),
    ("matrix: {a: [b]}", "5:1 a suite with kind: build boots nothing, so it cannot have matrix"),
    ("setup: [[mount]]", "5:1 a suite with kind: build boots nothing, so it cannot have setup"),
  ])
  func aMistakeOfTheSuite(line: String, message: String) {
    let targets = line.hasPrefix("targets") ? "" : ", targets: [lib/x.o]"
    let found = SuiteFixture.messages("suite: s\nkind: build\ncases:\n  - {name: one\(targets)}\n\(line)\n")
    #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
  }

  @Test(arguments: [
    ("{name: one, run: [x]}", "4:17 unknown key 'run' in a case of a suite with kind: build"),
    ("{name: one, configs: {A: y}}", "4:17 unknown key 'configs' in a case of a suite with kind: build; did you mean"),
    ("{name: one}", "4:5 this case has no targets"),
    ("{targets: [mm/]}", "4:5 a case of a suite with kind: build needs the key 'name'"),
  ])
  func aMistakeOfACase(text: String, message: String) {
    let found = SuiteFixture.messages("suite: s\nkind: build\ncases:\n  - \(text)\n")
    #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
  }

  @Test(arguments: ["base: defconfig", "config: {A: y}", "targets: [mm/]", "warnings: 1"])
  func aTestHasNothingToBuild(line: String) {
    let key = line.prefix { $0 != ":" }
    let found = SuiteFixture.messages("suite: s\ncases: [{name: one, run: [x]}]\n\(line)\n")
    #expect(found == ["3:1 \(key) belongs to a suite with kind: build; this suite's kind is test"])
  }
}
