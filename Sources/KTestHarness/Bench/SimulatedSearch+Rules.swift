import Glibc

/// The three searches that are compared, on simulated kernels.
extension SimulatedSearch {
  /// ktest's own.
  static func bisection(_ history: SimulatedHistory, _ parameters: BisectionParameters, seed: UInt64)
    -> SimulatedSearch
  {
    var numbers = SeededNumbers(seed: seed)
    var search = SimulatedSearch()
    // A new kernel costs as much as a run, as an incremental build and a short case do.
    let cost = CostModel(fullBuild: 1, incrementalBuild: 1, boot: 0, run: 1)
    var bisection = Bisection(history.graph, parameters, cost: cost)
    while case .probe(let probe) = bisection.next() {
      let outcome = history.run(probe.node, &numbers)
      search.runs += 1
      if probe.purpose == .verify {
        search.verification += 1
      } else {
        search.kernels.insert(probe.node)
      }
      bisection.add(Evidence(.commit(probe.commit), outcome))
    }
    if case .stop(.culprit(let node, _)) = bisection.next() { search.culprit = node }
    return search
  }

  /// `git bisect` with a script that repeats: bad when the target shows once in `repeats` runs that give an answer, good
  /// when it does not, skip when there are none. It is told which failures are the target, as a perfect script would.
  static func gitBisect(_ history: SimulatedHistory, repeats: Int, seed: UInt64) -> SimulatedSearch {
    var numbers = SeededNumbers(seed: seed)
    var search = SimulatedSearch()
    // The proof of the ends, counted apart: git itself takes them as told.
    while search.ends < 1000, history.run(history.graph.bad, &numbers) != .targetSeen { search.ends += 1 }
    search.ends += 1 + repeats
    search.culprit = halving(history.graph, &numbers) { node, numbers in
      search.kernels.insert(node)
      var (spoke, others) = (0, 0)
      while spoke < repeats, others < repeats + 10 {
        search.runs += 1
        switch history.run(node, &numbers) {
        case .targetSeen: return .bad
        case .clean: spoke += 1
        case .unusable: return .skip
        case .otherFailure, .infrastructure: others += 1
        }
      }
      return spoke == repeats ? .good : .skip
    }
    return search
  }

  /// syzkaller's rule (field notes 8; syzkaller's pkg/bisect/bisect.go): 10 runs a step, 20 on the first and once the
  /// bug was flaky; any crash counts; the result is dropped below a confidence of 0.66.
  static func syzkaller(_ history: SimulatedHistory, seed: UInt64) -> SimulatedSearch {
    var numbers = SeededNumbers(seed: seed)
    var search = SimulatedSearch()
    var (isFlaky, chance, confidence) = (false, 1.0, 1.0)
    func test(_ node: Int, _ runs: Int, _ numbers: inout SeededNumbers) -> Verdict {
      search.kernels.insert(node)
      var (bad, good) = (0, 0)
      for _ in 0..<runs {
        search.runs += 1
        switch history.run(node, &numbers) {
        case .targetSeen, .otherFailure: bad += 1
        case .clean: good += 1
        case .unusable: return .skip
        case .infrastructure: break
        }
      }
      if bad == 0, good >= (isFlaky ? runs * 3 / 4 : runs / 2) {
        confidence *= 1 - pow(1 - chance, Double(good))
        return .good
      }
      guard bad >= max(2, (bad + good) / 6), bad + good >= runs / 2 else { return .skip }
      let share = Double(bad) / Double(bad + good)
      chance = min(chance, (chance + share) / 2)
      if share < 0.5 { isFlaky = true }
      return .bad
    }
    // The bad end first, then the good one; what does not behave as an end ends it.
    guard test(history.graph.bad, 20, &numbers) == .bad else { return search }
    guard test(0, isFlaky ? 20 : 10, &numbers) == .good else { return search }
    let culprit = halving(history.graph, &numbers) { test($0, isFlaky ? 20 : 10, &$1) }
    if confidence >= 0.66 { search.culprit = culprit }
    return search
  }

  enum Verdict { case good, bad, skip }

  /// `git bisect`'s choice of commits (git's bisect.c): the best half; next to a skipped one, a place away from it.
  /// nil when only skipped commits are left.
  static func halving(
    _ graph: CommitGraph, _ numbers: inout SeededNumbers, _ test: (Int, inout SeededNumbers) -> Verdict
  ) -> Int? {
    var candidates = [UInt64](repeating: 0, count: graph.ancestors.wordsPerRow)
    let words = candidates.count
    for word in 0..<words { candidates[word] = graph.ancestors.words[graph.bad * words + word] }
    func remove(_ good: Int) {
      for word in 0..<words { candidates[word] &= ~graph.ancestors.words[good * words + word] }
    }
    for good in graph.goods { remove(good) }
    var bad = graph.bad
    var skipped: Set<Int> = []
    while true {
      let members = (0..<graph.count).filter { candidates[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
      if members.count == 1 { return members[0] }
      if members.isEmpty { return nil }
      let scored = members.filter { $0 != bad }.map { node -> (node: Int, score: Int) in
        var count = 0
        for word in 0...node >> 6 {
          count += (graph.ancestors.words[node * words + word] & candidates[word]).nonzeroBitCount
        }
        return (node, min(count, members.count - count))
      }
      guard var best = scored.max(by: { $0.score < $1.score }) else { return nil }
      if skipped.contains(best.node) {
        let open = scored.filter { !skipped.contains($0.node) }.sorted { $0.score > $1.score }
        guard !open.isEmpty else { return nil }
        let draw = numbers.fraction()
        best = open[min(open.count - 1, Int(Double(open.count) * draw * draw.squareRoot()))]
      }
      switch test(best.node, &numbers) {
      case .good: remove(best.node)
      case .bad:
        bad = best.node
        for word in 0..<words { candidates[word] &= graph.ancestors.words[best.node * words + word] }
      case .skip: skipped.insert(best.node)
      }
    }
  }
}
