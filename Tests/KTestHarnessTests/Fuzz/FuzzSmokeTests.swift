import Foundation
import Fuzzing
import TestGate
import Testing

/// The fuzzers, for a moment: that they run, that their seeds are read, and that nothing is found at once. `scripts/fuzz`
/// runs them for as long as one likes.
@Suite("Fuzzing")
struct FuzzSmokeTests {
  @Test("a few hundred inputs of each target", .gated(), arguments: fuzzTargets.map { $0.name })
  func smoke(_ name: String) async throws {
    let kind = try #require(fuzzTargets.first { $0.name == name })
    let scratch = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/ktest-fuzz-\(UUID())"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let target = try await kind.init(SeedFiles(root: Document.root, scratch: scratch))
    var fuzz = FuzzRun(first: 20_261_128)
    // How long it takes and how much is in use is of no interest where other tests run beside.
    (fuzz.timeLimit, fuzz.memoryLimit) = (nil, .max)
    let outcome = try await fuzz.run(target) { $0.inputs < 200 }
    #expect(outcome.found == nil, "scripts/fuzz \(name) 0 \(outcome.found?.seed ?? 0)")
    #expect(outcome.inputs == 200)
  }

  @Test("the same seed is the same input")
  func repeatable() async throws {
    let files = SeedFiles(root: Document.root, scratch: "/nonexistent")
    let suites = try #require(fuzzTargets.first { $0.name == "suite" })
    let (one, other) = (try await suites.init(files), try await suites.init(files))
    for seed in UInt64(1)...50 { #expect(one.input(seed: seed) == other.input(seed: seed)) }
  }
}
