import Glibc
import KTestValues

/// A cluster that is only simulated: its clock jumps from one look to the next, hosts fail and come back.
actor SimulatedFleet: WorkerFleet {
  struct Conditions: Sendable {
    var hosts: Int
    var slots = 4
    /// The mean seconds of a group; single ones take from a quarter to four times as long.
    var groupSeconds = 60.0
    /// The mean seconds from one failure of a host to the next.
    var secondsBetweenFailures = 20_000.0
    /// For how long a failed host is away.
    var awaySeconds = 600.0
    /// For how long a host may be silent before its groups run elsewhere. Half of the failures are the link's, and shorter.
    var patience = 300.0
    /// The seconds between two looks.
    var period = 2.0
    var seed: UInt64
  }

  private struct Host {
    var free: Int
    /// When it fails next.
    var failure: Double
    var isBack: Double?
  }

  private struct Work {
    var host: Int
    var end: Double
    /// When its host fails under it; nil if it does not.
    var lost: Double?
  }

  private let conditions: Conditions
  private var random: SeededNumbers
  private var hosts: [Host]
  private var work: [String: Work] = [:]
  private var batches = 0
  /// The seconds since the start.
  private(set) var now = 0.0
  /// The seconds of all slots that had nothing to do although groups waited, and after the last group was started.
  private(set) var idle = (waiting: 0.0, end: 0.0)
  private(set) var losses = 0
  /// The sum of what all groups take, and the longest.
  private(set) var lengths = (sum: 0.0, longest: 0.0)
  private var isLastStarted = false
  private var offered = 0

  init(_ conditions: Conditions) {
    self.conditions = conditions
    random = SeededNumbers(seed: conditions.seed)
    hosts = []
    for _ in 0..<conditions.hosts {
      hosts.append(
        Host(free: conditions.slots, failure: random.exponential(conditions.secondsBetweenFailures), isBack: nil))
    }
  }

  /// Each case of the simulated plan is a group of its own, however few hosts there are.
  var workers: Int { .max }

  /// The seconds of a case by its number: always the same. From a quarter to four times the mean, even on a logarithmic scale.
  nonisolated static func seconds(of number: Int, _ conditions: Conditions) -> Double {
    var random = SeededNumbers(seed: conditions.seed &+ UInt64(number) &* 0x9E37_79B9)
    // The mean of 4^u for u from -1 to 1 is 1.353.
    return conditions.groupSeconds / 1.353 * pow(4, 2 * random.fraction() - 1)
  }

  nonisolated func another() -> SimulatedFleet { self }
  func begin(_ run: String) async throws {}
  func refusal(of needs: GroupOrder.Needs) async throws -> VerdictReason? { nil }

  func appetite() async -> Int {
    offered = 0
    return hosts.reduce(0) { $0 + ($1.isBack == nil ? $1.free : 0) }
  }

  func start(
    _ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void
  ) async throws -> [Attempt] {
    var attempts = attempts
    offered = attempts.count
    var place = 0
    for host in hosts.indices where hosts[host].isBack == nil {
      while hosts[host].free > 0, place < attempts.count {
        start(&attempts[place], on: host)
        place += 1
      }
      if place == attempts.count { break }
    }
    batches += 1
    return attempts
  }

  private func start(_ attempt: inout Attempt, on host: Int) {
    let seconds = SimulatedFleet.seconds(of: attempt.order.group.map { ClusterBench.number(of: $0) } ?? 0, conditions)
    (attempt.folder, attempt.host) = ("\(batches)/\(attempt.order.group?.number ?? 0)", "host-\(host)")
    hosts[host].free -= 1
    let end = now + seconds
    work[attempt.folder] = Work(host: host, end: end, lost: hosts[host].failure < end ? hosts[host].failure : nil)
    if attempt.losses.isEmpty {
      lengths = (lengths.sum + seconds, max(lengths.longest, seconds))
    }
  }

  func look(at attempts: [Attempt]) async throws -> [AttemptState] {
    attempts.map { attempt in
      guard let work = work[attempt.folder] else { return .running(host: "") }
      let host = attempt.host ?? ""
      if let lost = work.lost {
        guard now >= lost + conditions.patience else { return .running(host: host) }
        self.work[attempt.folder] = nil
        hosts[work.host].free += 1
        losses += 1
        return .lost(GroupAnswer.Loss(host: host, reason: "it does not answer"))
      }
      guard now >= work.end else { return .running(host: host) }
      self.work[attempt.folder] = nil
      hosts[work.host].free += 1
      return .ended(host: host)
    }
  }

  func rest() async throws {
    // Nothing happens before the next end or failure; looks are at whole periods.
    var next = Double.infinity
    for work in work.values { next = min(next, work.lost.map { $0 + conditions.patience } ?? work.end) }
    for host in hosts { next = min(next, host.isBack ?? host.failure) }
    let former = now
    now = max(former + conditions.period, (next / conditions.period).rounded(.up) * conditions.period)
    let free = hosts.reduce(0) { $0 + ($1.isBack == nil ? $1.free : 0) }
    if offered > 0 { idle.waiting += Double(free) * (now - former) } else { idle.end += Double(free) * (now - former) }
    for host in hosts.indices {
      if let back = hosts[host].isBack, now >= back {
        hosts[host].isBack = nil
        hosts[host].failure = now + random.exponential(conditions.secondsBetweenFailures)
      } else if hosts[host].isBack == nil, now >= hosts[host].failure {
        hosts[host].isBack = hosts[host].failure + conditions.awaySeconds
      }
    }
  }

  func outcome(of attempt: Attempt, host: String) async -> AttemptOutcome {
    let facts = WorkerFacts(
      name: host, ktest: ktestVersion, time: 1_800_000_000 + Int(now), qemu: "9.2.1", libvirt: "11.0.0",
      accelerator: "kvm", processors: 8, memory: 64 << 30, kernel: "6.12.0-amd64")
    guard let order = attempt.order.group else {
      return .lost(GroupAnswer.Loss(host: host, reason: "it only pretends to run cases"))
    }
    return .ran(worker: facts, part: SimulatedPart(order: order))
  }

  func news() async -> [String] { [] }
  nonisolated func folder(of attempt: Attempt) -> WorkFolder { WorkFolder("") }
  func stop(_ attempts: [Attempt]) async {}
  func end() async -> Bool { true }
}

extension SeededNumbers {
  /// Returns the time to the next event of a kind that comes at random.
  fileprivate mutating func exponential(_ mean: Double) -> Double { -mean * log(1 - fraction()) }
}

/// The events of a group of which every case passed.
private struct SimulatedPart: GroupEvents {
  var order: GroupOrder
  /// What a guest prints in a boot, and a case.
  static let console = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
  static let output = [UInt8](repeating: UInt8(ascii: "x"), count: 512)

  func pass(to emit: RunEmit) async throws {
    let boot = order.firstBoot
    for part in order.parts {
      let (suite, kernel) = (part.suite.name, part.kernel.label)
      try await emit(.bootStarted(boot: boot, suite: suite, kernel: kernel, cases: part.cases))
      try await emit(.bootReady(boot: boot, seconds: 2))
      try await emit(.console(boot: boot, bytes: SimulatedPart.console))
      for name in part.cases {
        try await emit(.caseStarted(boot: boot, suite: suite, kernel: kernel, name: name))
        try await emit(
          .output(
            boot: boot, suite: suite, kernel: kernel, name: name, stream: .stdout, bytes: SimulatedPart.output))
        let result = CaseResult(name: name, verdict: .pass, seconds: 1, boot: boot)
        try await emit(.caseFinished(suite: suite, kernel: kernel, result: result))
      }
      try await emit(
        .bootFinished(
          BootResult(
            id: boot, suite: suite, kernel: kernel, verdict: .pass, seconds: 3, console: RunLayout.console(boot: boot)))
      )
    }
  }
}
