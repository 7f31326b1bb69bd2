import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// The shipped suite hmm-tests asks for what its programs need, and for as many subtests as they have.
@Suite struct HmmTestsFilesTests {
  private func cells() throws -> [KTestValues.Suite] {
    let path = "suites/hmm-tests.yaml"
    return try #require(KTestValues.Suite.read(bytes: try Document.bytes(path), file: path).suite).cells
  }

  @Test func bothKindsOfMemoryUnderBothPolicies() throws {
    let cells = try cells()
    #expect(cells.map(\.name) == ["hmm-tests[thp=always]", "hmm-tests[thp=madvise]"])
    for cell in cells {
      #expect(cell.guest.kernelParameters.contains("memmap=512M$1G"))
      #expect(cell.guest.hugepages == [HugepagePool(size: .large, count: 128)])
      let driver = try #require(cell.modules.first)
      let reserved = try #require(cell.guest.reserve.first)
      // Two devices of 256 MiB each, at the begin of what is reserved and in its middle.
      let second = ByteSize(bytes: reserved.start.bytes + (256 << 20))
      #expect(driver.name == "test_hmm" && reserved.size == .mebibytes(512))
      #expect(driver.parameters == ["spm_addr_dev0": hex(reserved.start), "spm_addr_dev1": hex(second)])
    }
  }

  private func hex(_ address: ByteSize) -> String { "0x" + String(address.bytes, radix: 16) }

  /// The cells as they are on a kernel of this release.
  private func cells(on release: String) throws -> [KTestValues.Suite] {
    try cells().map { cell in
      let place = Circumstances(release: release, parameters: cell.guest.kernelParameters) { _ in true }
      return cell.applied(to: place).suite
    }
  }

  @Test("upstream's whole list runs, in one part or in two", arguments: ["6.12.117", "6.18.15", "7.3.4"])
  func upstream(_ release: String) throws {
    let hasHugePagesOnDevices = release == "7.3.4"
    for cell in try cells(on: release) {
      let upstream = cell.cases.filter { $0.run[0].hasSuffix("/hmm-tests") }
      #expect(upstream.allSatisfy { $0.subtests == .all })
      let isAlways = cell.name.contains("always")
      let coherent = hasHugePagesOnDevices ? (isAlways ? [] : ["coherent-small", "coherent-huge"]) : ["coherent"]
      let benchmark = hasHugePagesOnDevices ? ["benchmark-private"] : []
      #expect(upstream.map(\.name) == ["private"] + benchmark + coherent)
    }
    // What one part leaves out, the other has; but a benchmark that wants all of the device's memory.
    guard hasHugePagesOnDevices, let cell = try cells(on: release).last else { return }
    func names(_ name: String, _ option: String) -> Set<String> {
      Set(
        cell.cases.filter { $0.name == name }.flatMap(\.run).filter { $0.hasPrefix(option) }.map {
          String($0.dropFirst(2))
        })
    }
    let (left, has) = (names("coherent-small", "-T"), names("coherent-huge", "-t"))
    #expect(left.subtracting(has) == ["benchmark_thp_migration"] && has.isSubset(of: left) && has.count == 9)
  }

  @Test("what is known to fail, on which kernels", arguments: ["6.12.117", "6.18.15", "7.3.4"])
  func known(_ release: String) throws {
    for cell in try cells(on: release) {
      let known = cell.cases.flatMap(\.known)
      let isAlways = cell.name.contains("always")
      switch release {
      case "6.12.117":
        #expect(known.count == (isAlways ? 2 : 0) && known.allSatisfy { $0.reason.contains("EBUSY") })
      case "6.18.15": #expect(known.isEmpty)
      default:
        let names = (isAlways ? [] : ["hmm.hmm_device_coherent.migrate_anon_huge_err"]) + ["frames-whole"]
        #expect(known.map(\.subtest.description) == names)
      }
      #expect(!known.contains { $0.subtest.matches(whole: "hmm.hmm_device_private.migrate") })
    }
  }

  /// A symbol on which another depends comes before it, so that a configuration can be built up in this order.
  @Test func itsSymbolsStandInTheOrderOfTheirDependencies() throws {
    let symbols = try #require(try cells().first).requires.config.map(\.symbol)
    for (first, then) in [
      ("SPARSEMEM_VMEMMAP", "ZONE_DEVICE"), ("MEMORY_HOTPLUG", "MEMORY_HOTREMOVE"), ("MEMORY_HOTREMOVE", "ZONE_DEVICE"),
      ("ZONE_DEVICE", "DEVICE_PRIVATE"), ("DEVICE_PRIVATE", "TEST_HMM"), ("RUNTIME_TESTING_MENU", "TEST_HMM"),
      ("TRANSPARENT_HUGEPAGE", "TEST_HMM"), ("DEBUG_FS", "GUP_TEST"),
    ] {
      let places = (try #require(symbols.firstIndex(of: first)), try #require(symbols.firstIndex(of: then)))
      #expect(places.0 < places.1, "\(first) before \(then)")
    }
  }

  /// Every group that hmm-pingpong has is run by a case of each kind, and the cases want as many subtests as there are.
  @Test func allOfPingPongIsRun() throws {
    let sources = Document.files(in: "images/src/hmm-pingpong", ending: ".c")
    var subtests: [String: Int] = [:]
    for source in sources {
      let text = String(decoding: try Document.bytes(source), as: UTF8.self)
      for table in text.matches(of: /const struct subtest (\w+)_subtests\[\] = \{\n((?:    \{"[^\n]*\n)*)/) {
        subtests[String(table.output.1)] = table.output.2.split(separator: "\n").count
      }
    }
    #expect(subtests.count == 11 && subtests.values.allSatisfy { $0 > 0 })
    let cell = try #require(try cells().first)
    for kind in ["private", "coherent"] {
      let cases = cell.cases.filter { $0.run[0] == "hmm-pingpong" && $0.run.contains(kind) }
      let groups = cases.map { $0.run.last.map { $0.split(separator: ",").map(String.init) } ?? [] }
      // The driver has huge pages on private devices only, and no other way to look at frames.
      let none: Set<String> = kind == "private" ? [] : ["whole", "frames"]
      #expect(Set(groups.flatMap { $0 }) == Set(subtests.keys).subtracting(none))
      for (test, groups) in zip(cases, groups) {
        let count = groups.reduce(0) { $0 + (subtests[$1] ?? 0) }
        #expect(test.subtests == .all || test.subtests == .exactly(count), "\(test.name)")
      }
    }
  }

  @Test func itsImageHasEveryProgram() throws {
    let path = "images/hmm-tests.yaml"
    let recipe = try #require(Recipe.read(bytes: try Document.bytes(path), file: path).0)
    let programs = Set(recipe.layers.flatMap(\.destinations))
    for test in try #require(try cells().first).cases {
      let program = test.run[0].hasPrefix("/") ? test.run[0] : "/usr/bin/\(test.run[0])"
      #expect(programs.contains(program))
    }
  }
}
