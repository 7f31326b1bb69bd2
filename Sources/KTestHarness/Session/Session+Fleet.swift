internal import Foundation
import KTestGuests
import KTestHost
import KTestValues

/// The host of a run whose guests are all elsewhere: it has none.
struct NoGuests: GuestHost {
  var forkRefusal: String? { nil }

  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    throw Failure(.host, "the guest \(description.name) was to run on another host")
  }
}

extension FleetProblem: ClassifiedError {
  package var failureKind: Failure.Kind { isUsage ? .usage : .host }
}

/// The hosts of `--on`, which builds and runs have in common.
enum OpenFleet: Sendable {
  case slurm(SlurmFleet, shared: String)
  case ssh(SSHFleet)

  /// - Parameter words: what holds for all guests.
  func executor(_ words: WorkOrder.GuestWords, _ records: FleetRecords) -> any GroupExecutor & RemoteBuilder {
    switch self {
    case .slurm(let fleet, _): Dispatcher(fleet: fleet, version: ktestVersion, guests: words, records: records)
    case .ssh(let fleet): Dispatcher(fleet: fleet, version: ktestVersion, guests: words, records: records)
    }
  }
}

extension Session {
  /// Returns a session that builds commits on the hosts of `--on`; without it, this session.
  ///
  /// - Throws: ``Failure``.
  package func building(on options: GuestOptions) async throws -> Session {
    guard let name = options.elsewhere else { return self }
    var session = self
    let kind = try fleetKind(name)
    await endLeftovers()
    let fleet = try open(kind)
    session.fleet = fleet
    var shared: KernelBuildCache?
    if case .slurm(_, let root) = fleet { shared = KernelBuildCache(root: root) }
    session.kernels = FleetKernels(
      base: kernels, cache: buildCache,
      builder: fleet.executor(words(options), FleetRecords(directory: fleetDirectory, kind: kind)), shared: shared,
      notice: { [display] in display.notice($0) })
    return session
  }

  private func open(_ kind: FleetKind) throws -> OpenFleet {
    switch kind {
    case .slurm(let partition, let shared):
      .slurm(
        SlurmFleet(partition: partition, shared: shared, program: places.executable, patience: try slurmPatience()),
        shared: shared)
    case .ssh(let hosts): .ssh(sshFleet(hosts))
    }
  }

  private func words(_ options: GuestOptions) -> WorkOrder.GuestWords {
    WorkOrder.GuestWords(
      accelerator: options.accel.rawValue, timeFactor: options.timeFactor, channel: options.channel.rawValue)
  }

  /// Opens the hosts of `--on`. Libvirt and QEMU are not needed here.
  ///
  /// - Throws: ``Failure``, ``FleetProblem``.
  func openFleet(_ name: String, _ options: GuestOptions) async throws -> OpenHost {
    let kind = try fleetKind(name)
    if fleet == nil { await endLeftovers() }
    let accelerator: Accelerator = options.accel == .kvm ? .kvm : .tcg
    var host = OpenHost(
      guests: NoGuests(),
      settings: RunSettings(accelerator: accelerator, timeFactor: options.timeFactor, channel: options.channel),
      accel: options.accel)
    host.executor = (try fleet ?? open(kind)).executor(
      words(options), FleetRecords(directory: fleetDirectory, kind: kind))
    return host
  }

  private var fleetDirectory: String { "\(places.stateDirectory)/elsewhere" }

  private func sshFleet(_ hosts: SSHHosts) -> SSHFleet {
    SSHFleet(hosts, root: "\(places.cacheDirectory)/elsewhere", program: places.executable, version: ktestVersion)
  }

  /// How long a controller may be away, or the shared folder full, before groups are given up.
  private func slurmPatience() throws -> Duration {
    guard let text = ProcessInfo.processInfo.environment["KTEST_PATIENCE"] else { return .seconds(300) }
    do throws(ValueProblem) { return try DurationValue(parsing: text).duration } catch {
      throw Failure(.usage, "$KTEST_PATIENCE: \(error)")
    }
  }

  /// Reads the value of `--on`.
  func fleetKind(_ name: String) throws -> FleetKind {
    if name == "slurm" || name.hasPrefix("slurm:") {
      let partition = name == "slurm" ? nil : String(name.dropFirst("slurm:".count))
      if let partition, partition.isEmpty || partition.hasPrefix("-") || partition.contains(where: \.isWhitespace) {
        throw Failure(.usage, "--on \(name): name a partition, as 'sinfo' shows them, or write --on slurm")
      }
      let shared = ProcessInfo.processInfo.environment["KTEST_SHARED"] ?? "\(places.stateDirectory)/elsewhere/shared"
      guard shared.hasPrefix("/") else {
        throw Failure(
          .usage, "$KTEST_SHARED is \(shared), but must be the absolute path of a folder that all nodes have")
      }
      return .slurm(partition: partition, shared: shared)
    }
    let path = name.hasPrefix("/") ? name : "\(places.workingDirectory)/\(name)"
    let bytes: [UInt8]
    do { bytes = try RegularFile.bytes(of: path, limit: YAMLLimits.standard.bytes) } catch {
      throw Failure(
        .usage,
        "--on \(name): cannot read this file of hosts: \(error.reason); other values are slurm and slurm:PARTITION")
    }
    let (hosts, diagnostics) = SSHHosts.read(bytes: bytes, file: name)
    guard var hosts else {
      throw Failure(.data, "these hosts cannot be used\n\(DiagnosticRenderer(source: bytes).render(diagnostics))")
    }
    // A relative path in the file is one beside it.
    if let configuration = hosts.configuration, !configuration.hasPrefix("/") {
      hosts.configuration = "\(Paths.parent(path))/\(configuration)"
    }
    return .ssh(hosts)
  }

  /// Ends what killed runs have left on other hosts.
  private func endLeftovers() async {
    for (run, kind) in FleetRecords.leftovers(in: fleetDirectory) {
      var silent: [String] = []
      switch kind {
      case .slurm(let partition, let shared):
        let fleet = SlurmFleet(partition: partition, shared: shared, program: places.executable)
        if await !fleet.endLeftover(of: run) { silent = ["Slurm"] }
      case .ssh(let hosts): silent = (try? await sshFleet(hosts).endLeftover(of: run)) ?? []
      }
      guard silent.isEmpty else {
        display.notice(
          "run \(run) was killed, and what it left on \(silent.joined(separator: ", ")) cannot be ended: no answer")
        continue
      }
      FleetRecords.forget(run, in: fleetDirectory)
      display.notice("ended what the killed run \(run) had left on other hosts")
    }
  }
}
