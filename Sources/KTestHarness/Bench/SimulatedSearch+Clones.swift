import KTestValues

extension SimulatedSearch {
  /// What the parts of a search take, in seconds.
  struct Costs: Sendable, Equatable {
    var boot = 3.0
    var run = 0.5
    /// For a guest that is stopped and forked, beside its boot.
    var fork = 0.3
    /// For each kernel; 0 if all are there.
    var build: Double
    /// How far each of them is from its mean at most, as a share.
    var spread = 0.0

    var model: CostModel { CostModel(fullBuild: build, incrementalBuild: build, boot: boot, run: run) }
  }

  /// Runs ktest's own search, whose parameters say whether runs may be clones.
  static func cloning(
    _ history: SimulatedHistory, _ parameters: BisectionParameters, _ costs: Costs, seed: UInt64
  ) -> SimulatedSearch {
    var numbers = SeededNumbers(seed: seed)
    var search = SimulatedSearch()
    var bisection = Bisection(history.graph, parameters, cost: costs.model)
    while case .probe(let probe) = bisection.next() {
      let areClones = probe.clones > 1
      let (outcome, clean) = history.boot(probe.node, clones: probe.clones, &numbers)
      var item = Evidence(.commit(probe.commit), outcome, clean: areClones ? clean : nil)
      let isNew = search.kernels.insert(probe.node).inserted
      item.cost = Evidence.Cost(
        build: isNew && costs.build > 0 ? costs.build : nil, boot: costs.boot + (areClones ? costs.fork : 0),
        run: costs.run * Double(item.runs))
      search.runs += item.runs
      search.boots += 1
      search.seconds += (isNew ? costs.build : 0) + (item.cost?.boot ?? 0) + (item.cost?.run ?? 0)
      bisection.add(item)
    }
    if case .stop(.culprit(let node, _)) = bisection.next() { search.culprit = node }
    return search
  }
}
