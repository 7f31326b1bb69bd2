/// How long a search will go on.
extension Bisection {
  public struct Rest: Sendable, Equatable {
    public var runs: Int
    /// Wall-clock seconds of builds, boots and runs.
    public var seconds: Double
  }

  /// Plays the search to its end some times, each with a culprit drawn from what is believed now, and takes the medians:
  /// what a step tells depends on the steps before it, so that nothing simpler is right.
  /// - Returns: nil where no commit can be the culprit any more.
  public func rest(plays: Int = 9, seed: UInt64 = 1) -> Rest? {
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

  /// Long enough to say "hours".
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
