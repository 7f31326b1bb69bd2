import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

/// `ktest run --again`, as far as it comes without a guest.
@Suite(.gated()) struct AgainTests {
  /// The name of a run, of the suite `small` on this kernel, whose manifest is then changed.
  private func run(
    in place: Workplace, on source: KernelOrigin, change: (String) -> String = { $0 }
  ) async throws -> String {
    try place.suite("small", ["pass"])
    let manifest = RunManifest(
      ktest: "0", arguments: [], suites: [.init(name: "small", path: "small.yaml", sha256: "0")],
      kernels: [.init(label: "k", source: source, release: "6.12", image: "/image", identity: "0")],
      accelerator: .init(asked: "tcg"), host: .current())
    let journal = try Journal(
      state: place.state, manifest: manifest, suites: [Array(try place.read("suites/small.yaml").utf8)])
    await journal.close()
    let file = "state/ktest/runs/\(journal.id)/manifest.json"
    try place.write(file, change(try place.read(file)))
    return journal.id
  }

  @Test func aPathWithABlankIsTakenWhole() async throws {
    try await Workplace.with { place in
      let path = "\(place.path)/my kernels, old (2)/linux"
      let name = try await run(in: place, on: .path(path))
      let outcome = try await place.ktest("run", "--again", name)
      #expect(outcome.code == 64 && outcome.stderr.contains("\(path): no such file or directory"), "\(outcome)")
    }
  }

  /// As earlier versions wrote it: `source` alone.
  @Test func aFormerManifestTellsItsKernelByTheText() async throws {
    try await Workplace.with { place in
      let path = "\(place.path)/my kernels/build-1"
      let built = KernelOrigin.source(tree: "../linux").built(
        at: path, state: "files:00", base: "defconfig", compiler: "gcc 12, ld 2")
      let name = try await run(in: place, on: built) { $0.replacing(#""origin""#, with: #""unknown""#) }
      #expect(
        try place.read("state/ktest/runs/\(name)/manifest.json").contains("\(path) (built from ../linux, files:00"))
      let outcome = try await place.ktest("run", "--again", name)
      #expect(outcome.code == 64 && outcome.stderr.contains("\(path): no such file or directory"), "\(outcome)")
    }
  }
}
