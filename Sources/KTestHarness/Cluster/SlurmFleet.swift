import FoundationEssentials
import KTestHost
import KTestValues

/// The nodes of a Slurm cluster, which share a folder with this host.
actor SlurmFleet: WorkerFleet {
  nonisolated let queue: SlurmQueue
  nonisolated let root: String
  nonisolated let program: String
  /// For how long nobody waits in vain any longer: for a controller that is away, a folder that is full.
  nonisolated let patience: Duration
  var run = ""
  /// Whether the run has its folder: a full disk may have none for it at first.
  var isMade = false
  var nodes: [SlurmQueue.Node] = []
  var batches = 0
  /// How many attempts there were at the last look.
  var underWay = 0
  var jobs: [Int: Int] = [:]
  var told: [String] = []
  /// The last answer of the queue, and when it was asked.
  var tasks: [String: SlurmQueue.Task] = [:]
  var asked: ContinuousClock.Instant?
  /// Whether the queue did not answer when it was asked last.
  var isSilent = false
  /// What was not taken, and when it is tried again.
  var refusals: [SlurmQueue.Request: SlurmRefusal] = [:]
  var shortage: SlurmRefusal?
  var nextSubmission: ContinuousClock.Instant?
  /// Folders of attempts that nobody tries to submit any more, with the reason.
  var refused: [String: String] = [:]
  /// Attempts that have left the queue without an answer, and since when.
  var suspects: [String: ContinuousClock.Instant] = [:]
  /// How often the time of a group was over, by its number.
  var overtimes: [Int: Int] = [:]
  /// When it was last asked why nothing runs, and the last answer.
  var askedNodes: ContinuousClock.Instant?
  var saidOutOfService = ""

  /// How long to wait between two looks at files.
  private static let pause = Duration.milliseconds(250)

  /// - Parameters:
  ///   - shared: a folder that all nodes have under the same path.
  ///   - program: the path of this ktest.
  ///   - patience: for what does not end by itself.
  init(partition: String?, shared: String, program: String, patience: Duration = .seconds(300)) {
    (queue, root, self.program) = (SlurmQueue(partition: partition), shared, program)
    self.patience = patience
  }

  nonisolated func another() -> SlurmFleet {
    SlurmFleet(partition: queue.partition, shared: root, program: program, patience: patience)
  }

  nonisolated func name(of run: String) -> String { "ktest-\(run)" }
  var place: String { "\(root)/\(run)" }
  nonisolated var files: SharedFiles { SharedFiles(root: root) }
  nonisolated var script: String { "\(root)/\(WorkFolder.files)/worker.sh" }

  var workers: Int {
    get async throws {
      try await readNodes()
      return max(1, nodes.filter(\.isUsable).reduce(0) { $0 + $1.processors })
    }
  }

  func readNodes() async throws {
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
    do { try make() } catch let problem as FileProblem where !problem.isFull {
      throw FleetProblem("cannot write to the folder that nodes share: \(problem); set $KTEST_SHARED to another")
    } catch is FileProblem {}
  }

  /// Makes the folder of the run.
  func make() throws {
    guard !isMade else { return }
    for folder in [root, "\(root)/\(WorkFolder.files)", "\(root)/digests", "\(root)/\(WorkFolder.uses)"] {
      try HostFiles.makeDirectory(folder, mode: 0o700)
      guard HostFiles.isOwn(folder) else {
        throw FleetProblem(
          "\(folder) is not yours alone, and what nodes run is taken from there; set $KTEST_SHARED to a folder that "
            + "only you may write to")
      }
    }
    try WorkRun.make(place)
    isMade = true
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

  nonisolated func folder(of attempt: Attempt) -> WorkFolder { WorkFolder("\(root)/\(attempt.run)/\(attempt.folder)") }

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
}
