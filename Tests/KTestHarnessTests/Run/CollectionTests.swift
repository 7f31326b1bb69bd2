import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Folders of selftests whose tests become cases.
@Suite struct CollectionTests {
  private let folder = SelftestFolder(
    to: "/usr/lib/selftests/mm", name: "mm", tree: "linux 7.3",
    files: [
      SelftestFile(.made, "cow"), SelftestFile(.made, "gup_test"), SelftestFile(.made, "Rmap"),
      SelftestFile(.script, "run_vmtests.sh"), SelftestFile(.file, "test_hmm.sh"),
    ],
    timeout: 900, config: ["CONFIG_GUP_TEST=y", "CONFIG_TEST_HMM=m", "CONFIG_NR_CPUS=8"],
    invocations: [
      SelftestInvocation(["gup_test", "-u"]), SelftestInvocation(["gup_test", "-a", "-n", "1"]),
      SelftestInvocation(["test_hmm.sh", "smoke"]), SelftestInvocation(["absent"]),
    ])

  private func whole() throws -> Suite {
    let file = try #require(KselftestSuite(parsing: "kselftest:mm"))
    return try #require(Suite.read(bytes: Array(file.text.utf8), file: "kselftest:mm").suite)
  }

  @Test func upstreamsOwnScriptSaysHowItsProgramsRun() throws {
    let suite = try whole().expanded(by: folder, parameters: [:])
    #expect(suite.name == "kselftest-mm")
    #expect(suite.cases.map(\.name) == ["gup_test", "gup_test-2", "test_hmm.sh", "cow", "rmap"])
    let second = suite.cases[1]
    #expect(second.run.suffix(4) == ["/usr/lib/selftests/mm/gup_test", "-a", "-n", "1"])
    #expect(second.format == .kselftest)
    #expect(second.timeout == .seconds(300))
    #expect(suite.cases[4].run.last == "/usr/lib/selftests/mm/Rmap")
    #expect(suite.requires.config.map(\.description).suffix(2) == ["GUP_TEST", "TEST_HMM"])
    #expect(try whole().guest.hugepages.map(\.count) == [128], "as its script makes them")
  }

  @Test func aSymbolThatTheTreeDoesNotHaveIsAskedOfNoKernel() throws {
    var folder = folder
    folder.config.append("CONFIG_LONG_GONE=y ")
    let all = try whole().expanded(by: folder, parameters: [:]).requires.config.map(\.symbol)
    let had = try whole().expanded(by: folder, parameters: [:], absent: ["LONG_GONE"]).requires.config.map(\.symbol)
    #expect(all.contains("LONG_GONE") && all.contains("PID_NS") && !all.contains("NR_CPUS"))
    #expect(had == all.filter { $0 != "LONG_GONE" })
  }

  @Test func whatAKernelLacksIsSaidWithWhatToDo() throws {
    let folder = SelftestFolder(to: "/t/ipc", name: "ipc", tree: "linux 7.3")
    var suite = Suite(name: "kselftest-ipc", cases: [])
    suite.collection = SelftestCollection("ipc")
    let kernel = ScriptedRun.kernel("CONFIG_SYSVIPC=y\n")
    let needed = [ConfigRequirement("SYSVIPC"), ConfigRequirement("CHECKPOINT_RESTORE")]
    #expect(
      folder.notice(of: suite, on: kernel, needed, [:])
        == "kselftest-ipc: \(kernel.label) lacks CONFIG_CHECKPOINT_RESTORE; 'ktest kernel build TREE --for kselftest:ipc' "
        + "builds a kernel that has what can be had, and --set needs=any runs the tests without")
    #expect(
      folder.notice(of: suite, on: kernel, needed, ["needs": "any"])?.contains("may be the configuration's") == true)
    #expect(folder.notice(of: suite, on: kernel, [needed[0]], [:]) == nil)
    // The discovered cases of a suite run; it lacks them for nobody else.
    suite.cases = [Case(name: "a", run: ["a"])]
    #expect(folder.notice(of: suite, on: kernel, needed, [:])?.contains("may be the configuration's") == true)
  }

  @Test func timesAreUpstreams() {
    func seconds(_ timeout: Int?, hasScript: Bool = false) -> Int64 {
      SelftestFolder(
        to: "", name: "", tree: "", timeout: timeout, invocations: hasScript ? [SelftestInvocation(["a"])] : []
      ).testTimeout
    }
    #expect(seconds(nil) == 45)
    #expect(seconds(1200) == 1200)
    // Upstream's 0 means no limit.
    #expect(seconds(0) == 900)
    // A script for the whole folder has this time for all of its tests.
    #expect(seconds(900, hasScript: true) == 300)
    #expect(seconds(45, hasScript: true) == 45)
  }

  @Test func aCaseThatATreeAddsCanBeSelectedBeforeTheTreeIsKnown() throws {
    var suite = Suite(name: "mm", cases: [Case(name: "cow", run: ["x"])])
    func chosen(_ selection: String) throws -> [String] {
      try SuiteRequest(suite, cases: [selection]).chosenSuite.cases.map(\.name)
    }
    #expect(throws: PlanError.self) { try chosen("discovered/rmap") }
    suite.collection = SelftestCollection("mm")
    #expect(try chosen("discovered/rmap") == [])
    #expect(try chosen("*rmap") == [])
    #expect(throws: PlanError.self) { try chosen("cwo") }
    #expect(try SuiteRequest(whole(), cases: ["cow"]).chosenSuite.cases == [])
    let expanded = try whole().expanded(by: folder, parameters: [:])
    #expect(throws: PlanError.self) { try SuiteRequest(expanded, cases: ["no-such"]).chosen }
  }

  @Test func aTestOfASubfolderRunsThere() throws {
    var folder = folder
    folder.invocations = []
    folder.files = [SelftestFile(.test, "functional/futex_wait")]
    let test = try #require(try whole().expanded(by: folder, parameters: [:]).cases.first)
    #expect(test.name == "functional-futex_wait")
    // No word names a folder: it would be taken for a program that the image lacks.
    #expect(
      test.run == [
        "run-test", "/usr/lib/selftests/mm/functional/futex_wait",
      ])
    var suite = Suite(name: "mine", cases: [Case(name: "a", run: ["a"])])
    suite.collection = SelftestCollection("mm")
    #expect(
      try suite.expanded(by: folder, parameters: [:]).cases[1].run == [
        "/bin/sh", "-c", "cd \"${1%/*}\" && exec \"$@\"", "sh", "/usr/lib/selftests/mm/functional/futex_wait",
      ])
  }

  /// hmm-tests, va_high_addr_switch and write_to_hugetlbfs of 7.3: each failed, as a case of its own.
  @Test func whatAScriptCallsIsNoTestOfItsOwn() throws {
    var folder = folder
    folder.files += [SelftestFile(.made, "hmm-tests"), SelftestFile(.script, "ksft_cow.sh")]
    folder.calls = ["test_hmm.sh": ["hmm-tests"], "ksft_cow.sh": ["cow"]]
    let suite = try whole().expanded(by: folder, parameters: [:])
    #expect(suite.cases.map(\.name) == ["gup_test", "gup_test-2", "test_hmm.sh", "cow", "rmap"])
  }

  @Test func aTestThatDoesNotCheckWhatItNeedsIsSkippedWithout() throws {
    var folder = folder
    folder.files.append(SelftestFile(.made, "memory-failure"))
    let suite = try whole().expanded(by: folder, parameters: ["needs": "any"])
    let test = try #require(suite.cases.first { $0.name == "memory-failure" })
    #expect(suite.requires.config == [])
    #expect(test.requires.config.map(\.symbol) == ["MEMORY_FAILURE", "HWPOISON_INJECT"])
    folder.name = "other"
    let other = try whole().expanded(by: folder, parameters: ["needs": "any"])
    #expect(other.cases.allSatisfy { $0.requires.config == [] })
  }

  @Test func aParameterOfTheGuestStandsForASymbol() throws {
    var folder = folder
    folder.config = ["CONFIG_PROC_MEM_ALWAYS_FORCE=y", "CONFIG_GUP_TEST=y"]
    func needs(_ suite: Suite) -> [String] { suite.needs(with: folder, absent: []).map(\.symbol) }
    #expect(try needs(whole()).suffix(1) == ["GUP_TEST"] && !needs(whole()).contains("PROC_MEM_ALWAYS_FORCE"))
    var other = try whole()
    other.guest.commandLine = []
    #expect(needs(other).contains("PROC_MEM_ALWAYS_FORCE"))
  }

  /// memfd/run_fuse_test.sh of 6.12 and 7.3, where libfuse is not installed: it ended with 127.
  @Test func aScriptWhoseProgramDoesNotCompileIsNoFailure() throws {
    let script = """
      # ./fuse_other
      mkdir mnt
      ./fuse_mnt ./mnt
      ./fuse_test ./mnt/memfd $@
      """
    let programs = ["fuse_mnt", "fuse_test", "memfd_test", "fuse_other"]
    #expect(SelftestInvocation.programs(programs, in: script) == ["fuse_mnt", "fuse_test"])
    let folder = SelftestFolder(
      to: "/t/memfd", name: "memfd", tree: "linux 7.3",
      files: [SelftestFile(.test, "memfd_test"), SelftestFile(.script, "run_fuse_test.sh")],
      calls: ["run_fuse_test.sh": ["fuse_mnt", "fuse_test"]])
    let omission = ImageOmission(
      path: "/t/memfd/fuse_mnt", reason: "memfd/fuse_mnt of linux 7.3 does not compile: …", isBroken: true)
    let image = BuiltImage(
      name: "i", path: "", sha256: "", size: 0,
      layers: [ImageLayer(title: "selftests memfd", identity: "", omitted: [omission], folder: folder)],
      files: ["/t/memfd/memfd_test", "/t/memfd/run_fuse_test.sh", "/t/memfd/fuse_test"])
    let suite = try whole().expanded(by: folder, parameters: [:])
    var planned = PlannedSuite(
      suite: suite, kernel: ScriptedRun.kernel(""), initramfs: "", commandLine: KernelCommandLine(),
      cases: suite.cases.map { PlannedCase($0) })
    planned.look(for: image)
    #expect(planned.cases.map { $0.skip?.text } == [nil, omission.reason])
    #expect(planned.cases[1].verdict == .error)
  }

  @Test func testsAreChosenByProgramOrByCase() throws {
    func names(_ wanted: String) throws -> [String] {
      try whole().expanded(by: folder, parameters: ["tests": wanted]).cases.map(\.name)
    }
    #expect(try names("cow gup_test") == ["gup_test", "gup_test-2", "cow"])
    #expect(try names("gup_test-2,c*") == ["gup_test-2", "cow"])
    let error = #expect(throws: PlanError.self) { try names("cow nothing") }
    #expect(
      error?.description == "--set tests=cow nothing: linux 7.3 has no test mm/nothing; "
        + "it has gup_test, gup_test-2, test_hmm.sh, cow, rmap")
    #expect(error?.isSelection == true)
    #expect(try whole().expanded(by: folder, parameters: ["needs": "any"]).requires.config == [])
  }

  @Test func whatNoCaseRunsIsDiscovered() throws {
    var suite = Suite(
      name: "mm",
      cases: [
        Case(name: "a", run: ["mm-case", "/usr/lib/selftests/mm/gup_test", "-u"]),
        Case(name: "b", run: ["/x"], alternatives: [0: ["/x", "/usr/lib/selftests/mm/fork"]]),
      ])
    suite.collection = SelftestCollection("mm", except: ["cow"])
    var folder = folder
    folder.files.append(SelftestFile(.made, "fork"))
    let expanded = try suite.expanded(by: folder, parameters: [:])
    #expect(expanded.cases.map(\.name) == ["a", "b", "discovered/rmap"])
    #expect(expanded.requires.config == [], "only a whole collection needs what its config asks for")
    #expect(
      folder.notice(of: expanded)
        == "mm: linux 7.3 has 1 test of selftests/mm that no case runs; unvetted: discovered/rmap")
    #expect(folder.notice(of: suite) == nil)
  }

  @Test func withoutSuchAScriptTheMakefileSaysWhatIsATest() throws {
    var folder = folder
    folder.invocations = []
    folder.timeout = nil
    folder.files = [SelftestFile(.test, "a/one"), SelftestFile(.script, "two.sh"), SelftestFile(.made, "helper")]
    let suite = try whole().expanded(by: folder, parameters: [:])
    #expect(suite.cases.map(\.name) == ["a-one", "two.sh"])
    #expect(suite.cases[0].timeout == .seconds(45))
    folder.files = []
    let error = #expect(throws: PlanError.self) { try whole().expanded(by: folder, parameters: [:]) }
    #expect(error?.description == "the Makefile of tools/testing/selftests/mm of linux 7.3 lists no test")
  }

  @Test func linesOfAScript() {
    let script = """
      run_test() {
      uffd_stress_bin=./uffd-stress
      CATEGORY="hugetlb" run_test ./hugetlb-mmap
      CATEGORY="userfaultfd" run_test ${uffd_stress_bin} anon 20 16
      \tCATEGORY="hmm" run_test bash ./test_hmm.sh smoke
      CATEGORY="thp" run_test ./khugepaged all:file ${SPLIT_PATH}
      CATEGORY="gup" run_test ./gup_test \\
        -ct "0"
      CATEGORY="mlock" run_test sudo -u nobody sh -c ./on-fault-limit
      # run_test ./commented
      CATEGORY="hugetlb" run_test ./hugetlb-mmap
      """
    #expect(
      SelftestInvocation.read(script).map(\.words) == [
        ["hugetlb-mmap"], ["uffd-stress", "anon", "20", "16"], ["test_hmm.sh", "smoke"], ["gup_test", "-ct", "0"],
      ])
  }

  @Test func namesOnTheCommandLine() throws {
    #expect(KselftestSuite(parsing: "mm") == nil)
    let one = try #require(KselftestSuite(parsing: "kselftest:net/af_unix:scm*"))
    #expect(one.folder == "net/af_unix")
    #expect(one.selection == "scm*")
    let suite = try #require(Suite.read(bytes: Array(one.text.utf8), file: "x").suite)
    #expect(suite.name == "kselftest-net-af-unix")
    #expect(suite.collection == SelftestCollection("net/af_unix"))
  }
}
