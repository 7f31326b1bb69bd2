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
      let upstream = cell.cases.filter { $0.run[0].hasSuffix("/hmm-tests") }
      #expect(upstream.map(\.subtests) == [.exactly(29), .exactly(29)])
      #expect(
        upstream.map { $0.run.dropFirst() }
          == ["private", "coherent"].map { kind in
            ["-v", "hmm_device_\(kind)", "-v", "hmm2_device_\(kind)"]
          })
      let driver = try #require(cell.modules.first)
      let reserved = try #require(cell.guest.reserve.first)
      // Two devices of 256 MiB each, at the begin of what is reserved and in its middle.
      let second = ByteSize(bytes: reserved.start.bytes + (256 << 20))
      #expect(driver.name == "test_hmm" && reserved.size == .mebibytes(512))
      #expect(driver.parameters == ["spm_addr_dev0": hex(reserved.start), "spm_addr_dev1": hex(second)])
    }
  }

  private func hex(_ address: ByteSize) -> String { "0x" + String(address.bytes, radix: 16) }

  @Test func onlyExclusiveAccessToHugePagesIsKnownToFail() throws {
    for cell in try cells() {
      let known = cell.cases.flatMap(\.known)
      #expect(known.count == (cell.name.contains("always") ? 6 : 0))
      for failure in known {
        #expect(failure.reason.contains("EBUSY"))
        #expect(!failure.subtest.matches(whole: "hmm.hmm_device_private.migrate"))
      }
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
    #expect(subtests.count == 8 && subtests.values.allSatisfy { $0 > 0 })
    let cell = try #require(try cells().first)
    for kind in ["private", "coherent"] {
      let cases = cell.cases.filter { $0.run[0] == "hmm-pingpong" && $0.run.contains(kind) }
      let groups = cases.map { $0.run.last.map { $0.split(separator: ",").map(String.init) } ?? [] }
      #expect(Set(groups.flatMap { $0 }) == Set(subtests.keys))
      #expect(cases.map(\.subtests) == groups.map { .exactly($0.reduce(0) { $0 + (subtests[$1] ?? 0) }) })
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
