import Foundation
import KTestHarness

/// One run from its arguments to its last event: kernels, plan, journal, terminal. Used by `run` and `selftest`.
struct RunJob: Sendable {
  var suites: [SuiteFile]
  var kernels: [KernelBuild]
  var parameters: [String: String]
  var arguments: [String]
  var places: Places
  var isQuiet = false
  var dumps: Set<MemoryDumps.Occasion> = []
  /// Sees each event before it is recorded.
  var observe: (@Sendable (RunEvent) async -> Void)?
  /// Waits for what makes the rest of the run superfluous, and says what it was; then the run is ended there. nil when
  /// there will be no such thing, or the waiting task is cancelled.
  var enough: (@Sendable () async -> String?)?

  typealias Outcome = RecordedRun.Outcome

  func plan(_ settings: RunSettings) async throws -> (plan: Plan, images: [String: BuiltImage]) {
    try checkMemory()
    var settings = settings
    // Where to becomes known with the journal.
    if !dumps.isEmpty { settings.dumps = MemoryDumps(dumps, directory: "") }
    let chosen = settings
    let progress = ProgressLine(isQuiet: isQuiet)
    defer { progress.clear() }
    return try await prepare(
      suites.map { SuiteRequest($0.suite, cases: $0.cases) }, kernels: kernels, parameters: parameters,
      settings: chosen, places: try places.run, progress: { progress.show($0) })
  }

  private func checkMemory() throws {
    let host = RunManifest.Host.current().memory
    for file in suites where file.suite.guest.memory.bytes > host {
      throw Failure(
        .host,
        "suite \(file.suite.name) wants a guest with \(file.suite.guest.memory) of memory; this host has "
          + "\(ByteSize.mebibytes(host >> 20))")
    }
  }

  /// Does what the plan says and keeps the journal.
  ///
  /// - Parameter disk: selftest: the disk that becomes full on purpose. That it did is no error then; what the journal
  ///   has kept is the outcome.
  func perform(
    _ plan: Plan, images: [String: BuiltImage], asked: String, qemu: String, notice: String?, on host: LibvirtHost,
    disk: DiskFault? = nil
  ) async throws -> Outcome {
    let planned = plan
    let recording = RecordedRun(
      suites: suites, manifest: manifest(plan, images: images, asked: asked, qemu: qemu), places: places,
      isQuiet: isQuiet, namesKernels: kernels.count > 1, observe: observe, disk: disk)
    return try await recording.perform(
      amend: { event, journal in
        guard case .bootStarted(let boot, let suite, let kernel, _) = event else { return }
        let line = planned.commandLine(of: suite, on: kernel)
        try await journal.update {
          $0.boots.append(RunManifest.Boot(boot: boot, suite: suite, kernel: kernel, commandLine: line))
        }
      },
      { journal, emit in
        if let notice { try await emit(.notice(notice)) }
        for notice in Set(images.values.flatMap(\.notices)).sorted() { try await emit(.notice(notice)) }
        var plan = planned
        plan.settings.dumps?.directory = journal.directory
        do {
          try await runUntilEnough(plan, name: journal.id, on: host, emit: emit)
        } catch {
          await host.waitForEndings()
          throw error
        }
        await host.waitForEndings()
      })
  }

  private enum End: Sendable { case run, enough(String), nothing }

  private func runUntilEnough(
    _ plan: Plan, name: String, on host: LibvirtHost, emit: @escaping RunEmit
  ) async throws {
    guard let enough else {
      try await run(plan, name: name, on: host, emit: emit)
      return
    }
    try await withThrowingTaskGroup(of: End.self) { group in
      group.addTask {
        try await run(plan, name: name, on: host, emit: emit)
        return .run
      }
      group.addTask { await enough().map { .enough($0) } ?? .nothing }
      defer { group.cancelAll() }
      // Whichever ends first ends the other; a run that is ended comes to its last event first.
      while let end = try await group.next() {
        if case .nothing = end { continue }
        if case .enough(let why) = end {
          try await emit(.notice("ended before its end: \(why)"))
        }
        group.cancelAll()
      }
    }
  }

  /// One for each suite on each kernel: the cells of a matrix have one image.
  private static func images(of plan: Plan) -> [RunManifest.Image] {
    var images: [RunManifest.Image] = []
    for image in plan.suites.compactMap(\.manifestImage) {
      if !images.contains(where: { $0.suite == image.suite && $0.kernel == image.kernel }) { images.append(image) }
    }
    return images
  }

  private func manifest(_ plan: Plan, images: [String: BuiltImage], asked: String, qemu: String) -> RunManifest {
    var manifest = RunManifest(
      ktest: KTest.version, arguments: arguments,
      suites: suites.map { file in
        RunManifest.Suite(
          name: file.suite.name, path: file.path, sha256: SHA256.hex(of: file.bytes), image: file.suite.image,
          imageHash: images[file.suite.name]?.sha256)
      },
      kernels: kernels.map { kernel in
        RunManifest.Kernel(
          label: kernel.label, source: kernel.source, release: kernel.release, image: kernel.imagePath,
          identity: kernel.identity, configHash: kernel.configHash)
      },
      accelerator: RunManifest.Accelerator(asked: asked, used: plan.settings.accelerator.rawValue),
      host: .current())
    manifest.images = RunJob.images(of: plan)
    manifest.selection = suites.flatMap { file in
      file.cases.map { file.suite.name + ($0.hasPrefix("[") ? "" : ":") + $0 }
    }
    manifest.parameters = parameters
    manifest.qemu = qemu
    manifest.libvirt = LibvirtHost.libvirtVersion
    return manifest
  }
}

extension Plan {
  fileprivate func commandLine(of suite: String, on kernel: String) -> String {
    suites.first { $0.suite.name == suite && $0.kernel.label == kernel }?.commandLine.description ?? ""
  }
}

extension PlannedSuite {
  fileprivate var manifestImage: RunManifest.Image? {
    guard let image, boots > 0 else { return nil }
    let layers = image.layers.map { layer in
      RunManifest.Layer(
        title: layer.title, identity: layer.identity, details: layer.details,
        omitted: Dictionary(layer.omitted.map { ($0.path, $0.reason) }) { first, _ in first })
    }
    return RunManifest.Image(
      suite: suite.baseName, kernel: kernel.label, name: image.name, sha256: image.sha256, layers: layers)
  }
}
