import Foundation
import KTestValues
import Subprocess
import SystemPackage
import TestGate
import Testing

/// The whole matrix, on a real kernel in real guests, by the program that people call.
@Suite struct SelftestGuestTests {
  private static let kernel = "debian:6.12-cloud"

  /// Built beside the tests.
  private static let ktest: String? = {
    let folder = URL(filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "")
    let candidates = [folder.deletingLastPathComponent().path, "\(SelftestSuitesTests.repository)/.build/debug"]
    return candidates.map { "\($0)/ktest" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  private static func call(_ arguments: [String]) async throws -> (
    status: TerminationStatus, output: String, errors: String
  ) {
    let result = try await run(
      .path(FilePath(try #require(ktest))), arguments: Arguments(arguments),
      environment: .inherit.updating(["XDG_CACHE_HOME": try SharedCache.fill()]),
      workingDirectory: FilePath(SelftestSuitesTests.repository), input: .none, output: .string(limit: 16 << 20),
      error: .string(limit: 16 << 20))
    return (result.terminationStatus, result.standardOutput, result.standardError)
  }

  /// In the cache already, or to be fetched.
  private static func hasKernel() async -> Bool {
    guard ktest != nil else { return false }
    return (try? await call(["kernel", "fetch", kernel]).status.isSuccess) ?? false
  }

  private struct Matrix: Decodable {
    struct Row: Decodable {
      var `case`: String
      var got: String?
      var reason: String?
      var ok: Bool
      var differences: [String]
    }

    var asExpected: Bool
    var rows: [Row]
    var strays: [String]
    var runs: [String]
  }

  @Test(
    .gated(minutes: 30),
    .enabled("\(kernel) is not in the cache and cannot be fetched, or ktest is not built", hasKernel))
  func everyRowIsAsExpected() async throws {
    let state = FileManager.default.temporaryDirectory.appending(path: "ktest-selftest-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: state) }
    let (status, output, errors) = try await SelftestGuestTests.call([
      "selftest", "--kernel", SelftestGuestTests.kernel, "--accel", "tcg", "--format", "json", "--state", state,
    ])
    try #require(!output.isEmpty, "\(status): \(errors)")
    let matrix = try JSONDecoder().decode(Matrix.self, from: Data(output.utf8))
    for row in matrix.rows {
      #expect(row.ok, "\(row.case): \(row.differences.joined(separator: ", ")); \(row.reason ?? "no reason given")")
    }
    #expect(matrix.strays.isEmpty)
    #expect(status.isSuccess && matrix.asExpected)
    let named = Set(try SelftestSuitesTests.suites().flatMap(\.cases).map(\.name))
    #expect(Set(matrix.rows.map(\.case)) == named)
    try checkArtefacts(in: try #require(matrix.runs.first))
    try checkEvidence(in: try #require(matrix.runs.first))
  }

  /// What hangs has been asked by the agent, or by the serial line, and QEMU each time.
  private func checkEvidence(in run: String) throws {
    let summary = try JSONDecoder().decode(
      RunSummary.self, from: try Data(contentsOf: URL(filePath: "\(run)/summary.json")))
    let cases = summary.suites.flatMap(\.cases)
    for name in ["hang", "deadlock", "hang-in-d-state", "agent-stopped"] {
      let evidence = try #require(cases.first { $0.name == name }?.evidence, "\(name)")
      let texts = try evidence.files.map { try String(contentsOfFile: "\(run)/\($0)", encoding: .utf8) }
      #expect(
        texts.contains { $0.contains("sysrq: Show Blocked State") && $0.contains("sysrq: Show State") }, "\(name)")
      #expect(texts.contains { $0.contains("CPU#1") && $0.contains("RIP=") }, "\(name)")
      #expect(evidence.memory == nil)
    }
    #expect(cases.allSatisfy { $0.evidence == nil || $0.verdict == .timeout })
  }

  /// Byte for byte what the guest program wrote, also the file that travels in several pieces.
  private func checkArtefacts(in run: String) throws {
    let found = FileManager.default.enumerator(atPath: "\(run)/artefacts")?.compactMap { $0 as? String } ?? []
    let report = try #require(found.first { $0.hasSuffix("/report.txt") })
    #expect(FileManager.default.contents(atPath: "\(run)/artefacts/\(report)") == Data("what the case found\n".utf8))
    let memory = try #require(found.first { $0.hasSuffix("/memory.bin") })
    var wanted = Data()
    for number in UInt32(0)..<200_000 { withUnsafeBytes(of: number.littleEndian) { wanted.append(contentsOf: $0) } }
    #expect(FileManager.default.contents(atPath: "\(run)/artefacts/\(memory)") == wanted)
  }
}
