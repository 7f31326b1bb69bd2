import KTestHost
package import KTestValues

/// The tests of a folder of selftests as cases.
extension Suite {
  /// The parameter that names the tests to run.
  package static let testsParameter = "tests"
  /// The parameter that lets tests run although the kernel lacks what the folder's `config` asks for.
  package static let needsParameter = "needs"
  /// The beginning of the names of cases that come from a tree.
  package static let discovered = "discovered/"

  /// Whether the suite has nothing but what a tree has; the folder's `config` is then asked of the kernel.
  package var isWholeCollection: Bool { collection != nil && cases.isEmpty }

  /// Whether a tree may have cases that a pattern for cases means.
  package func mayDiscover(_ pattern: String) -> Bool {
    collection != nil && (cases.isEmpty || pattern.hasPrefix(Suite.discovered) || pattern.hasPrefix("*"))
  }

  /// Returns the suite with a case for each test of the folder that no case runs.
  ///
  /// In a suite with cases of its own, the others are `discovered/NAME`: nobody has looked at what they need.
  ///
  /// - Parameter absent: symbols that the tree does not have, so that no kernel of it can be asked for them.
  func expanded(
    by folder: SelftestFolder, parameters: [String: String], absent: Set<String> = []
  ) throws(PlanError) -> Suite {
    var suite = self
    suite.collection = nil
    let isWhole = isWholeCollection
    let words = Set(cases.flatMap { $0.run + $0.alternatives.values.joined() })
    let programs = Set(folder.files.filter { $0.kind == .made || $0.kind == .test }.map(\.name))
    let tests = folder.tests.filter { test in
      // A script needs tools that only the image of a whole collection has.
      guard isWhole || programs.contains(test.program) else { return false }
      return !words.contains("\(folder.to)/\(test.program)") && !(collection?.except.contains(test.program) ?? false)
    }
    var names = Set(cases.map(\.name))
    var found = tests.map { test -> (program: String, test: Case) in
      let base = (isWhole ? "" : Suite.discovered) + Suite.caseName(test.program)
      var name = base
      var number = 2
      while !names.insert(name).inserted {
        name = "\(base)-\(number)"
        number += 1
      }
      return (test.program, Suite.test(name, test, of: folder, isWhole: isWhole))
    }
    if isWhole, let wanted = parameters[Suite.testsParameter] {
      found = try Suite.select(wanted, from: found, of: folder)
    }
    if isWhole {
      suite.requires.config = parameters[Suite.needsParameter] == "any" ? [] : needs(with: folder, absent: absent)
    }
    suite.cases += found.map(\.test)
    guard !suite.cases.isEmpty else {
      throw PlanError(
        "the Makefile of tools/testing/selftests/\(folder.name) of \(folder.tree) lists no test", isSelection: true)
    }
    return suite
  }

  /// Kernel parameters that do what a symbol would do.
  private static let parametersForSymbols = ["proc_mem.force_override=always": "PROC_MEM_ALWAYS_FORCE"]

  /// What the suite and the folder's `config` ask of a kernel's configuration.
  func needs(with folder: SelftestFolder, absent: Set<String>) -> [ConfigRequirement] {
    let given = guest.commandLine.compactMap { Suite.parametersForSymbols[$0] }
    return requires.merging(Requirements(config: folder.config.compactMap(Suite.requirement))).config
      .filter { !absent.contains(KernelConfig.bare($0.symbol)) && !given.contains(KernelConfig.bare($0.symbol)) }
  }

  /// What single tests of mm need and do not check: without it they fail. The folder's `config` does not say the first, nor
  /// which tests need the second.
  private static let needsInMM = [
    "charge_reserved_hugetlb.sh": ["CGROUP_HUGETLB"], "hugetlb_reparenting_test.sh": ["CGROUP_HUGETLB", "MEMCG"],
    "memory-failure": ["MEMORY_FAILURE", "HWPOISON_INJECT"],
  ]

  private static func test(
    _ name: String, _ test: SelftestInvocation, of folder: SelftestFolder, isWhole: Bool
  ) -> Case {
    // Upstream's runner starts a test in its own folder, and reads its output up to the end. The image of a whole
    // collection has a program for both, others need nothing but a shell.
    let path = "\(folder.to)/\(test.program)"
    let start = isWhole ? ["run-test", path] : ["/bin/sh", "-c", "cd \"${1%/*}\" && exec \"$@\"", "sh", path]
    var found = Case(
      name: name, description: "unvetted: " + (["./" + test.program] + test.words.dropFirst()).joined(separator: " "),
      run: start + test.words.dropFirst(), format: .kselftest,
      timeout: .seconds(folder.testTimeout),
      environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
    found.requires.config = (folder.name == "mm" ? Suite.needsInMM[test.program] ?? [] : []).map {
      ConfigRequirement($0)
    }
    return found
  }

  /// A case's name for a program: names of cases are lower-case, and a slash separates only `discovered`.
  private static func caseName(_ program: String) -> String {
    String(program.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) || "._-".contains($0) ? $0 : "-" })
  }

  private static func select(
    _ wanted: String, from found: [(program: String, test: Case)], of folder: SelftestFolder
  ) throws(PlanError) -> [(program: String, test: Case)] {
    let words = wanted.split { $0 == " " || $0 == "," }.map(String.init)
    func isMeant(_ word: String, _ entry: (program: String, test: Case)) -> Bool {
      guard let pattern = try? WildcardPattern(parsing: word) else { return false }
      return pattern.matches(whole: entry.program) || pattern.matches(whole: entry.test.name)
    }
    for word in words where !found.contains(where: { isMeant(word, $0) }) {
      let names = found.map(\.test.name).joined(separator: ", ")
      throw PlanError(
        "--set tests=\(wanted): \(folder.tree) has no test \(folder.name)/\(word); it has \(names)", isSelection: true)
    }
    return found.filter { entry in words.contains { isMeant($0, entry) } }
  }

  private static func requirement(_ line: String) -> ConfigRequirement? {
    let parts = line.dropFirst("CONFIG_".count).split(separator: "=", maxSplits: 1)
    // Built in or a module: a test that wants one of them says so itself.
    guard parts.count == 2, ["y", "m"].contains(parts[1].filter { !$0.isWhitespace }) else { return nil }
    return try? ConfigRequirement(parsing: String(parts[0]))
  }
}

extension SelftestFolder {
  /// The seconds for each test, under KVM.
  ///
  /// Upstream's runner gives 45 s if the folder does not say otherwise, and no limit if it says 0. Where a script runs
  /// all tests, the folder's value is for the script.
  var testTimeout: Int64 {
    switch timeout {
    case nil: 45
    case let seconds? where seconds > 0: Int64(invocations.isEmpty ? seconds : min(seconds, 300))
    default: invocations.isEmpty ? 900 : 300
    }
  }

  /// What upstream runs: the lines of the folder's own script if it has one, else what the Makefile lists as tests.
  ///
  /// What a script of these lines calls is a part of that test, which gives it what it needs; alone it would fail.
  var tests: [SelftestInvocation] {
    let names = Set(files.map(\.name))
    let lines = invocations.filter { names.contains($0.program) }
    guard lines.isEmpty else {
      let named = Set(lines.flatMap { [$0.program] + (calls[$0.program] ?? []) })
      let others = files.filter { ($0.kind == .made || $0.kind == .test) && !named.contains($0.name) }
      return lines + others.map { SelftestInvocation([$0.name]) }
    }
    return files.filter { $0.kind == .test || $0.kind == .script }.map { SelftestInvocation([$0.name]) }
  }

  /// Returns a sentence about cases that were added to a suite.
  func notice(of suite: Suite) -> String? {
    let names = suite.cases.map(\.name).filter { $0.hasPrefix(Suite.discovered) }
    guard !names.isEmpty else { return nil }
    let tests = Phrase.count(names.count, "test")
    return "\(suite.name): \(tree) has \(tests) of selftests/\(name) that no case runs; unvetted: "
      + names.joined(separator: ", ")
  }

  /// Returns a sentence about symbols that a kernel lacks for tests of the folder that nobody has looked at.
  func notice(
    of suite: Suite, on kernel: KernelBuild, _ needed: [ConfigRequirement], _ parameters: [String: String]
  ) -> String? {
    guard let config = kernel.config else { return nil }
    let missing = needed.filter { Preflight.complaint($0, config) != nil }.map {
      "CONFIG_\(KernelConfig.bare($0.symbol))"
    }
    guard !missing.isEmpty else { return nil }
    let lack = "\(suite.name): \(kernel.label) lacks \(missing.joined(separator: ", "))"
    let build = "'ktest kernel build TREE --for kselftest:\(name)' builds a kernel that has what can be had"
    guard !suite.isWholeCollection || parameters[Suite.needsParameter] == "any" else {
      return "\(lack); \(build), and --set needs=any runs the tests without"
    }
    return "\(lack): a failure of an unvetted test may be the configuration's; \(build)"
  }
}
