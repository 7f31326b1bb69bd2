import Foundation
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// The shipped suite hmm-tests in real guests, with a kernel that was built for it.
  @Suite(
    .enabled("KTEST_KERNEL_BUILD names no finished kernel build that has test_hmm") {
      Prerequisites.kernelBuild.map { FileManager.default.fileExists(atPath: "\($0)/lib/test_hmm.ko") } ?? false
    })
  struct HmmTestsRunTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    @Test func theKernelsOwnTestsPassInOneCell() async throws {
      let kernel = try #require(Prerequisites.kernelBuild)
      let cell = "\(Self.root)/suites/hmm-tests.yaml[thp=madvise]"
      try await Workplace.with { place in
        let outcome = try await place.ktest(
          "run", "\(cell):private", "\(cell):coherent", "--kernel", kernel, "--accel", "tcg", "--format", "json",
          environment: ["KTEST_HOME": Self.root])
        #expect(outcome.code == 0, "\(outcome)")
        let cases = try RunSummary(json: outcome.stdout).suites.flatMap(\.cases)
        #expect(cases.map(\.subtests.pass) == [29, 29])
      }
    }

    @Test(.long, .gated(minutes: 40)) func everySubtestIsExecuted() async throws {
      let kernel = try #require(Prerequisites.kernelBuild)
      try await Workplace.with { place in
        let outcome = try await place.ktest(
          "run", "\(Self.root)/suites/hmm-tests.yaml", "--kernel", kernel, "--accel", "tcg", "--format", "json",
          environment: ["KTEST_HOME": Self.root])
        #expect(outcome.code == 0, "\(outcome)")
        let summary = try RunSummary(json: outcome.stdout)
        #expect(summary.suites.map(\.name) == ["hmm-tests[thp=always]", "hmm-tests[thp=madvise]"])
        for suite in summary.suites {
          #expect(suite.cases.allSatisfy { $0.verdict == .pass }, "\(summary.verdicts)")
          #expect(
            suite.cases.allSatisfy {
              $0.subtests.fail == 0 && $0.subtests.skip == ($0.name == "frames-private" ? 1 : 0)
            })
          // Upstream's 29 for each kind of memory; exclusive access to huge pages is what 6.12 cannot do.
          let known = suite.name.contains("always") ? 3 : 0
          let (upstream, ours) = (suite.cases.prefix(2), suite.cases.dropFirst(2))
          #expect(upstream.map(\.subtests.known) == [known, known])
          #expect(upstream.map(\.subtests.pass) == [29 - known, 29 - known])
          #expect(ours.allSatisfy { $0.subtests.known == 0 })
        }
      }
    }
  }
}
