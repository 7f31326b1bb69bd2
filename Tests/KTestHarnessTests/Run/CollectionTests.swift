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
    #expect(suite.requires.config.map(\.description) == ["GUP_TEST", "TEST_HMM"])
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
