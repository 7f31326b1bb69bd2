/// The estimate of the rest of a search.
extension Bisection {
  package struct Rest: Sendable, Equatable {
    package var runs: Int
    /// The wall-clock seconds of builds, boots and runs.
    package var seconds: Double
  }

  /// Simulates the rest of the search several times, each with a culprit drawn from the current posterior, and returns
  /// the medians. What a step reveals depends on the steps before it, so nothing simpler is correct.
  /// - Returns: nil if no commit can be the culprit any more.
  package func rest(plays: Int = 9, seed: UInt64 = 1) -> Rest? {
    let chances = Array(probabilities.dropLast())
    let sum = chances.reduce(0, +)
    guard sum > 0, plays > 0 else { return nil }
    let rates = hopedRates ?? BootPrior.Point(between: 1, within: 1, product: 1)
    var numbers = SeededNumbers(seed: seed)
    var played: [Rest] = []
    for _ in 0..<plays {
      var place = numbers.fraction() * sum
      let culprit = chances.firstIndex { chance in
        place -= chance
        return place < 0
      }
      played.append(play(culprit ?? graph.bad, rates, &numbers))
    }
    let runs = played.map(\.runs).sorted()[plays / 2]
    return Rest(runs: runs, seconds: played.map(\.seconds).sorted()[plays / 2])
  }

  /// The maximum number of simulated boots, which is enough to say "hours".
  private static let limit = 400

  private func play(_ culprit: Int, _ rates: BootPrior.Point, _ numbers: inout SeededNumbers) -> Rest {
    var search = self
    var rest = Rest(runs: 0, seconds: 0)
    var boots = 0
    while boots < Bisection.limit, case .probe(let probe) = search.next() {
      let hasBug = graph.hasBug(probe.node, from: culprit)
      let areClones = probe.clones > 1
      // The means of a boot and within it are not those of a run that has a boot of its own.
      let (between, within) = areClones ? (rates.between, rates.within) : (rates.product, 1)
      let isSusceptible = hasBug && numbers.fraction() < between
      var (clean, isSeen) = (0, false)
      while !isSeen, clean < probe.clones {
        isSeen = isSusceptible && (within == 1 || numbers.fraction() < within)
        if !isSeen { clean += 1 }
      }
      let runs = clean + (isSeen ? 1 : 0)
      rest.seconds +=
        search.secondsOfBuild(probe.node) + cost.seconds(boots: 1, runs: Double(runs), areClones: areClones)
      rest.runs += runs
      boots += 1
      search.add(
        Evidence(
          .commit(probe.commit), isSeen ? .targetSeen : .clean, clean: areClones ? isSeen ? clean : clean - 1 : nil))
    }
    return rest
  }
}
