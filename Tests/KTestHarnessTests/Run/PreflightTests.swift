import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

@Suite("What is known before a boot")
struct PreflightTests {
  private let config = "CONFIG_DEV_DAX=m\nCONFIG_MEMORY_FAILURE=y\n# CONFIG_TEST_HMM is not set\n"

  private func reason(
    _ requires: Requirements, suite: Suite? = nil, missing: Set<String> = [], config: String? = nil,
    given: [String: String] = [:]
  ) -> String? {
    let test = Case(name: "a", run: ["a"], requires: requires)
    let check = Preflight(
      kernel: ScriptedRun.kernel(config ?? self.config), missingModules: missing, parameters: given)
    return check.skipReason(of: test, in: suite ?? Suite(name: "s", cases: [test]))?.text
  }

  @Test("a configuration symbol is missing, built in or a module")
  func symbols() {
    #expect(reason(Requirements(config: [ConfigRequirement("DEV_DAX"), ConfigRequirement("MEMORY_FAILURE")])) == nil)
    #expect(reason(Requirements(config: [ConfigRequirement("TEST_HMM")])) == "CONFIG_TEST_HMM is not set")
    #expect(
      reason(Requirements(config: [ConfigRequirement("DEV_DAX", .builtIn), ConfigRequirement("NO_SUCH", .module)]))
        == "CONFIG_DEV_DAX is a module (m), but must be built in (y), CONFIG_NO_SUCH is not set, but must be m")
    #expect(
      reason(Requirements(config: [ConfigRequirement("MEMORY_FAILURE", .module)]))
        == "CONFIG_MEMORY_FAILURE is built in (y), but must be a module (m)")
  }

  @Test("requirements of the suite are those of each case")
  func suiteRequirements() {
    let suite = Suite(name: "s", requires: Requirements(config: [ConfigRequirement("TEST_HMM")]), cases: [])
    #expect(reason(Requirements(), suite: suite) == "CONFIG_TEST_HMM is not set")
  }

  @Test("a kernel whose configuration is not known is asked by booting it")
  func unknownConfig() { #expect(reason(Requirements(config: [ConfigRequirement("NO_SUCH")]), config: "") == nil) }

  @Test("a parameter that was not given: its description is the hint")
  func parameters() {
    let suite = Suite(
      name: "s", parameters: [SuiteParameter(name: "ndctl", description: "a checkout of ndctl")], cases: [])
    let needs = Requirements(parameters: ["ndctl"])
    #expect(reason(needs, suite: suite) == "--set ndctl=… is not given: a checkout of ndctl")
    #expect(reason(needs) == "--set ndctl=… is not given")
    #expect(reason(needs, suite: suite, given: ["ndctl": "/x"]) == nil)
  }

  @Test("modules that the kernel does not have")
  func modules() {
    let suite = Suite(name: "s", modules: [ModuleRequest("nd_pmem")], cases: [])
    #expect(reason(Requirements(), suite: suite, missing: ["nd_pmem"]) == "the kernel has no module nd_pmem")
    #expect(
      reason(Requirements(modules: ["dax"]), suite: suite, missing: ["nd_pmem", "dax", "other"])
        == "the kernel has no modules nd_pmem, dax")
    #expect(reason(Requirements(), missing: ["other"]) == nil)
  }

  @Test("boots: one for those that share, one for each that does not, none for the skipped")
  func boots() throws {
    var list = ["a", "b", "c", "d"].map { Case(name: $0, run: [$0]) }
    #expect(try ScriptedRun.plan(list).boots == 1)
    list[1].fresh = true
    list[2].fresh = true
    let plan = try ScriptedRun.plan(list)
    #expect(plan.boots == 3 && plan.cases == 4)
    #expect(try ScriptedRun.plan(list, skips: ["b": "x"]).boots == 2)
    #expect(try ScriptedRun.plan(list, skips: ["a": "x", "d": "x"]).boots == 2)
    #expect(try ScriptedRun.plan(list, skips: ["a": "x", "b": "x", "c": "x", "d": "x"]).boots == 0)
  }

  @Test("a condition holds where its configuration and command line do")
  func known() throws {
    var planned = try ScriptedRun.plan([]).suites[0]
    planned.kernel = ScriptedRun.kernel(config)
    planned.commandLine.set("transparent_hugepage", "always")
    planned.commandLine.set("dyndbg", "file a.c +p")
    func holds(_ config: [ConfigRequirement] = [], _ words: [String] = []) -> Bool {
      Condition(config: config, commandLine: words.map(JudgeRow.pattern))
        .holds(at: Circumstances(planned.kernel, planned.commandLine))
    }
    #expect(holds())
    #expect(holds([ConfigRequirement("DEV_DAX")], ["transparent_hugepage=always"]))
    #expect(holds([], ["transparent_hugepage=*", "panic=-1"]))
    #expect(holds([], ["dyndbg=file a.c +p"]))
    #expect(!holds([], ["transparent_hugepage=madvise"]) && !holds([], ["transparent_hugepage"]))
    #expect(!holds([ConfigRequirement("TEST_HMM")]))
    planned.kernel.config = nil
    #expect(!holds([ConfigRequirement("DEV_DAX")]), "what is not known excuses nothing")
  }

  @Test("a symbol that only other kernels need is no reason to skip")
  func condition() async throws {
    let read = Suite.read(
      bytes: Array(
        """
        suite: s
        cases:
          - name: a
            run: [x]
            requires: {config: [DEV_DAX, {symbol: PROC_SYSCTL, when: {kernel: "<6.0-rc1", cmdline: [nokaslr]}}]}
          - {name: b, run: [x], requires: {config: [{symbol: PROC_SYSCTL, when: {config: [DEV_DAX]}}]}}
        """.utf8), file: "s")
    let suite = try #require(read.suite)
    let cases = try await preflight(suite, kernel: ScriptedRun.kernel(config)).cases
    #expect(cases.map { $0.skip?.text } == [nil, "CONFIG_PROC_SYSCTL is not set"])
  }

  @Test("a guest's command line: ours, then the suite's, which wins")
  func commandLine() throws {
    var guest = GuestSpec(memory: .gibibytes(8))
    #expect(
      try guestCommandLine(of: guest).rendered()
        == "console=ttyS0,115200 printk.time=1 printk.devkmsg=on loglevel=7 panic=-1 "
        + "sysrq_always_enabled unknown_nmi_panic no_timer_check")
    var counting = guest
    (counting.clock, counting.commandLine) = (.instructions, ["norandmaps=0"])
    #expect(
      try guestCommandLine(of: counting).rendered().hasSuffix(
        "unknown_nmi_panic no_timer_check nokaslr randomize_kstack_offset=off ktest.clock=instructions norandmaps=0"))
    guest.pmem = [MemoryRegion(size: .gibibytes(4), at: .gibibytes(4))]
    guest.reserve = [MemoryRegion(size: .mebibytes(512), at: .gibibytes(1))]
    guest.hugepages = [HugepagePool(size: .large, count: 64, node: 0), HugepagePool(size: .large, count: 32, node: 1)]
    guest.commandLine = ["nokaslr", "loglevel=4", "panic=5", "console=tty0"]
    #expect(
      try guestCommandLine(of: guest).rendered()
        == "console=ttyS0,115200 printk.time=1 printk.devkmsg=on sysrq_always_enabled "
        + "unknown_nmi_panic no_timer_check memmap=4G!4G memmap=512M$1G hugepagesz=2M "
        + "hugepages=0:64,1:32 nokaslr loglevel=4 panic=5 console=tty0")
  }

  @Test("what the suite asks for is in the boot's description, and no secret on its command line")
  func description() throws {
    var planned = try ScriptedRun.plan([]).suites[0]
    planned.suite.guest = GuestSpec(
      memory: .gibibytes(2), cpus: 3, numa: [NUMANode(memory: .gibibytes(2), cpus: [0, 1, 2])], network: true)
    let settings = RunSettings(accelerator: .tcg, channel: .serial)
    #expect(settings.scaled(.seconds(2)) == .seconds(10))
    let boot = BootPlan(planned: planned, id: 1, cases: [], settings: settings, name: "ktest-x-1")
    let description = try boot.description()
    #expect(!description.commandLine.contains("ktest") && description.name == "ktest-x-1")
    #expect(description.memory == 2 << 30 && description.cpus == 3 && description.numa.count == 1)
    #expect(description.network && description.channel == .serial && description.accelerator == .tcg)
    #expect(!description.countsInstructions)
    planned.suite.guest.clock = .instructions
    #expect(
      try BootPlan(planned: planned, id: 1, cases: [], settings: settings, name: "n").description().countsInstructions)
  }
}
