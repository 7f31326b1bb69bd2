/// A search for the culprit of a new failure that could be started by itself.
package struct SearchWish: Sendable, Equatable {
  package var series: SeriesKey
  package var probability: Double
  /// The estimated rate of failures on the bad end.
  package var rate: Double
  /// Both ends of the range, as commits or builds.
  package var good: String
  package var bad: String
  /// The configuration families of both ends.
  package var goodFamily: String
  package var badFamily: String
  /// The title of the splat; empty for a failure without one.
  package var splat: String
  /// How many kernels lie in the range.
  package var kernels: Int
  /// What one run takes, with its build.
  package var secondsPerRun: Double

  package init(
    series: SeriesKey, probability: Double, rate: Double, good: String, bad: String, goodFamily: String,
    badFamily: String, splat: String = "", kernels: Int, secondsPerRun: Double
  ) {
    (self.series, self.probability, self.rate) = (series, probability, rate)
    (self.good, self.bad, self.goodFamily, self.badFamily) = (good, bad, goodFamily, badFamily)
    (self.splat, self.kernels, self.secondsPerRun) = (splat, kernels, secondsPerRun)
  }

  /// A search of the same range for the same thing answers both.
  package struct Range: Sendable, Hashable, Codable {
    package var good: String
    package var bad: String
    package var splat: String

    package init(good: String, bad: String, splat: String) { (self.good, self.bad, self.splat) = (good, bad, splat) }
  }

  package var range: Range { Range(good: good, bad: bad, splat: splat) }

  /// The range times the seconds of a run over the rate: what comes first is cheapest.
  package var cost: Double {
    let cost = Double(max(1, kernels)) * max(secondsPerRun, 0) / rate
    return cost.isFinite ? cost : .greatestFiniteMagnitude
  }

  package enum Refusal: String, Sendable, Codable, CaseIterable {
    case notSure, otherConfiguration, tooRare, openSearch, noRange, budget
  }

  /// Returns why no search starts by itself, whatever it costs; nil if one does.
  package func refusal(open: Set<Range> = []) -> Refusal? {
    if !(probability >= 0.95) { return .notSure }
    if goodFamily != badFamily { return .otherConfiguration }
    if !(rate >= 0.05) { return .tooRare }
    if good.isEmpty || bad.isEmpty || good == bad { return .noRange }
    return open.contains(range) ? .openSearch : nil
  }

  /// Returns which of the wishes are searched tonight, the cheapest first, and why the others are not. What does not fit
  /// in the budget waits for the next night. One range with one splat is one search, however many series fail by it.
  package static func plan(
    _ wishes: [SearchWish], open: Set<Range> = [], seconds budget: Double, searches most: Int
  ) -> (chosen: [SearchWish], refused: [(wish: SearchWish, why: Refusal)]) {
    var taken = open
    var left = budget.isNaN ? 0 : budget
    var chosen: [SearchWish] = []
    var refused: [(wish: SearchWish, why: Refusal)] = []
    for wish in wishes.sorted(by: { ($0.cost, $0.series) < ($1.cost, $1.series) }) {
      if let why = wish.refusal(open: taken) {
        refused.append((wish, why))
      } else if wish.cost > left || chosen.count >= most {
        refused.append((wish, .budget))
      } else {
        left -= wish.cost
        taken.insert(wish.range)
        chosen.append(wish)
      }
    }
    return (chosen, refused)
  }
}
