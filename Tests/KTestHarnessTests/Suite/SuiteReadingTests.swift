import Foundation
import Testing

@testable import KTestValues

struct SuiteReadingTests {
  private func pattern(_ text: String) throws -> WildcardPattern { try WildcardPattern(parsing: text) }

  @Test func deviceDax() throws {
    let (read, diagnostics) = Suite.read(bytes: try SuiteFixture.bytes("device-dax.yaml"), file: "device-dax.yaml")
    #expect(diagnostics == [])
    let suite = try #require(read)
    #expect(suite.name == "device-dax" && suite.image == "ndctl" && suite.kind == .test)
    #expect(suite.guest.memory == .gibibytes(8) && suite.guest.cpus == 2 && !suite.guest.network)
    #expect(suite.guest.kernelParameters == ["memmap=4G!4G", "nokaslr"])
    #expect(suite.modules.map(\.name) == ["libnvdimm", "nd_pmem", "nd_e820", "device_dax", "dax_pmem"])
    let test = try #require(suite.cases.first)
    #expect(test.run == ["dax-exercise", "--align", "2MiB"] && test.format == .ktap && test.timeout == .seconds(60))
    #expect(suite.requirements(of: test).config.map(\.symbol) == ["X86_PMEM_LEGACY", "DEV_DAX", "MEMORY_FAILURE"])
  }

  @Test func everyKey() throws {
    let (read, diagnostics) = Suite.read(bytes: try SuiteFixture.bytes("full.yaml"), file: "full.yaml")
    #expect(diagnostics == [])
    let suite = try #require(read)
    #expect(suite.description == "Two lines,\nthe second one is this.\n")
    #expect(
      suite.guest
        == GuestSpec(
          memory: .gibibytes(6), cpus: 4,
          numa: [NUMANode(memory: .gibibytes(4), cpus: [0, 2]), NUMANode(memory: .gibibytes(2), cpus: [1, 3])],
          pmem: [
            MemoryRegion(size: .gibibytes(1), at: .gibibytes(4)),
            MemoryRegion(size: .mebibytes(512), at: .gibibytes(5)),
          ],
          reserve: [MemoryRegion(size: .mebibytes(512), at: .gibibytes(1))],
          hugepages: [
            HugepagePool(size: .large, count: 64, node: 0), HugepagePool(size: .large, count: 32, node: 1),
            HugepagePool(size: .giant, count: 1),
          ],
          commandLine: ["nokaslr", "transparent_hugepage=madvise", "dyndbg=\"file mm/gup.c +p\""], network: true))
    #expect(
      suite.guest.kernelParameters == [
        "memmap=1G!4G", "memmap=512M!5G", "memmap=512M$1G", "hugepagesz=2M", "hugepages=0:64,1:32", "hugepagesz=1G",
        "hugepages=1", "nokaslr", "transparent_hugepage=madvise", "dyndbg=\"file mm/gup.c +p\"",
      ])
    #expect(
      suite.requires
        == Requirements(
          config: [
            ConfigRequirement("DEV_DAX"), ConfigRequirement("TEST_HMM", .module),
            ConfigRequirement("MEMORY_FAILURE", .builtIn),
          ], modules: ["device_dax"], cpu: ["pdpe1gb"]))
    #expect(suite.modules.last?.arguments == ["spm_addr_dev0=0x40000000", "spm_addr_dev1=0x50000000"])
    #expect(suite.parameters == [SuiteParameter(name: "ndctl", description: "A checkout of ndctl: --set ndctl=PATH")])
    #expect(suite.dmesg.expect.map(\.count) == [nil, .exactly(2), CountRange(min: 1, max: 5)])
    #expect(suite.dmesg.allow.map(\.count) == [nil, .atMost(3), .atMost(4), .atMost(2)])
    #expect(
      suite.dmesg.expect.last?.target
        == .line(LineMatch(try pattern("soft offline"), try pattern("soft-offline: *"))))
    #expect(suite.dmesg.allow.last?.target == .splat("WARNING in gup_leaf"))
    #expect(suite.setup == [["mount", "-t", "debugfs", "none", "/sys/kernel/debug"], ["true", "1", "0x10", "1e3"]])
    #expect(suite.cases.map(\.name) == ["first", "second", "third", "fourth", "fifth"])
    #expect(suite.cases.map(\.skipCodes) == [[], [77], [4, 77], [], []])
    let skips = [KnownSkip(subtest: try pattern("ksm*"), says: try pattern("disabled"), reason: "KSM is off")]
    let rules = SubtestRules([
      SubtestRules.Rule(
        .range(.exactly(9)), when: Condition(kernel: [try KernelVersionRange(parsing: "6.12")])),
      SubtestRules.Rule(.all),
    ])
    #expect(suite.cases.map(\.subtests) == [.atLeast(3), nil, nil, .exactly(58), rules])
    #expect(suite.cases.map(\.skips) == [[], [], [], [], skips])
    #expect(suite.collection == SelftestCollection("net/af_unix", except: ["helper"]))
    #expect(suite.isolation == .case)
    #expect(suite.cases.prefix(3).map(\.fresh) == [true, true, false])
    #expect(suite.cases.prefix(3).map(\.boots) == [false, true, false])
    #expect(suite.cases[2].run == ["sh", "new-name", "-x"])
    #expect(suite.cases[2].alternatives == [1: ["new-name", "old-name"]])
  }

  @Test func everyKeyOfACase() throws {
    let suite = try #require(Suite.read(bytes: try SuiteFixture.bytes("full.yaml"), file: "full.yaml").suite)
    let expected = Case(
      name: "first", description: "One.", run: ["dax-exercise", "--align", "2MiB", "--count", "010"], format: .ktap,
      subtests: .atLeast(3),
      requires: Requirements(
        config: [
          ConfigRequirement("MEMORY_FAILURE"), ConfigRequirement("DEV_DAX"),
          ConfigRequirement(
            "X86_5LEVEL", .builtIn, when: Condition(kernel: [try KernelVersionRange(parsing: "<6.16-rc1")])),
        ], parameters: ["ndctl"]),
      modules: [ModuleRequest("nd_pmem")], timeout: .seconds(120), memoryLimit: .mebibytes(256),
      outputLimit: .mebibytes(1), environment: ["LEVEL": "3", "NAME": "a b"],
      artefacts: ["/tmp/*.log", "result.bin"],
      known: [
        KnownFailure(
          subtest: try pattern("hmm.exclusive*"), reason: "tail pages of a large folio are refused",
          link: "https://lore.kernel.org/linux-mm/",
          when: Condition(
            kernel: [try KernelVersionRange(parsing: ">=6.13 <7.0")],
            config: [ConfigRequirement("TRANSPARENT_HUGEPAGE")],
            commandLine: [try pattern("transparent_hugepage=always")], architecture: .x86_64))
      ], tags: ["thp", "hmm"],
      dmesg: DmesgRules(
        expect: [DmesgEntry(match: try pattern("one"))], allow: [DmesgEntry(match: try pattern("two"))]),
      fresh: true)
    #expect(suite.cases.first == expected)
    #expect(
      suite.requirements(of: expected).config.map(\.description) == [
        "DEV_DAX", "TEST_HMM=m", "MEMORY_FAILURE=y", "MEMORY_FAILURE", "X86_5LEVEL=y",
      ])
  }

  @Test func selftest() throws {
    let (suite, diagnostics) = Suite.read(bytes: try SuiteFixture.bytes("selftest.yaml"), file: "selftest.yaml")
    #expect(diagnostics == [])
    #expect(suite?.kind == .selftest)
    var forked = SelftestExpectation(verdict: .pass)
    (forked.guest, forked.notice, forked.console) = (.clone, try pattern("a * notice"), try pattern("a line"))
    #expect(
      suite?.cases.map(\.selftest) == [
        SelftestExpectation(
          verdict: .error, fault: .killQEMU, reason: try pattern("QEMU * ended"), evidence: try pattern("in D state"),
          optional: true),
        forked,
      ])
  }

  @Test(arguments: [
    ("{count: 2}", "a dmesg entry needs either match or splat"),
    ("{match: a, splat: b}", "a dmesg entry needs either match or splat"),
    ("{splat: 'WARNING in *'}", "the title 'WARNING in *' contains a '*'"),
  ])
  func dmesgEntriesThatAreNone(_ entry: String, _ message: String) {
    let text = "suite: x\ndmesg: {allow: [\(entry)]}\ncases: [{name: a, run: [b]}]\n"
    #expect(SuiteFixture.messages(text).contains { $0.contains(message) }, "\(SuiteFixture.messages(text))")
  }

  @Test func defaults() throws {
    let suite = try SuiteFixture.clean("suite: x\ncases: [{name: a, run: [b]}]\n")
    #expect(suite == Suite(name: "x", cases: [Case(name: "a", run: ["b"])]))
    #expect(suite.image == "base" && suite.guest.memory == .gibibytes(1) && suite.guest.kernelParameters == [])
  }

  @Test func alternativesAndCollectionsThatAreNone() {
    func messages(_ rest: String) -> [String] { SuiteFixture.messages("suite: x\n" + rest + "\n") }
    #expect(
      messages("cases: [{name: a, run: [[b]]}]").contains {
        $0.contains("a list in place of a word names several programs, found one")
      })
    #expect(messages("collection: ../mm\ncases: []").contains { $0.contains("a folder of selftests must consist") })
    #expect(messages("cases: []").contains { $0.contains("a suite needs at least one case") })
    #expect(messages("collection: mm\ncases: []").isEmpty)
  }

  @Test(arguments: ["device-dax.yaml", "full.yaml", "selftest.yaml", "parameters.yaml"]) func goesThroughJSON(
    name: String
  ) throws {
    let suite = try #require(Suite.read(bytes: try SuiteFixture.bytes(name), file: name).suite)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    #expect(try JSONDecoder().decode(Suite.self, from: try encoder.encode(suite)) == suite)
  }

  /// All that is wrong with a file is told at once, with lines, carets and advice.
  @Test func brokenSuite() throws {
    let bytes = try SuiteFixture.bytes("broken.yaml")
    let (suite, diagnostics) = Suite.read(bytes: bytes, file: "broken.yaml")
    #expect(suite == nil)
    try SuiteFixture.expectGolden(DiagnosticRenderer(source: bytes).render(diagnostics) + "\n", "broken.txt")
  }

  @Test func windowsFileReadsTheSame() throws {
    let bytes = try SuiteFixture.bytes("full.yaml")
    let text = String(decoding: bytes, as: UTF8.self)
    let windows = "\u{FEFF}" + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    let expected = try #require(Suite.read(bytes: bytes, file: "a").suite)
    #expect(Suite.read(bytes: Array(windows.utf8), file: "a").suite == expected)
  }

  @Test func warningsLeaveASuite() {
    let text = "suite: x\ndmesg: {allow: [a.*b]}\ncases: [{name: a, run: [b]}]\n"
    let (suite, diagnostics) = Suite.read(bytes: Array(text.utf8), file: "t")
    #expect(suite != nil)
    #expect(diagnostics.map(\.severity) == [.warning])
  }
}
