@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Hosts that do with each group what is said of it, in folders of this host.
actor ScriptedFleet: WorkerFleet {
  /// What becomes of an attempt.
  enum Play: Sendable {
    /// The host of this name runs it.
    case answers(String)
    case isLost(String, String)
    /// Its worker ends and has written no answer.
    case endsSilently(String)
    /// Its worker says why it could not run it.
    case fails(String, String)
    /// Somebody ends its worker.
    case isEnded(String)
    /// Its answer is there, and its journal not yet.
    case isCut(String)
    /// It runs until it is stopped, and then has an answer that says so.
    case runs(String)
    case waits(String)
    /// Its cases fail on the host of this name.
    case failsCases(String)
    /// It has to begin again, and no host is at fault.
    case again(String)
    case isRefused(String)
  }

  struct Broken: Error {}

  private let root: String
  private var plays: [Int: [Play]]
  private let room: Int
  private let memory: UInt64
  private let breaks: Bool
  private let isReachable: Bool
  private var current: [String: Play] = [:]
  private var attempts: [Attempt] = []
  private(set) var log: [String] = []
  /// For each start: the group, and the hosts to avoid.
  private(set) var avoided: [String] = []
  /// Gets the states of each look.
  nonisolated let looks: AsyncStream<[AttemptState]>
  private let looked: AsyncStream<[AttemptState]>.Continuation

  nonisolated let pause = Duration.zero
  nonisolated var workers: Int { 2 }

  /// - Parameters:
  ///   - plays: by the number of the group, one for each attempt; without one, host h1 runs it.
  ///   - room: how many can be under way.
  ///   - memory: of its hosts, in bytes.
  ///   - breaks: whether it cannot begin.
  ///   - isReachable: whether it can remove everything at the end.
  init(
    _ root: String, _ plays: [Int: [Play]] = [:], room: Int = .max, memory: UInt64 = 1 << 40, breaks: Bool = false,
    isReachable: Bool = true
  ) {
    (self.root, self.plays, self.room, self.memory) = (root, plays, room, memory)
    (self.breaks, self.isReachable) = (breaks, isReachable)
    (looks, looked) = AsyncStream.makeStream(of: [AttemptState].self)
  }

  func appetite() async -> Int { .max }
  func rest() async throws { try await Task.sleep(for: pause) }

  nonisolated func another() -> ScriptedFleet { self }

  func begin(_ run: String) async throws {
    log.append("begin")
    if breaks { throw Broken() }
  }

  func refusal(of needs: GroupOrder.Needs) async throws -> VerdictReason? {
    needs.memory <= memory ? nil : VerdictReason(.noHost, "no host has as much memory")
  }

  func start(
    _ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void
  ) async throws -> [Attempt] {
    var attempts = attempts
    for place in attempts.indices where current.count < room {
      let number = attempts[place].group.number
      attempts[place].folder = "0/\(self.attempts.count)"
      let (attempt, folder) = (attempts[place], folder(of: attempts[place]))
      self.attempts.append(attempt)
      log.append("start \(number)")
      avoided.append("\(number) \(attempt.avoided.sorted())")
      try write(attempt, folder)
      let play = plays[number]?.first ?? .answers("h1")
      if plays[number]?.isEmpty == false { plays[number]?.removeFirst() }
      current[attempt.folder] = play
      switch play {
      case .answers(let host):
        try await ScriptedWorker(name: host, host: ScriptedHost()).perform(
          attempt.group, in: folder, word: attempt.word)
      case .fails(_, let reason): try folder.write(WorkEnd(attempt.word, run: nil, failure: reason))
      case .isEnded: try folder.write(WorkEnd(attempt.word, run: nil, isInterrupted: true))
      case .isCut(let host):
        let journal = try await ScriptedWorker(name: host, host: ScriptedHost()).perform(
          attempt.group, in: folder, word: attempt.word)
        try cut("\(journal)/\(RunLayout.events)")
      case .failsCases(let host):
        let bad = ScriptedHost(GuestScript { GuestScript.run($0, output: "1..1\nnot ok 1 it\n") })
        try await ScriptedWorker(name: host, host: bad).perform(attempt.group, in: folder, word: attempt.word)
      case .isLost, .endsSilently, .runs, .waits, .again, .isRefused: break
      }
    }
    return attempts
  }

  /// Removes the last line.
  private func cut(_ path: String) throws {
    let lines = try RegularFile.bytes(of: path, limit: 1 << 20).split(separator: 10)
    HostFiles.remove(path)
    try DurableFile.write(Array(lines.dropLast().joined(separator: [10])) + [10], to: path)
  }

  func look(at attempts: [Attempt]) async throws -> [AttemptState] {
    let states = attempts.map { attempt -> AttemptState in
      switch current[attempt.folder] {
      case .answers(let host), .endsSilently(let host), .fails(let host, _), .isEnded(let host), .isCut(let host),
        .failsCases(let host):
        current[attempt.folder] = nil
        return .ended(host: host)
      case .isLost(let host, let reason):
        current[attempt.folder] = nil
        return .lost(GroupAnswer.Loss(host: host, reason: reason))
      case .again(let why):
        current[attempt.folder] = nil
        return .again(why)
      case .isRefused(let why):
        current[attempt.folder] = nil
        return .refused(why)
      case .runs(let host): return .running(host: host)
      case .waits(let why): return .queued(why)
      case nil: return .queued("")
      }
    }
    looked.yield(states)
    return states
  }

  func news() async -> [String] { [] }

  nonisolated func folder(of attempt: Attempt) -> WorkFolder { WorkFolder("\(root)/\(attempt.run)/\(attempt.folder)") }

  func stop(_ attempts: [Attempt]) async {
    for attempt in attempts {
      log.append("stop \(attempt.group.number)")
      guard case .runs(let host) = current.removeValue(forKey: attempt.folder) else { continue }
      let folder = folder(of: attempt)
      // It ends whatever has been cancelled here.
      let work = Task.detached {
        try await ScriptedWorker(name: host, host: ScriptedHost()).perform(
          attempt.group, in: folder, word: attempt.word)
      }
      guard let journal = try? await work.value else { continue }
      try? folder.write(
        WorkEnd(attempt.word, run: String(journal.split(separator: "/").last ?? ""), isInterrupted: true))
    }
  }

  func end() async -> Bool {
    log.append("end")
    looked.finish()
    return isReachable
  }

  /// What a lost host comes back with.
  func answerLate(_ number: Int, as host: String) async throws {
    for attempt in attempts where attempt.group.number == number {
      try await ScriptedWorker(name: host, host: ScriptedHost()).perform(attempt.group, in: folder(of: attempt))
      return
    }
  }
}

extension Attempt {
  /// Its group; scripted hosts build nothing.
  var group: GroupOrder {
    guard let group = order.group else { preconditionFailure("a build has no group") }
    return group
  }
}
