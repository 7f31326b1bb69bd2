import KTestHarness
import KTestValues

extension Workplace {
  /// Opens the journal of a run of suite `s` on the given kernels, for tests that write what happened there themselves.
  func openJournal(kernels: [String] = ["k"], host: RunManifest.Host = .current()) throws -> Journal {
    let manifest = RunManifest(
      ktest: "0", arguments: [], suites: [.init(name: "s", path: "s.yaml", sha256: "0")],
      kernels: kernels.map { .init(label: $0, source: .path("."), release: "6.12", image: "/k", identity: $0) },
      accelerator: .init(asked: "tcg", used: "tcg"), host: host)
    return try Journal(state: state, manifest: manifest, suites: [Array("suite: s\n".utf8)])
  }
}
