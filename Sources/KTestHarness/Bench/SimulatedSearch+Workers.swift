import KTestValues

extension SimulatedSearch {
  /// Runs ktest's own search with several workers: a clock goes from one result to the next, and a worker that is free is given
  /// what tells most beside what is under way. A kernel that one of them has built is there for all.
  static func shared(
    _ history: SimulatedHistory, _ parameters: BisectionParameters, _ costs: Costs, workers: Int, seed: UInt64
  ) -> SimulatedSearch {
    var bisection = Bisection(history.graph, parameters, cost: costs.model)
    var world = SimulatedWorkers(history, costs, seed: seed)
    while true {
      var isWaiting = false
      while !isWaiting, world.busy.count < workers {
        for commit in world.takeBuilt() { bisection.markBuilt(commit) }
        switch bisection.next(besides: world.underWay) {
        case .probe(let probe): world.begin(probe)
        case .wait: isWaiting = true
        case .stop(let conclusion):
          if case .culprit(let node, _) = conclusion { world.search.culprit = node }
          world.end(Array(world.busy.indices))
          return world.search
        }
      }
      guard let item = world.goOn() else { return world.search }
      bisection.add(item)
      world.end(bisection.needless(world.underWay))
    }
  }
}

/// Workers that build, boot and run, on a clock that goes from one end to the next.
private struct SimulatedWorkers {
  struct Busy {
    var probe: SharedProbe
    var node: Int
    var item: Evidence
    var begin: Double
    var end: Double
    /// When its build ends, if this worker does it.
    var built: Double?
    var needsBuild: Bool
  }

  var search = SimulatedSearch()
  private(set) var busy: [Busy] = []
  private let history: SimulatedHistory
  private let costs: SimulatedSearch.Costs
  private var outcomes: SeededNumbers
  private var spread: SeededNumbers
  private var clock = 0.0
  /// When each kernel is or was built.
  private var builds: [Int: Double] = [:]
  private var fresh: Set<Int> = []

  init(_ history: SimulatedHistory, _ costs: SimulatedSearch.Costs, seed: UInt64) {
    (self.history, self.costs) = (history, costs)
    (outcomes, spread) = (SeededNumbers(seed: seed), SeededNumbers(seed: ~seed))
  }

  var underWay: [ProbeUnderWay] {
    busy.map { ProbeUnderWay($0.probe, needsBuild: $0.needsBuild, elapsed: clock - $0.begin) }
  }

  /// The commits whose kernels are there since it was asked last.
  mutating func takeBuilt() -> [String] {
    let built = fresh.filter { builds[$0].map { $0 <= clock } ?? false }.sorted()
    fresh.subtract(built)
    return built.map { history.graph.commit($0) }
  }

  mutating func begin(_ probe: SharedProbe) {
    guard case .commit(let commit) = probe.subject, let node = history.graph.node(of: commit) else { return }
    let areClones = probe.clones > 1
    let (outcome, clean) = history.boot(node, clones: probe.clones, &outcomes)
    var item = Evidence(probe.subject, outcome, clean: areClones ? clean : nil)
    let ready = builds[node]
    let build = ready == nil && costs.build > 0 ? seconds(costs.build) : nil
    let start = build.map { clock + $0 } ?? max(clock, ready ?? clock)
    if ready == nil {
      builds[node] = start
      fresh.insert(node)
    }
    let (boot, run) = (
      seconds(costs.boot + (areClones ? costs.fork : 0)), seconds(costs.run * Double(item.runs))
    )
    item.cost = Evidence.Cost(build: build, boot: boot, run: run)
    search.kernels.insert(node)
    busy.append(
      Busy(
        probe: probe, node: node, item: item, begin: clock, end: start + boot + run, built: build.map { _ in start },
        needsBuild: start > clock))
  }

  private mutating func seconds(_ mean: Double) -> Double {
    costs.spread > 0 ? mean * (1 + costs.spread * (2 * spread.fraction() - 1)) : mean
  }

  /// Goes on to the next end, and returns what it shows; nil if nothing is under way.
  mutating func goOn() -> Evidence? {
    guard let next = busy.indices.min(by: { busy[$0].end < busy[$1].end }) else { return nil }
    let done = busy.remove(at: next)
    clock = done.end
    search.seconds = clock
    search.work += clock - done.begin
    search.runs += done.item.runs
    search.boots += 1
    return done.item
  }

  /// Ends some that are under way. A build that others wait for goes on.
  mutating func end(_ indices: [Int]) {
    for index in indices.reversed() {
      let one = busy[index]
      if let built = one.built, built > clock {
        let isAwaited = busy.indices.contains { busy[$0].node == one.node && !indices.contains($0) }
        if isAwaited { continue }
        builds[one.node] = nil
        fresh.remove(one.node)
        search.kernels.remove(one.node)
      }
      search.work += clock - one.begin
      search.ended += 1
      busy.remove(at: index)
    }
  }
}
