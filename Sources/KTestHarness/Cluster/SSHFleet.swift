import KTestHost
import KTestValues

/// Hosts that are reached by ssh. Each keeps the work of a run below its own folder, which is brought here while it grows.
actor SSHFleet: WorkerFleet {
  private nonisolated let workersOf: [SSHWorker]
  private nonisolated let root: String
  private nonisolated let program: String
  private nonisolated let version: String
  private var run = ""
  private var isPrepared = false
  private var batches = 0
  /// Who gave the slots of attempts, by their folders.
  private var held: [String: SSHWorker] = [:]
  private var told: [String] = []
  private var saidSilent: Set<String> = []
  /// Folders of attempts that a host could not begin, with the reason.
  private var refused: [String: String] = [:]
  /// Folders of attempts that nobody waits for any more, on hosts that do not answer.
  private var orphans: [String: Set<String>] = [:]
  /// Folders of attempts that were known to have begun at the last look.
  private var known: Set<String> = []
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

  private init(_ workers: [SSHWorker], root: String, program: String, version: String) {
    (workersOf, self.root, self.program, self.version) = (workers, root, program, version)
  }

  /// Runs at the same time share the hosts' slots.
  nonisolated func another() -> SSHFleet {
    SSHFleet(workersOf, root: root, program: program, version: version)
  }

  private var files: SharedFiles { SharedFiles(root: root) }
  private var place: String { "\(root)/\(run)" }

  var workers: Int {
    get async throws {
      try await prepare()
      var slots = 0
      for worker in workersOf where await worker.isUsable { slots += worker.host.slots }
      return max(1, slots)
    }
  }

  private func prepare() async throws {
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

  private static func fits(_ needs: GroupOrder.Needs, _ report: SSHWorker.Report) -> Bool {
    report.machine.memory >= needs.memory && (!needs.kvm || report.guests.kvm)
  }

  func start(
    _ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void
  ) async throws -> [Attempt] {
    var attempts = attempts
    for worker in workersOf where await worker.isUsable {
      let room = await worker.free
      guard room > 0, let report = await worker.report else { continue }
      var places: [Int] = []
      for (place, attempt) in attempts.enumerated() where attempt.folder.isEmpty && places.count < room {
        guard SSHFleet.fits(attempt.order.needs, report) else { continue }
        if attempt.avoided.contains(worker.host.name), await hasOther(for: attempt) { continue }
        places.append(place)
      }
      // Another run may have been faster.
      places = Array(places.prefix(await worker.take(places.count)))
      guard !places.isEmpty else { continue }
      let number = Attempt.batch(batches, of: attempts[places[0]])
      batches += 1
      let folder = "\(place)/\(worker.host.name)/\(number)"
      for index in places.indices { held["\(number)/\(index)"] = worker }
      var names: Set<String> = []
      for (index, at) in places.enumerated() {
        var attempt = attempts[at]
        attempt.order = try attempt.order.withFiles(files.add)
        (attempt.folder, attempt.host) = ("\(number)/\(index)", worker.host.name)
        names.formUnion(attempt.order.files)
        try write(attempt, WorkFolder("\(folder)/\(index)"))
      }
      do {
        try await worker.send(names.sorted(), from: files)
        try await worker.start(number, of: run, from: folder, indexes: Array(places.indices))
      } catch let failure as SSHLink.Failed {
        // Some of them may run.
        for index in places.indices { refused["\(number)/\(index)"] = "it took no work: \(failure)" }
      }
      for (index, at) in places.enumerated() {
        (attempts[at].folder, attempts[at].batch) = ("\(number)/\(index)", number)
        attempts[at].host = worker.host.name
      }
    }
    await giveUp(&attempts)
    return attempts
  }

  /// What no host can run that still answers is not waited for.
  private func giveUp(_ attempts: inout [Attempt]) async {
    var number: Int?
    for (index, at) in attempts.indices.filter({ attempts[$0].folder.isEmpty }).enumerated() {
      guard let reason = await hopelessness(of: attempts[at]) else { continue }
      if number == nil {
        number = Attempt.batch(batches, of: attempts[at])
        batches += 1
      }
      attempts[at].folder = "\(number ?? 0)/\(index)"
      (attempts[at].batch, attempts[at].host) = (number ?? 0, reason.host)
      refused[attempts[at].folder] = reason.reason
    }
  }

  /// Why no host will ever run it; nil if one may.
  private func hopelessness(of attempt: Attempt) async -> GroupAnswer.Loss? {
    var last: GroupAnswer.Loss?
    for worker in workersOf {
      if let unfit = await worker.unfit {
        if last == nil { last = GroupAnswer.Loss(host: worker.host.name, reason: unfit) }
        continue
      }
      guard let report = await worker.report, SSHFleet.fits(attempt.order.needs, report) else { continue }
      guard await worker.isLost else { return nil }
      last = GroupAnswer.Loss(
        host: worker.host.name, reason: "it does not answer, and neither does any other host")
    }
    return last
  }

  /// Whether a host that the attempt need not avoid can run it.
  private func hasOther(for attempt: Attempt) async -> Bool {
    for worker in workersOf where !attempt.avoided.contains(worker.host.name) {
      guard await worker.unfit == nil, await !worker.isLost, let report = await worker.report else { continue }
      if SSHFleet.fits(attempt.order.needs, report) { return true }
    }
    return false
  }

  /// What a host brings lies in a folder of its own: no host can answer for another.
  nonisolated func folder(of attempt: Attempt) -> WorkFolder {
    WorkFolder("\(root)/\(attempt.run)/\(attempt.host ?? "none")/\(attempt.folder)")
  }

  func look(at attempts: [Attempt]) async throws -> [AttemptState] {
    var living: [String: Set<String>] = [:]
    let (run, place) = (run, place)
    await withTaskGroup(of: (String, Set<String>?).self) { group in
      for worker in workersOf where attempts.contains(where: { $0.host == worker.host.name }) {
        group.addTask { (worker.host.name, await worker.look(at: run, to: "\(place)/\(worker.host.name)")) }
      }
      for await (name, answer) in group { living[name] = answer }
    }
    await endOrphans(living)
    var states: [AttemptState] = []
    for attempt in attempts {
      let state = await state(of: attempt, living: living)
      switch state {
      case .ended, .lost: await held.removeValue(forKey: attempt.folder)?.giveBack()
      case .queued, .running: break
      }
      states.append(state)
    }
    known.formUnion(attempts.filter { hasBegun($0) }.map(\.folder))
    await lookAtIdle()
    return states
  }

  private func hasBegun(_ attempt: Attempt) -> Bool { folder(of: attempt).readStart(to: attempt) != nil }

  /// A host that answers again may still run what went elsewhere meanwhile.
  private func endOrphans(_ living: [String: Set<String>]) async {
    for worker in workersOf {
      guard let alive = living[worker.host.name], let left = orphans.removeValue(forKey: worker.host.name) else {
        continue
      }
      for folder in left.intersection(alive).sorted() { await worker.stop(run, folder) }
    }
  }

  private func state(of attempt: Attempt, living: [String: Set<String>]) async -> AttemptState {
    let name = attempt.host ?? ""
    if let reason = refused[attempt.folder] { return .lost(GroupAnswer.Loss(host: name, reason: reason)) }
    if let alive = living[name] {
      if saidSilent.remove(name) != nil { told.append("\(name) answers again") }
      // Only now is all here that it has written before.
      if folder(of: attempt).readEnd(to: attempt) != nil { return .ended(host: name) }
      // One that has begun since its host was asked who lives is not dead.
      if alive.contains(attempt.folder) || !known.contains(attempt.folder) { return young(attempt, name) }
      return .ended(host: name)
    }
    guard let worker = workersOf.first(where: { $0.host.name == name }) else { return .running(host: name) }
    if await worker.isLost {
      return .lost(GroupAnswer.Loss(host: name, reason: "it does not answer"))
    }
    if await worker.silentSince != nil, saidSilent.insert(name).inserted {
      told.append("\(name) does not answer; its guests go on, and it is asked again")
    }
    return .running(host: name)
  }

  /// When attempts that have not begun were first looked at.
  private var begun: [String: ContinuousClock.Instant] = [:]

  /// A worker writes that it has begun within moments; one that never does could not be started.
  private func young(_ attempt: Attempt, _ name: String) -> AttemptState {
    guard !hasBegun(attempt) else { return .running(host: name) }
    let first = begun[attempt.folder] ?? .now
    begun[attempt.folder] = first
    return ContinuousClock.now - first > .seconds(60) ? .ended(host: name) : .running(host: name)
  }

  /// A lost host without work is asked again, so that it gets some when it is back.
  private func lookAtIdle() async {
    for worker in workersOf where await worker.isSilentAndIdle {
      guard let alive = await worker.look(at: run, to: "\(place)/\(worker.host.name)") else { continue }
      await endOrphans([worker.host.name: alive])
    }
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
  private func giveBackAll() async {
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
