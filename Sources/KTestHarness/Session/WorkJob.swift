internal import Foundation
import KTestGuests
import KTestHost
import KTestValues

/// A worker: runs the order in a folder on this host, and leaves its answer there. What keeps it from running is an answer,
/// too.
package struct WorkJob: Sendable {
  package var session: Session
  package var folder: WorkFolder

  /// - Parameters:
  ///   - folder: of the order, or of a batch.
  ///   - isArray: whether it is of a batch, in which Slurm says which order is meant.
  ///   - places: of this host; the journal is in the folder of the order.
  package init(in folder: String, isArray: Bool, places: Places) throws {
    let environment = ProcessInfo.processInfo.environment
    var path = folder.hasPrefix("/") ? folder : "\(places.workingDirectory)/\(folder)"
    if isArray {
      guard let index = environment["SLURM_ARRAY_TASK_ID"].flatMap({ Int($0) }) else {
        throw Failure(.usage, "--array is for tasks of Slurm, which have $SLURM_ARRAY_TASK_ID")
      }
      path += "/\(index)"
    }
    self.folder = WorkFolder(path)
    var places = places
    places.stateDirectory = path
    session = Session(places: places, arguments: ["work", path])
  }

  /// - Throws: what kept it from leaving its answer.
  package func perform() async throws {
    folder.clear()
    let word = folder.word
    do {
      try folder.write(try await run(try folder.readOrder(version: ktestVersion)))
    } catch is CancellationError {
      try folder.write(WorkEnd(word, run: nil, isInterrupted: true))
    } catch {
      try folder.write(WorkEnd(word, run: nil, failure: Failure(error).description))
      throw error
    }
  }

  private func run(_ order: WorkOrder) async throws -> WorkEnd {
    guard let process = WorkProcess() else { throw Failure(.host, "/proc does not tell who this process is") }
    // Before anything that takes time: who looks for it must find it, and know where.
    try folder.write(WorkStart(order.word, facts: facts(nil, order), process: process))
    try folder.check(order.work)
    switch order.work.withFiles({ folder.file($0) }) {
    case .group(let group): return try await run(group, of: order, process)
    case .build(let build): return try await make(build, for: order.word, on: facts(nil, order).name)
    }
  }

  private func run(_ group: GroupOrder, of order: WorkOrder, _ process: WorkProcess) async throws -> WorkEnd {
    var options = GuestOptions(
      accel: GuestOptions.Accel(rawValue: order.guests.accelerator) ?? .auto, timeFactor: order.guests.timeFactor)
    options.channel = GuestDescription.Channel(rawValue: order.guests.channel) ?? .virtio
    let host = try await session.openHost(options)
    try folder.write(WorkStart(order.word, facts: facts(host, order), process: process))
    let manifest = manifest(of: group, host)
    let recording = RecordedRun(suites: [], manifest: manifest, session: session)
    let outcome = try await recording.perform { journal, emit in
      if let notice = host.notice { try await emit(.notice("\(facts(host, order).name): \(notice)")) }
      let ledger = host.shares.flatMap { try? ShareLedger(in: $0) }
      do {
        try await runGroup(
          group, name: journal.id, on: host.guests, settings: host.settings,
          schedule: GuestSchedule(SharedBudget(.one, ledger: ledger)), emit: emit)
      } catch {
        await host.guests.waitForEndings()
        throw error
      }
      await host.guests.waitForEndings()
    }
    return WorkEnd(order.word, run: outcome.summary.run, isInterrupted: outcome.summary.interrupted)
  }

  private func make(_ order: BuildOrder, for word: String, on host: String) async throws -> WorkEnd {
    if let refusal = order.refusal(with: try await CommitBuild.equipment()) {
      return WorkEnd(word, run: nil, failure: refusal)
    }
    return try await order.source.withRepository(in: session.buildCache, on: host) { repository in
      var request = order.request
      request.source = .revision(tree: repository, revision: order.source.commit)
      request.jobs = min(request.jobs, WorkJob.processors)
      var end = WorkEnd(word, run: nil)
      do {
        let built = try await session.build(request)
        do { try built.pack(into: folder.kernel) } catch {
          // It would keep a full disk full.
          HostFiles.remove(folder.kernel)
          throw error
        }
        // It goes into the cache of the host that asked for it, which may be the same.
        if built.kernel.source.tree == repository { HostFiles.remove(built.directory) }
        end.built = BuildEnd(built)
      } catch let error as KernelBuildError {
        try Task.checkCancellation()
        guard let built = BuildEnd(error, name: "\(request.source)", title: order.title) else { throw error }
        end.built = built
      }
      return end
    }
  }

  /// How many processors this worker may use: Slurm gives it some.
  private static var processors: Int {
    let given = ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }
    return max(1, given ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  /// - Parameter host: nil while it is not open.
  private func facts(_ host: OpenHost?, _ order: WorkOrder) -> WorkerFacts {
    // Slurm's name of a node, where several are one machine, or the machine has another.
    let node = ProcessInfo.processInfo.environment["SLURMD_NODENAME"]
    let name = order.host ?? node ?? ProcessInfo.processInfo.hostName
    let machine = host?.machine ?? .current()
    return WorkerFacts(
      name: name, ktest: ktestVersion, time: Int(Date.now.timeIntervalSince1970), qemu: host?.qemu,
      libvirt: host?.libvirt, accelerator: host?.settings.accelerator.rawValue ?? "", processors: machine.cpus,
      memory: machine.memory, kernel: machine.kernel)
  }

  private func manifest(of group: GroupOrder, _ host: OpenHost) -> RunManifest {
    var manifest = RunManifest(
      ktest: ktestVersion, arguments: session.arguments, suites: [],
      kernels: group.parts.map(\.kernel).reduce(into: []) { kernels, kernel in
        guard !kernels.contains(where: { $0.identity == kernel.identity }) else { return }
        kernels.append(
          RunManifest.Kernel(
            label: kernel.label, source: kernel.source, release: kernel.release, image: kernel.imagePath,
            identity: kernel.identity, configHash: kernel.configHash))
      },
      accelerator: RunManifest.Accelerator(
        asked: host.accel.rawValue, used: host.settings.accelerator.rawValue,
        processor: host.settings.accelerator.processor),
      host: host.machine)
    (manifest.qemu, manifest.libvirt) = (host.qemu, host.libvirt)
    return manifest
  }
}
