import Foundation
import KTestHarness
import Synchronization

/// A run of suites with kind: build, which needs a source and a compiler, and no guest.
struct BuildJob: Sendable {
  var suites: [SuiteFile]
  /// What `--kernel` says.
  var source: KernelTreeName
  /// Of the source of the run that is repeated.
  var identity: String?
  var jobs: Int
  var arguments: [String]
  var places: Places

  /// nil where all suites boot guests.
  init?(_ order: RunOrder, jobs: Int?, places: Places) throws {
    guard order.suites.contains(where: { $0.suite.kind == .build }) else { return nil }
    guard order.kernels.count == 1, let kernel = order.kernels.first else {
      throw Failure(
        .usage, "suites with kind: build take one --kernel at a time; 'ktest compare' puts two runs side by side")
    }
    source = try KernelTreeName(parsing: kernel, isDirectory: BuildOptions.isDirectory)
    identity = order.identities.first
    suites = order.suites
    self.jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
    arguments = Array(CommandLine.arguments.dropFirst())
    self.places = places
  }

  func plan() throws -> BuildPlan {
    try BuildPlan(suites.map { SuiteRequest($0.suite, cases: $0.cases) }, jobs: jobs)
  }

  func perform() async throws -> RecordedRun.Outcome {
    let plan = try plan()
    let line = BuildProgressLine()
    let isBuilding = Flag()
    defer { line.finish() }
    // While cases are built, the terminal is the run's own.
    return try await TargetBuilding.with(
      source, cache: places.builds,
      progress: { if !isBuilding.isSet { line.show($0) } },
      { building in
        line.finish()
        isBuilding.set()
        let recording = RecordedRun(suites: suites, manifest: manifest(building), places: places)
        return try await recording.perform { _, emit in
          if let identity, identity != building.state {
            try await emit(.notice("\(source) has changed since the run that is repeated"))
          }
          try await runBuilds(plan, of: building, emit: emit)
        }
      })
  }

  private func manifest(_ building: TargetBuilding) -> RunManifest {
    var manifest = RunManifest(
      ktest: KTest.version, arguments: arguments,
      suites: suites.map { file in
        RunManifest.Suite(name: file.suite.name, path: file.path, sha256: SHA256.hex(of: file.bytes))
      },
      kernels: [
        RunManifest.Kernel(
          label: building.label, source: KernelOrigin(source), release: building.label, image: "",
          identity: building.state)
      ],
      accelerator: RunManifest.Accelerator(asked: "none"), host: .current())
    manifest.selection = suites.flatMap { file in
      file.cases.map { file.suite.name + ($0.hasPrefix("[") ? "" : ":") + $0 }
    }
    return manifest
  }
}

extension BuildPlan {
  /// `--dry-run`
  var text: String {
    var lines = ["\(entries.count) cases, nothing boots"]
    for entry in entries {
      let config = entry.test.build?.config.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } ?? []
      lines.append(
        "  build \(entry.suite.name):\(entry.test.name), \(entry.request.targets.joined(separator: " ")) with "
          + "\(entry.request.base) and \(config.joined(separator: " ")), at most \(entry.test.timeout)")
    }
    return lines.map { sanitised($0) }.joined(separator: "\n") + "\n"
  }
}

/// Set once, from any thread.
private final class Flag: Sendable {
  private let state = Mutex(false)

  var isSet: Bool { state.withLock { $0 } }
  func set() { state.withLock { $0 = true } }
}
