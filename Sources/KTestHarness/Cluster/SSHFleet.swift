import KTestHost
import KTestValues

/// Hosts that are reached by ssh. Each keeps the work of a run below its own folder, which is brought here while it grows.
actor SSHFleet: WorkerFleet {
  nonisolated let workersOf: [SSHWorker]
  nonisolated let root: String
  nonisolated let program: String
  nonisolated let version: String
  var run = ""
  var isPrepared = false
  var batches = 0
  /// Who gave the slots of attempts, by their folders.
  var held: [String: SSHWorker] = [:]
  var told: [String] = []
  var saidSilent: Set<String> = []
  /// Folders of attempts that a host could not begin, with the reason.
  var refused: [String: String] = [:]
  /// Folders of attempts that nobody waits for any more, on hosts that do not answer.
  var orphans: [String: Set<String>] = [:]
  /// Folders of attempts that were known to have begun at the last look.
  var known: Set<String> = []
  /// When attempts that have not begun were first looked at.
  var begun: [String: ContinuousClock.Instant] = [:]
  /// Hosts with files that could not be brought, if that was told.
  var saidUnbrought: Set<String> = []
  /// How long to wait between two looks at the hosts.
  private static let pause = Duration.seconds(1)

  /// - Parameters:
  ///   - root: a local folder for what is sent and brought.
  ///   - program: the path of this ktest.
  init(_ hosts: SSHHosts, root: String, program: String, version: String) {
    self.init(
      hosts.hosts.map {
        SSHWorker(SSHLink(host: $0, configuration: hosts.configuration), patience: .seconds(hosts.patience))
      }, root: root, program: program, version: version)
  }

  init(_ workers: [SSHWorker], root: String, program: String, version: String) {
    (workersOf, self.root, self.program, self.version) = (workers, root, program, version)
  }

  /// Runs at the same time share the hosts' slots.
  nonisolated func another() -> SSHFleet {
    SSHFleet(workersOf, root: root, program: program, version: version)
  }

  var files: SharedFiles { SharedFiles(root: root) }
  var place: String { "\(root)/\(run)" }

  var workers: Int {
    get async throws {
      try await prepare()
      var slots = 0
      for worker in workersOf where await worker.isUsable { slots += worker.host.slots }
      return max(1, slots)
    }
  }

  func prepare() async throws {
    guard !isPrepared else { return }
    isPrepared = true
    var reasons: [String] = []
    let (program, files, version) = (program, files, version)
    try await withThrowingTaskGroup(of: String?.self) { group in
      for worker in workersOf {
        group.addTask { try await worker.prepare(program: program, files: files, version: version) }
      }
      for try await reason in group { if let reason { reasons.append(reason) } }
    }
    told += reasons.sorted()
    var isAny = false
    for worker in workersOf where await worker.isUsable { isAny = true }
    guard isAny else { throw FleetProblem("no host can be used\n  " + reasons.sorted().joined(separator: "\n  ")) }
  }

  func begin(_ run: String) async throws {
    self.run = run
    try await prepare()
    try WorkRun.make(place)
  }

  func refusal(of needs: GroupOrder.Needs) async throws -> VerdictReason? {
    var known: [String] = []
    for worker in workersOf {
      // One that is not there now might have been able to: that is trouble, and no reason to skip.
      guard let report = await worker.report, await worker.unfit == nil else { return nil }
      if SSHFleet.fits(needs, report) { return nil }
      let memory = ByteSize.mebibytes(report.machine.memory >> 20)
      known.append("\(worker.host.name) has \(memory)\(report.guests.kvm ? " and KVM" : "")")
    }
    let wanted = ByteSize.mebibytes(needs.memory >> 20)
    return VerdictReason(
      .noHost, "no host has \(wanted) of memory\(needs.kvm ? " and KVM" : ""): \(known.joined(separator: ", "))")
  }

  /// More than have room: one for which no host has room now keeps no other waiting, and what no host can run is found.
  func appetite() async -> Int { 1000 }

  func rest() async throws { try await Task.sleep(for: SSHFleet.pause) }

  func news() async -> [String] {
    defer { told = [] }
    return told
  }

  func stop(_ attempts: [Attempt]) async {
    let names = Set(attempts.compactMap(\.host))
    let (run, place) = (run, place)
    for attempt in attempts { orphans[attempt.host ?? "", default: []].insert(attempt.folder) }
    await Task.detached { [workersOf] in
      for worker in workersOf where names.contains(worker.host.name) {
        // Nobody waits for a host that does not answer.
        guard await worker.silentSince == nil else { continue }
        for attempt in attempts where attempt.host == worker.host.name { await worker.stop(run, attempt.folder) }
        for _ in 0..<20 {
          guard let living = await worker.look(at: run, to: "\(place)/\(worker.host.name)") else { break }
          if attempts.allSatisfy({ $0.host != worker.host.name || !living.contains($0.folder) }) { break }
          try? await Task.sleep(for: .seconds(1))
        }
      }
    }.value
  }

  /// What was stopped or never started has its slots until the end of the run.
  func giveBackAll() async {
    for worker in held.values { await worker.giveBack() }
    held = [:]
  }

  func end() async -> Bool {
    let run = run
    await giveBackAll()
    let isGone = await Task.detached { [workersOf] in
      var isGone = true
      for worker in workersOf where await worker.report != nil {
        if await !worker.remove(run) { isGone = false }
      }
      return isGone
    }.value
    HostFiles.remove(place)
    files.removeUnused()
    return isGone
  }

  /// Ends what a killed ktest has left of a run. Returns the hosts that do not answer.
  func endLeftover(of run: String) async throws -> [String] {
    self.run = run
    try? await prepare()
    var silent: [String] = []
    for worker in workersOf {
      guard await worker.isUsable else {
        silent.append(worker.host.name)
        continue
      }
      if await !worker.remove(run) { silent.append(worker.host.name) }
    }
    HostFiles.remove(place)
    return silent
  }
}
