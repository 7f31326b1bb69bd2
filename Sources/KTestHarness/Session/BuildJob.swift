import KTestGuests
package import KTestHost
import KTestValues
internal import Synchronization

/// A run of suites with `kind: build`, which needs a source and a compiler, and no guest.
package struct BuildJob: Sendable {
  package var session: Session
  package var suites: [SuiteFile]
  /// The value of `--kernel`.
  package var source: KernelTreeName
  /// The state of the source in the repeated run; nil if no run is repeated.
  package var identity: String?
  /// The number of parallel processes of one build.
  package var jobs: Int

  /// Creates the job; returns nil if all suites boot guests.
  ///
  /// - Throws: ``Failure``, ``KernelBuildError``.
  package init?(_ session: Session, _ order: RunOrder, jobs: Int) throws {
    guard order.suites.contains(where: { $0.suite.kind == .build }) else { return nil }
    guard order.kernels.count == 1, let kernel = order.kernels.first else {
      throw Failure(
        .usage, "suites with kind: build take one --kernel at a time; use 'ktest compare' to compare two runs")
    }
    self.session = session
    source = try KernelTreeName(parsing: kernel, isDirectory: KernelBuildOptions.isDirectory)
    identity = order.identities.first
    suites = order.suites
    self.jobs = jobs
  }

  package func plan() throws -> BuildPlan {
    try BuildPlan(suites.map { SuiteRequest($0.suite, cases: $0.cases) }, jobs: jobs)
  }

  package func perform() async throws -> RunOutcome {
    let plan = try plan()
    let display = session.display
    let isBuilding = Flag()
    defer { display.clear() }
    // While cases are built, the terminal is the run's own.
    return try await session.kernels.compiling(
      source, progress: { if !isBuilding.isSet { display.show(.building($0)) } },
      { building in
        display.clear()
        isBuilding.set()
        let recording = RecordedRun(suites: suites, manifest: manifest(building), session: session)
        return try await recording.perform { _, emit in
          if let identity, identity != building.state {
            try await emit(.notice("\(source) has changed since the original run"))
          }
          try await runBuilds(plan, of: building, emit: emit)
        }
      })
  }

  private func manifest(_ building: any TargetCompiler) -> RunManifest {
    var manifest = RunManifest(
      ktest: ktestVersion, arguments: session.arguments,
      suites: suites.map { file in
        RunManifest.Suite(name: file.suite.name, path: file.path, sha256: SHA256.hex(of: file.bytes))
      },
      kernels: [
        RunManifest.Kernel(
          label: building.label, source: KernelOrigin(source), release: building.label, image: "",
          identity: building.state)
      ],
      accelerator: RunManifest.Accelerator(asked: "none"), host: .current())
    manifest.selection = suites.flatMap(\.selection)
    return manifest
  }
}

/// A flag that is set once, from any thread.
private final class Flag: Sendable {
  private let state = Mutex(false)

  var isSet: Bool { state.withLock { $0 } }
  func set() { state.withLock { $0 = true } }
}
