@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// What a search meets: a history with a bug, and a die that is cast anew for each run of each subject. A run is known by
/// its subject and number, so that it shows the same whichever process performs it.
actor SearchWorld: SearchEffects {
  struct Rules: Sendable {
    var graph: CommitGraph
    var culprit: Int
    /// How often the bug shows.
    var rate = 1.0
    /// The share of boots that are susceptible.
    var between = 1.0
    /// The most runs of a boot; nil if each boots.
    var clones: Int?
    var broken: Set<Int> = []
    /// These change nothing that is compiled: the kernel is that of the only parent.
    var idle: Set<Int> = []
    /// How often a run ends with another failure.
    var strays = 0.0
    var revertConflicts = false
    /// How many may be at work.
    var workers = Int.max
    var seed: UInt64 = 1
    /// What a run shows in place of what the history says, by subject and number of the run, from 0.
    var answer: @Sendable (Evidence.Subject, Int) -> ProbeOutcome? = { _, _ in nil }

    init(_ graph: CommitGraph, culprit: Int) { (self.graph, self.culprit) = (graph, culprit) }

    /// The commit that last changed the kernel.
    func origin(_ node: Int) -> Int { idle.contains(node) ? origin(graph.nodes[node].parents[0]) : node }
  }

  struct Run: Hashable, Sendable {
    var subject: Evidence.Subject
    var number: Int
  }

  let rules: Rules
  private let journal: SearchSteps
  /// Thrown by an effect when the journal holds so many steps.
  private let trouble: (after: Int, error: any Error)?
  private(set) var runs: [Run] = []
  private(set) var fetched: [Evidence.Subject] = []
  private var counts: [Evidence.Subject: Int] = [:]
  private var built: Set<Evidence.Subject> = []

  /// - Parameter journal: what an earlier process has learnt is in it; its kernels are in the cache.
  init(_ rules: Rules, _ journal: SearchSteps, trouble: (after: Int, error: any Error)? = nil) async {
    (self.rules, self.journal, self.trouble) = (rules, journal, trouble)
    for step in await journal.steps {
      switch step {
      case .evidence(let evidence, _, _):
        counts[evidence.subject, default: 0] += 1
        built.insert(evidence.subject)
      case .identical(_, let commit): built.insert(.commit(commit))
      default:
        if let commit = step.builtCommit { built.insert(.commit(commit)) }
      }
    }
  }

  private func stumble() async throws {
    if let trouble, await journal.steps.count >= trouble.after { throw trouble.error }
  }

  func workers(atMost most: Int) async -> Int { min(most, rules.workers) }

  func kernel(of subject: Evidence.Subject) async throws -> SubjectKernel {
    try await stumble()
    fetched.append(subject)
    guard case .commit(let commit) = subject else {
      return rules.revertConflicts
        ? SubjectKernel(kernel: nil, trouble: "the revert conflicts in mm/gup.c") : SubjectKernel(kernel: Self.build)
    }
    let node = rules.graph.node(of: commit) ?? 0
    let origin = rules.origin(node)
    let seconds = built.insert(subject).inserted ? 30 + Double(node % 7) : nil
    if rules.broken.contains(origin) {
      return SubjectKernel(kernel: nil, trouble: "mm/gup.c:1: error", seconds: seconds)
    }
    return SubjectKernel(kernel: Self.build, identity: "kernel \(origin)", seconds: seconds)
  }

  func run(_ kernel: SubjectKernel, of subject: Evidence.Subject, clones: Int) async throws -> RunObservation {
    try await stumble()
    let run = Run(subject: subject, number: counts[subject, default: 0])
    counts[subject] = run.number + 1
    runs.append(run)
    guard clones > 1 else { return RunObservation(outcome(of: run), boot: 2, run: 5 + Double(run.number % 3)) }
    for clean in 0..<clones {
      let outcome = outcome(of: run, clone: clean)
      if outcome != .clean || clean == clones - 1 {
        return RunObservation(outcome, clean: clean, boot: 2.5, run: 0.5 * Double(clean + 1))
      }
    }
    return RunObservation(.infrastructure)
  }

  private func outcome(of run: Run, clone: Int = 0) -> ProbeOutcome {
    if let outcome = rules.answer(run.subject, run.number) { return outcome }
    let (node, hasBug) =
      switch run.subject {
      case .commit(let commit): (rules.graph.node(of: commit) ?? 0, rules.hasBug(commit))
      case .reverted(let commit): (rules.graph.count, rules.graph.node(of: commit) != rules.culprit)
      }
    let seed = rules.seed &* 1_000_003 &+ UInt64(node) &* 10_007 &+ UInt64(run.number)
    var boots = SeededNumbers(seed: seed &+ 500_009)
    if rules.between < 1, boots.fraction() >= rules.between { return .clean }
    var numbers = SeededNumbers(seed: seed &+ UInt64(clone) &* 700_001)
    if numbers.fraction() < rules.strays { return .otherFailure }
    return hasBug && numbers.fraction() < rules.rate ? .targetSeen : .clean
  }

  static let build = KernelBuild(
    label: "k", release: "6.12.0", imagePath: "/boot/vmlinux", imageFormat: .vmlinux, identity: "k", source: .path("/k")
  )
}

extension SearchWorld.Rules {
  func hasBug(_ commit: String) -> Bool { graph.node(of: commit).map { graph.hasBug($0, from: culprit) } ?? false }
}

extension SearchStep {
  var builtCommit: String? { if case .built(let commit, _, _) = self { commit } else { nil } }

  var evidence: Evidence? { if case .evidence(let evidence, _, _) = self { evidence } else { nil } }

  var isRun: Bool { evidence.map { $0.cost.map { $0.boot > 0 } ?? false } ?? false }
}

/// The journal of a search, which takes so many steps and then no more.
actor SearchSteps {
  struct Full: Error, Equatable {}

  private(set) var steps: [SearchStep]
  private let limit: Int

  init(_ steps: [SearchStep] = [], limit: Int = 1000) { (self.steps, self.limit) = (steps, limit) }

  func note(_ step: SearchStep) throws {
    guard steps.count < limit else { throw Full() }
    steps.append(step)
  }
}

/// A search that was played, as far as it came.
struct PlayedSearch {
  var conclusion: Conclusion?
  var error: (any Error)?
  var steps: [SearchStep]
  var runs: [SearchWorld.Run]
  var fetched: [Evidence.Subject]

  /// - Parameters:
  ///   - kept: the steps of earlier processes.
  ///   - limit: steps that the journal takes, those kept included.
  static func play(
    _ rules: SearchWorld.Rules, after kept: [SearchStep] = [], limit: Int = 1000, revertRuns: Int = 3,
    trouble: (after: Int, error: any Error)? = nil, workers: Int = 1
  ) async -> PlayedSearch {
    let journal = SearchSteps(kept, limit: limit)
    let world = await SearchWorld(rules, journal, trouble: trouble)
    var parameters = BisectionParameters()
    parameters.clones = rules.clones
    var bisection = Bisection(rules.graph, parameters)
    for step in kept { bisection.replay(step) }
    var played = PlayedSearch(steps: [], runs: [], fetched: [])
    do {
      played.conclusion = try await searchCommits(
        bisection, after: kept, revertRuns: revertRuns, workers: workers, with: world,
        note: { try await journal.note($0) },
        emit: { _ in }
      ).conclusion
    } catch { played.error = error }
    (played.steps, played.runs, played.fetched) = (await journal.steps, await world.runs, await world.fetched)
    return played
  }

  var culprit: Int? { if case .culprit(let node, _)? = conclusion { node } else { nil } }
}

extension SearchWorld.Rules {
  /// A history of up to `most` commits, with all that may go wrong in one.
  static func drawn(_ seed: UInt64, most: Int, rate: Double, isRough: Bool) throws -> SearchWorld.Rules {
    var numbers = SeededNumbers(seed: seed)
    let count = 2 + numbers.below(most - 1)
    let graph = try seed % 2 == 0 ? SmallHistory.line(count) : SmallHistory.random(count, &numbers)
    var rules = SearchWorld.Rules(graph, culprit: 1 + numbers.below(count))
    (rules.rate, rules.seed) = (rate, seed)
    guard isRough else { return rules }
    for node in 1..<count {
      let kind = numbers.fraction()
      if kind < 0.1 { rules.broken.insert(node) }
      if (0.1..<0.3).contains(kind), node != rules.culprit, graph.nodes[node].parents.count == 1 {
        rules.idle.insert(node)
      }
    }
    rules.strays = 0.04
    return rules
  }
}
