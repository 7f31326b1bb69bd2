import Glibc
import KTestValues

/// The compared searches, on simulated kernels.
extension SimulatedSearch {
  /// Runs ktest's own search. With `told`, it knows the rate, which nobody does in reality.
  static func bisection(
    _ history: SimulatedHistory, _ parameters: BisectionParameters, told: Double? = nil, seed: UInt64
  ) -> SimulatedSearch {
    var numbers = SeededNumbers(seed: seed)
    var search = SimulatedSearch()
    // A new kernel costs as much as a run, like an incremental build and a short case.
    let cost = CostModel(fullBuild: 1, incrementalBuild: 1, boot: 0, run: 1)
    var bisection = Bisection(history.graph, parameters, cost: cost, told: told)
    while case .probe(let probe) = bisection.next() {
      let outcome = history.run(probe.node, &numbers)
      search.runs += 1
      search.kernels.insert(probe.node)
      switch probe.purpose {
      case .verify: search.verification += 1
      case _ where search.verification > 0: search.verification += 1
      case .proveBadEnd, .proveGoodEnd: search.ends += 1
      case .search: break
      }
      bisection.add(Evidence(.commit(probe.commit), outcome))
    }
    if case .stop(.culprit(let node, _)) = bisection.next() { search.culprit = node }
    return search
  }

  /// Runs `git bisect` with a script that repeats a fixed number of times.
  static func gitBisect(_ history: SimulatedHistory, repeats: Int, seed: UInt64) -> SimulatedSearch {
    var numbers = SeededNumbers(seed: seed)
    return gitBisect(history, sightings: 1, &numbers) { _ in repeats }
  }

  /// Runs `git bisect` by a user who does not know the rate: the bad end runs until the target has shown `sightings`
  /// times, and the script repeats the minimum number of times that leaves a kernel with the bug a probability of
  /// `error` to be taken for good, by those runs and Jeffreys' prior.
  static func measuringGitBisect(_ history: SimulatedHistory, sightings: Int, error: Double, seed: UInt64)
    -> SimulatedSearch
  {
    var numbers = SeededNumbers(seed: seed)
    return gitBisect(history, sightings: sightings, &numbers) { clean in
      let (seen, missed) = (Double(sightings) + 0.5, Double(clean) + 0.5)
      // The probability of this many clean runs is a product, because the posterior of the rate is a beta distribution.
      var (repeats, chance) = (0, 1.0)
      while chance > error, repeats < 5000 {
        chance *= (missed + Double(repeats)) / (seen + missed + Double(repeats))
        repeats += 1
      }
      return max(1, repeats)
    }
  }

  /// A step is bad if the target shows once in the repeats that give an answer, good if it does not, and skip if there
  /// are none. The script is told which failures are the target, as a perfect one would know. `repeats` gets the number
  /// of runs of the bad end that did not show it.
  private static func gitBisect(
    _ history: SimulatedHistory, sightings: Int, _ numbers: inout SeededNumbers, repeats: (Int) -> Int
  ) -> SimulatedSearch {
    var search = SimulatedSearch()
    var (seen, clean) = (0, 0)
    while seen < sightings, search.ends < 1000 {
      search.ends += 1
      switch history.run(history.graph.bad, &numbers) {
      case .targetSeen: seen += 1
      case .clean: clean += 1
      default: break
      }
    }
    let repeats = repeats(clean)
    search.ends += repeats
    search.runs = search.ends
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

  /// Runs syzkaller's rule (syzkaller's pkg/bisect/bisect.go): 10 runs per step, 20 on the first and once the bug was
  /// flaky; any crash counts; the result is dropped below a confidence of 0.66.
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
    // First the bad end, then the good one; an end that behaves unexpectedly stops the search.
    guard test(history.graph.bad, 20, &numbers) == .bad else { return search }
    guard test(0, isFlaky ? 20 : 10, &numbers) == .good else { return search }
    let culprit = halving(history.graph, &numbers) { test($0, isFlaky ? 20 : 10, &$1) }
    if confidence >= 0.66 { search.culprit = culprit }
    return search
  }

  enum Verdict { case good, bad, skip }

  /// Returns `git bisect`'s choice of commit (git's bisect.c): the best half, or at some distance from a skipped one.
  /// Returns nil if only skipped commits are left.
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
