import FoundationEssentials
import KTestHost
import KTestValues

/// The nodes of a Slurm cluster, which share a folder with this host.
actor SlurmFleet: WorkerFleet {
  private nonisolated let queue: SlurmQueue
  private nonisolated let root: String
  private nonisolated let program: String
  private var run = ""
  private var nodes: [SlurmQueue.Node] = []
  private var batches = 0
  /// How many attempts there were at the last look.
  private var underWay = 0
  private var jobs: [Int: Int] = [:]
  private var told: [String] = []
  /// The last answer of the queue, and when it was asked.
  private var tasks: [String: SlurmQueue.Task] = [:]
  private var asked: ContinuousClock.Instant?
  /// How often in turn the queue did not answer.
  private var silences = 0
  /// When a refused submission is tried again.
  private var nextSubmission: ContinuousClock.Instant?
  /// Attempts that have left the queue without an answer, and since when.
  private var suspects: [String: ContinuousClock.Instant] = [:]

  /// How long to wait between two looks at files.
  private static let pause = Duration.milliseconds(250)
  /// How often the queue is asked: the answers themselves are files.
  private static let period = Duration.seconds(2)
  /// The most tasks of one array; Slurm's default for MaxArraySize is 1001.
  private static let mostTasks = 1000

  /// - Parameters:
  ///   - shared: a folder that all nodes have under the same path.
  ///   - program: the path of this ktest.
  init(partition: String?, shared: String, program: String) {
    (queue, root, self.program) = (SlurmQueue(partition: partition), shared, program)
  }

  nonisolated func another() -> SlurmFleet {
    SlurmFleet(partition: queue.partition, shared: root, program: program)
  }

  private nonisolated func name(of run: String) -> String { "ktest-\(run)" }
  private var place: String { "\(root)/\(run)" }

  var workers: Int {
    get async throws {
      try await readNodes()
      return max(1, nodes.filter(\.isUsable).reduce(0) { $0 + $1.processors })
    }
  }

  private func readNodes() async throws {
    guard nodes.isEmpty else { return }
    nodes = try await queue.nodes()
    guard !nodes.isEmpty else {
      throw FleetProblem(
        "Slurm has no nodes in \(queue.partition.map { "partition \($0)" } ?? "a default partition"); see 'sinfo', and "
          + "name a partition by --on slurm:PARTITION", isUsage: true)
    }
  }

  func begin(_ run: String) async throws {
    self.run = run
    try await readNodes()
    do {
      for folder in [root, "\(root)/\(WorkFolder.files)", "\(root)/digests"] {
        try HostFiles.makeDirectory(folder, mode: 0o700)
        guard HostFiles.isOwn(folder) else {
          throw FleetProblem(
            "\(folder) is not yours alone, and what nodes run is taken from there; set $KTEST_SHARED to a folder that "
              + "only you may write to")
        }
      }
      try WorkRun.make(place)
      let script = "\(root)/\(WorkFolder.files)/worker.sh"
      if !HostFiles.exists(script) { try DurableFile.write(Array("#!/bin/sh\nexec \"$@\"\n".utf8), to: script) }
    } catch let problem as FileProblem {
      throw FleetProblem("cannot write to the folder that nodes share: \(problem); set $KTEST_SHARED to another")
    }
  }

  func refusal(of needs: GroupOrder.Needs) async throws -> VerdictReason? {
    try await readNodes()
    // A node that is down may come back; one that is too small stays so.
    guard !nodes.contains(where: { $0.fits(needs) }) else { return nil }
    let memory = ByteSize.mebibytes(UInt64(SlurmQueue.Request.memory(for: needs)))
    let most = ByteSize.mebibytes((nodes.map(\.memory).max() ?? 0) >> 20)
    return VerdictReason(
      .noHost,
      needs.kvm
        ? "no node of Slurm has the feature kvm and \(memory) of memory"
        : "no node of Slurm has \(memory) of memory; the largest has \(most)")
  }

  func start(
    _ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void
  ) async throws -> [Attempt] {
    var attempts = attempts
    let files = SharedFiles(root: root)
    let program = try files.add(program)
    for (request, places) in groups(attempts) {
      let number = Attempt.batch(batches, of: attempts[places[0]])
      batches += 1
      let folder = "\(place)/\(number)"
      var batch: [Attempt] = []
      for (index, at) in places.enumerated() {
        var attempt = attempts[at]
        attempt.order = try attempt.order.withFiles(files.add)
        (attempt.folder, attempt.batch) = ("\(number)/\(index)", number)
        try write(attempt, WorkFolder("\(folder)/\(index)"))
        batch.append(attempt)
      }
      do {
        jobs[number] = try await queue.submit(
          ["\(root)/\(program)", "work", "--array", folder], script: "\(root)/\(WorkFolder.files)/worker.sh",
          name: name(of: run), count: batch.count, request, folder: folder)
        nextSubmission = nil
      } catch let problem as FleetProblem where !problem.isUsage {
        // A full queue, a quota, a controller that is started again: all of it passes.
        HostFiles.remove(folder)
        if nextSubmission == nil { told.append("Slurm takes no job now: \(problem); it is asked again") }
        nextSubmission = ContinuousClock.now + .seconds(5)
        return attempts
      }
      for (index, at) in places.enumerated() {
        // The order keeps its own paths, for another try.
        (attempts[at].folder, attempts[at].batch) = (batch[index].folder, batch[index].batch)
      }
    }
    asked = nil
    return attempts
  }

  /// Returns the places of attempts that one array can have, which all ask for the same.
  private func groups(_ attempts: [Attempt]) -> [(SlurmQueue.Request, [Int])] {
    var groups: [(request: SlurmQueue.Request, places: [Int])] = []
    for (place, attempt) in attempts.enumerated() {
      let request = SlurmQueue.Request(for: attempt, on: nodes)
      if let at = groups.firstIndex(where: { $0.request == request && $0.places.count < SlurmFleet.mostTasks }) {
        groups[at].places.append(place)
      } else {
        groups.append((request, [place]))
      }
    }
    return groups
  }

  nonisolated func folder(of attempt: Attempt) -> WorkFolder { WorkFolder("\(root)/\(attempt.run)/\(attempt.folder)") }

  func look(at attempts: [Attempt]) async throws -> [AttemptState] {
    underWay = attempts.count
    let isFresh = await ask()
    return attempts.map { state(of: $0, isFresh: isFresh) }
  }

  private func state(of attempt: Attempt, isFresh: Bool) -> AttemptState {
    let folder = folder(of: attempt)
    let task = jobs[attempt.batch].flatMap { tasks["\($0)/\(attempt.index)"] }
    let node = task.flatMap { $0.nodes.isEmpty ? nil : $0.nodes }
    let host = folder.readStart(to: attempt)?.facts.name ?? node ?? "a node"
    if folder.readEnd(to: attempt) != nil { return .ended(host: host) }
    guard isFresh else {
      let isRunning = task.map { $0.state != "PENDING" } ?? false
      return isRunning && suspects[attempt.folder] == nil ? .running(host: host) : .queued("")
    }
    if let task, !task.isOver {
      suspects[attempt.folder] = nil
      return task.state == "PENDING" ? .queued(task.reason == "None" ? "" : task.reason) : .running(host: host)
    }
    let since = suspects[attempt.folder] ?? .now
    suspects[attempt.folder] = since
    // A worker that has ended well has answered, though this host may not see it yet.
    let isGood = task.map { $0.state == "COMPLETED" } ?? true
    guard ContinuousClock.now - since > (isGood ? SlurmFleet.mostDelay : SlurmFleet.period) else {
      return .running(host: host)
    }
    let state = task.map { "Slurm says \($0.state)" } ?? "it left Slurm's queue without an answer"
    return .lost(GroupAnswer.Loss(host: host, reason: state))
  }

  /// How long NFS may say that a file is not there, by its default acdirmax (nfs(5)), and some seconds more.
  private static let mostDelay = Duration.seconds(75)

  /// Asks the queue if it is time. Returns whether the tasks are those of now.
  private func ask() async -> Bool {
    if let asked, ContinuousClock.now - asked < SlurmFleet.period { return false }
    asked = .now
    do {
      let now = try await queue.tasks(of: name(of: run))
      tasks = Dictionary(now.map { ("\($0.job)/\($0.index)", $0) }) { first, _ in first }
      if silences > 2 { told.append("Slurm answers again") }
      silences = 0
      return true
    } catch {
      silences += 1
      if silences == 3 { told.append("Slurm does not answer: \(error); what runs goes on") }
      return false
    }
  }

  /// The most tasks of a run in the queue: what waits behind them can be any number.
  private static let mostQueued = 5000

  func appetite() async -> Int {
    if let nextSubmission, ContinuousClock.now < nextSubmission { return 0 }
    return SlurmFleet.mostQueued - underWay
  }

  func rest() async throws { try await Task.sleep(for: SlurmFleet.pause) }

  func news() async -> [String] {
    defer { told = [] }
    return told
  }

  func stop(_ attempts: [Attempt]) async {
    let tasks = attempts.compactMap { attempt -> (job: Int, index: Int)? in
      jobs[attempt.batch].map { ($0, attempt.index) }
    }
    _ = await SlurmFleet.end(.tasks(tasks), of: name(of: run), in: queue)
  }

  func end() async -> Bool {
    guard await SlurmFleet.end(.all(name: name(of: run)), of: name(of: run), in: queue) else { return false }
    HostFiles.remove(place)
    return true
  }

  /// Ends what a killed ktest has left of a run. Returns whether Slurm says that it is gone.
  func endLeftover(of run: String) async -> Bool {
    self.run = run
    return await end()
  }

  /// Ends tasks, and returns when they have left the queue, or Slurm does not end them within a minute.
  ///
  /// - Returns: whether Slurm says that they are gone.
  private static func end(_ choice: SlurmQueue.Choice, of name: String, in queue: SlurmQueue) async -> Bool {
    // The task that asks for it is often cancelled, and this has to be done all the same.
    await Task.detached {
      /// Nil if Slurm does not answer.
      func isLeft() async -> Bool? {
        guard let tasks = try? await queue.tasks(of: name).filter({ !$0.isOver }) else { return nil }
        guard case .tasks(let meant) = choice else { return !tasks.isEmpty }
        return tasks.contains { task in meant.contains { $0 == (task.job, task.index) } }
      }
      if await isLeft() == false { return true }
      await queue.ask(toEnd: choice)
      for turn in 0..<120 {
        if await isLeft() == false { return true }
        // A worker ends its guest and writes its answer within seconds.
        if turn >= 40, turn % 40 == 0 { await queue.cancel(choice) }
        try? await Task.sleep(for: .milliseconds(500))
      }
      return false
    }.value
  }
}

extension SlurmQueue.Task {
  /// Whether nothing of it runs or will run.
  var isOver: Bool {
    ["CANCELLED", "COMPLETED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE", "PREEMPTED"]
      .contains(state)
  }
}
