import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// The guest program `mthp-sizes`, run on this host with folders as a kernel has them.
@Suite(.gated(), .enabled(if: HostTool("gcc") != nil, "no C compiler")) struct MthpSizesTests {
  private let files: TemporaryTree

  init() throws { files = try TemporaryTree() }

  /// Returns what the program says about a test, whose text is a script with the order of each size as `$1`.
  private func said(_ options: [String], _ test: String) async throws -> (lines: [String], succeeded: Bool) {
    let cache = try ImageCache("\(files.path)/cache")
    let program = "\(files.path)/mthp-sizes"
    let built = try await #require(HostTool("gcc")).run(
      ["-D_GNU_SOURCE", "-o", program, "\(Document.root)/images/src/mthp-sizes/main.c"], cache: cache)
    #expect(built.succeeded, "\(built.errors)")
    let script = try files.put("test", Array(test.utf8))
    let outcome = try await #require(HostTool(path: program)).run(
      ["--in", "\(files.path)/thp"] + options + ["/bin/sh", script, "{order}"], cache: cache)
    return (HostTool.lines(of: outcome.output), outcome.succeeded)
  }

  private func offer(_ sizes: [Int], _ file: String = "enabled") throws {
    try files.put("thp/hpage_pmd_size", "2097152\n")
    for size in sizes {
      try files.put("thp/hugepages-\(size)kB/\(file)", "never\n")
      try files.put("thp/hugepages-\(size)kB/stats/anon_fault_alloc", "7\n")
    }
  }

  private func parsed(_ lines: [String]) -> KTAPReport {
    var parser = KTAPParser()
    for line in lines { parser.push(line) }
    return parser.finish()
  }

  private static let passes = "echo KTAP version 1; echo 1..1; echo ok 1 order $1\n"

  @Test func aTestIsRunOnceForEachSmallerSize() async throws {
    try offer([1024, 64, 2048])
    try offer([8], "shmem_enabled")
    let (lines, succeeded) = try await said([], Self.passes)
    let report = parsed(lines)
    #expect(succeeded && report.doubts.isEmpty)
    #expect(
      report.subtests.map(\.id) == ["64kB/order 4", "pages of 64kB", "1024kB/order 8", "pages of 1024kB"])
    #expect(report.subtests.allSatisfy { $0.status == .pass })
    let shared = parsed(try await said(["--of", "shmem_enabled"], Self.passes).lines)
    #expect(shared.subtests.map(\.id) == ["8kB/order 1", "pages of 8kB"])
  }

  @Test func pagesOfAnotherSizeAreAFailure() async throws {
    try offer([16, 64])
    let stats = "\(files.path)/thp/hugepages-64kB/stats/anon_fault_alloc"
    // Only one of the sizes comes to the test.
    let test = Self.passes + "[ $1 != 4 ] || echo 9 >\(stats)\n"
    let (lines, succeeded) = try await said(["--grows", "anon_fault_alloc"], test)
    let bad = parsed(lines).subtests.filter { $0.status == .fail }.map(\.id)
    #expect(!succeeded && bad == ["pages of 16kB"])
    let still = parsed(try await said(["--stays", "anon_fault_alloc"], Self.passes).lines)
    #expect(still.subtests.allSatisfy { $0.status == .pass })
  }

  @Test func whatIsNotCountedIsASkip() async throws {
    try offer([16])
    let (lines, succeeded) = try await said(["--grows", "shmem_alloc"], Self.passes)
    let skipped = parsed(lines).subtests.filter { $0.status == .skip }
    #expect(succeeded && skipped.map(\.id) == ["pages of 16kB"])
    #expect(skipped.map(\.detail) == ["the kernel does not count shmem_alloc of a size"])
  }

  @Test func aTestThatFailsOrSkipsIsSaid() async throws {
    try offer([16, 32])
    let test =
      "[ $1 = 2 ] || { echo '1..0 # SKIP not here'; exit 4; }\necho KTAP version 1; echo 1..1; echo not ok 1 it; exit 1\n"
    let (lines, succeeded) = try await said([], test)
    let report = parsed(lines)
    #expect(!succeeded && report.subtests.map(\.status) == [.fail, .pass, .skip, .skip])
    #expect(report.subtests.map(\.id) == ["16kB/it", "pages of 16kB", "32kB", "pages of 32kB"])
  }

  @Test func aKernelWithoutSizesIsASkip() async throws {
    let (lines, succeeded) = try await said([], Self.passes)
    #expect(!succeeded && parsed(lines).skippedWhole == "the kernel offers no huge pages of a smaller size (enabled)")
  }
}
