import KTestValues

/// A search by several workers, each of which builds a kernel, boots it and runs the case.
///
/// What happens is decided in one place, one event after the other: after each result those under way that do not matter any
/// more are ended, and each worker that is free is given what tells most beside the others.
struct SharedCommitSearch<Effects: SearchEffects> {
  private enum Event: Sendable {
    case kernel(SubjectKernel)
    case seen(RunObservation)
    case failed(any Error)
  }

  /// A boot under way, or the build of its kernel.
  private struct Running {
    let id: Int
    let probe: SharedProbe
    let start: ContinuousClock.Instant
    let needsBuild: Bool
    var kernel: SubjectKernel?
    /// Whether nobody waits for its result any more.
    var isDropped = false
    var task: Task<Void, Never>
  }

  private(set) var bisection: Bisection
  private let effects: Effects
  private let note: @Sendable (SearchStep) async throws -> Void
  private let emit: @Sendable (SearchEvent) async -> Void
  private let revertRuns: Int
  private let workers: Int
  private var kernels: SearchKernels
  /// The kernels of this process, without the costs of their builds.
  private var known: [Evidence.Subject: SubjectKernel] = [:]
  /// What was under way when an earlier process ended.
  private var left: [SharedProbe]
  private var running: [Running] = []
  private var lastID = 0
  private let events: AsyncStream<(id: Int, event: Event)>
  private let sink: AsyncStream<(id: Int, event: Event)>.Continuation

  init(
    _ bisection: Bisection, after steps: [SearchStep], revertRuns: Int, workers: Int, effects: Effects,
    note: @escaping @Sendable (SearchStep) async throws -> Void, emit: @escaping @Sendable (SearchEvent) async -> Void
  ) {
    (self.bisection, self.effects, self.note, self.emit) = (bisection, effects, note, emit)
    (self.revertRuns, self.workers) = (revertRuns, workers)
    kernels = SearchKernels(steps)
    left = SearchStep.underWay(after: steps)
    (events, sink) = AsyncStream.makeStream()
    self.bisection.goOn()
  }

  /// Searches to the end. When this returns or throws, nothing is under way any more.
  mutating func perform() async throws -> Conclusion {
    do {
      let conclusion = try await search()
      await endAll()
      return conclusion
    } catch {
      await endAll()
      throw error
    }
  }

  private mutating func search() async throws -> Conclusion {
    let needless = bisection.needless(left.map { ProbeUnderWay($0) }, revertRuns: revertRuns)
    for index in needless.reversed() { try await step(.dropped(left.remove(at: index))) }
    if let conclusion = try await fill() { return conclusion }
    for await (id, event) in events {
      try Task.checkCancellation()
      if try await take(event, of: id) {
        for index in bisection.needless(underWay.probes, revertRuns: revertRuns).reversed() {
          try await drop(underWay.places[index])
        }
      }
      if let conclusion = try await fill() { return conclusion }
    }
    throw CancellationError()
  }

  /// Gives each worker that is free something to do. Returns the end of the search, if this is it.
  private mutating func fill() async throws -> Conclusion? {
    let most = await effects.workers(atMost: workers)
    while running.count < most {
      try Task.checkCancellation()
      if !left.isEmpty {
        await begin(left.removeFirst())
        continue
      }
      switch bisection.next(besides: underWay.probes, revertRuns: revertRuns) {
      case .probe(let probe):
        try await step(.began(probe))
        await begin(probe)
      case .wait: return nil
      case .stop(let conclusion):
        for place in underWay.places { try await drop(place) }
        return conclusion
      }
    }
    return nil
  }

  /// Those whose results matter, with their places.
  private var underWay: (probes: [ProbeUnderWay], places: [Int]) {
    let places = running.indices.filter { !running[$0].isDropped }
    let now = ContinuousClock.now
    let probes = places.map { place in
      let one = running[place]
      return ProbeUnderWay(
        one.probe, needsBuild: one.needsBuild && one.kernel == nil, elapsed: (now - one.start) / .seconds(1))
    }
    return (probes, places)
  }

  private mutating func begin(_ probe: SharedProbe) async {
    lastID += 1
    let (id, subject, effects, kernel) = (lastID, probe.subject, effects, known[probe.subject])
    if kernel == nil { await emit(.building(subject, probe.purpose)) }
    let task =
      if let kernel {
        await boot(probe, kernel, id)
      } else {
        start(id) { .kernel(try await effects.kernel(of: subject)) }
      }
    running.append(
      Running(
        id: id, probe: probe, start: .now, needsBuild: kernel == nil, kernel: kernel, task: task))
  }

  private func boot(_ probe: SharedProbe, _ kernel: SubjectKernel, _ id: Int) async -> Task<Void, Never> {
    await emit(.running(probe.subject, probe.purpose, boot: 1, atMost: max(1, probe.boots), clones: probe.clones))
    let effects = effects
    return start(id) { .seen(try await effects.run(kernel, of: probe.subject, clones: probe.clones)) }
  }

  private func start(_ id: Int, _ work: @escaping @Sendable () async throws -> Event) -> Task<Void, Never> {
    let sink = sink
    return Task {
      do { sink.yield((id, try await work())) } catch { sink.yield((id, .failed(error))) }
    }
  }

  /// Takes what one of them has come to. Returns whether the search knows more.
  private mutating func take(_ event: Event, of id: Int) async throws -> Bool {
    guard let place = running.firstIndex(where: { $0.id == id }) else { return false }
    let one = running[place]
    if one.isDropped {
      running.remove(at: place)
      return false
    }
    switch event {
    case .failed(let error): throw error
    case .kernel(var kernel):
      guard kernel.kernel != nil else {
        running.remove(at: place)
        let cost = Evidence.Cost(build: kernel.seconds, isFullBuild: kernel.isFullBuild)
        let item = Evidence(one.probe.subject, .unusable, cost: cost, note: kernel.trouble ?? "no kernel")
        try await step(.evidence(item, purpose: one.probe.purpose, journal: nil))
        return true
      }
      if case .commit(let commit) = one.probe.subject {
        kernels.takeCost(of: commit, &kernel)
        if let news = kernels.meet(commit, kernel, in: bisection) {
          try await step(news)
          if case .identical = news {
            // It shares every result of the other one, and something else may tell more.
            running.remove(at: place)
            try await step(.dropped(one.probe))
            return true
          }
        }
      }
      var later = kernel
      later.seconds = nil
      known[one.probe.subject] = later
      running[place].kernel = kernel
      running[place].task = await boot(one.probe, kernel, id)
      return false
    case .seen(let seen):
      running.remove(at: place)
      let cost = Evidence.Cost(
        build: one.kernel?.seconds, isFullBuild: one.kernel?.isFullBuild ?? false, boot: seen.boot, run: seen.run)
      let item = Evidence(
        one.probe.subject, seen.outcome, clean: seen.clean, cost: cost, note: seen.note, other: seen.other)
      try await step(.evidence(item, purpose: one.probe.purpose, journal: seen.journal))
      return true
    }
  }

  /// Ends one whose result does not matter. Its worker is free when its guest is gone.
  private mutating func drop(_ place: Int) async throws {
    running[place].isDropped = true
    running[place].task.cancel()
    try await step(.dropped(running[place].probe))
  }

  private mutating func endAll() async {
    for one in running { one.task.cancel() }
    for one in running { await one.task.value }
    running = []
    sink.finish()
  }

  private mutating func step(_ step: SearchStep) async throws {
    try await note(step)
    bisection.replay(step)
    await emit(.stepped(step, bisection))
  }
}

extension SearchStep {
  /// Returns the boots that were begun and have neither evidence nor been dropped, in the order in which they began. Of two
  /// with one kernel it may be the other one that is left, but never more of them.
  static func underWay(after steps: [SearchStep]) -> [SharedProbe] {
    var left: [SharedProbe] = []
    func end(_ subject: Evidence.Subject, where isIt: (SharedProbe) -> Bool) {
      let places = left.indices.filter { left[$0].subject == subject }
      if let place = places.first(where: { isIt(left[$0]) }) ?? places.first { left.remove(at: place) }
    }
    for step in steps {
      switch step {
      case .began(let probe): left.append(probe)
      case .dropped(let probe): end(probe.subject) { $0 == probe }
      case .evidence(let evidence, _, _): end(evidence.subject) { ($0.clones > 1) == (evidence.clean != nil) }
      case .identical, .built, .prepared, .trial: break
      }
    }
    return left
  }
}
