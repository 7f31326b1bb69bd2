/// Which failures are reported: as many as possible, so that one in twenty of all that is reported is a false alarm, however
/// many series there are. It is the Bayesian false discovery rate: the mean probability of being wrong.
package struct FalseAlarmLimit: Sendable, Equatable, Codable {
  /// The share of false alarms that is allowed.
  package static let share = 0.05
  /// What is more likely not new than new is never reported.
  package static let leastProbability = 0.5

  /// How many were reported before, and the sum of their probabilities of being wrong. Nights with sure failures leave room
  /// for doubtful ones.
  package private(set) var reports = 0
  package private(set) var doubt = 0.0

  package init() {}

  /// Returns whether so many series failed in the first run of a night that one thing broke them all: the base of the tree,
  /// the host or ktest. That is one report; no series is blamed, and none is run again.
  /// - Parameter former: how many failed on each of the nights before.
  package static func isFlood(failed: Int, former: [Int]) -> Bool {
    let usual = Samples(former.suffix(30).map(Double.init)).median ?? 0
    return Double(failed) > 10 + 2 * usual
  }

  /// Returns the places of those that are reported together, and counts them.
  package mutating func choose(_ probabilities: [Double]) -> [Int] {
    let doubts = probabilities.map { $0 >= 0 ? 1 - min($0, 1) : 1 }
    var taken: [Int] = []
    for place in doubts.indices.sorted(by: { (doubts[$0], $0) < (doubts[$1], $1) }) {
      let sum = doubt + doubts[place]
      guard 1 - doubts[place] >= FalseAlarmLimit.leastProbability,
        sum <= FalseAlarmLimit.share * Double(reports + 1)
      else { break }
      (reports, doubt) = (min(reports + 1, Int(Int32.max)), sum)
      taken.append(place)
    }
    return taken.sorted()
  }
}
