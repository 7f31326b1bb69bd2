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
    let rate = hopedRate ?? 1
    var numbers = SeededNumbers(seed: seed)
    var played: [Rest] = []
    for _ in 0..<plays {
      var place = numbers.fraction() * sum
      let culprit = chances.firstIndex { chance in
        place -= chance
        return place < 0
      }
      played.append(play(culprit ?? graph.bad, rate: rate, &numbers))
    }
    let runs = played.map(\.runs).sorted()[plays / 2]
    return Rest(runs: runs, seconds: played.map(\.seconds).sorted()[plays / 2])
  }

  /// The maximum number of simulated runs, which is enough to say "hours".
  private static let limit = 400

  private func play(_ culprit: Int, rate: Double, _ numbers: inout SeededNumbers) -> Rest {
    var search = self
    var rest = Rest(runs: 0, seconds: 0)
    while rest.runs < Bisection.limit, case .probe(let probe) = search.next() {
      let shows = graph.hasBug(probe.node, from: culprit) && numbers.fraction() < rate
      rest.seconds += search.secondsOfBuild(probe.node) + cost.secondsPerRun
      rest.runs += 1
      search.add(Evidence(.commit(probe.commit), shows ? .targetSeen : .clean))
    }
    return rest
  }
}
