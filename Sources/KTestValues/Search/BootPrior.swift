import Glibc

/// The prior for the two unknown rates of a bug: the share of boots that are susceptible to it, and the rate at which it
/// shows in a run within such a boot.
///
/// Their product is the rate in a run that has a boot of its own, and its prior is the given one: with one run a boot,
/// nothing depends on how it is divided. Each product p is divided into a share p^e of boots and a rate p^(1−e) within, with
/// the exponents e from 0, where every boot is susceptible, to 1, where every run in a susceptible boot shows it.
package struct BootPrior: Sendable, Equatable {
  package struct Point: Sendable, Equatable {
    /// The share of boots that are susceptible.
    var between: Double
    /// The rate within such a boot.
    var within: Double
    var product: Double
  }

  /// The prior of the product.
  let product: RatePrior
  private let grid: Grid
  private let logWeights: [Double]

  var points: [Point] { grid.points }

  /// How a product is divided is as unknown as it can be. More weight on the ends would take searches of mixtures for
  /// searches of pure cases: where a third of the boots is susceptible, and a third of the runs in them shows the bug, twice
  /// as many named a wrong culprit.
  private static let exponents = [0, 0.25, 0.5, 0.75, 1]

  package init(_ product: RatePrior) {
    self.product = product
    grid = product.rates == Grid.usual.rates ? .usual : Grid(product.rates)
    logWeights = grid.shares.map { product.logWeights[$0.rate] + log($0.weight) }
  }

  package static func showing(certainty: Double) -> BootPrior { BootPrior(.showing(certainty: certainty)) }

  /// Returns the log of the likelihood of the boots' runs.
  func logEvidence(_ boots: BootCounts) -> Double {
    boots.isSingle ? product.logEvidence(seen: boots.seen, clean: boots.clean) : logSum(terms(boots))
  }

  /// Returns the posterior weights of ``points``, or nil if none explains the runs.
  func posterior(_ boots: BootCounts) -> [Double]? {
    let terms = terms(boots)
    let total = logSum(terms)
    return total > -.infinity ? terms.map { exp($0 - total) } : nil
  }

  private func terms(_ boots: BootCounts) -> [Double] {
    var terms = logWeights
    for entry in boots.entries {
      let (logs, count) = (grid.logs(entry.runs), Double(entry.count))
      for index in terms.indices { terms[index] += count * logs[index] }
    }
    return terms
  }

  /// The points, and the log of the likelihood of one boot at each of them.
  private struct Grid: Sendable, Equatable {
    let rates: [Double]
    private(set) var points: [Point] = []
    /// For each point the index of its rate, and the weight of its division.
    private(set) var shares: [(rate: Int, weight: Double)] = []
    /// For boots of up to ``BootRuns/most`` runs: those without a sighting by their clean runs, then those with one.
    private var known: [[Double]] = []

    static let usual = Grid(RatePrior.showing(certainty: 0.5).rates)

    init(_ rates: [Double]) {
      self.rates = rates
      for (index, rate) in rates.enumerated() {
        // "Always" cannot be divided.
        let exponents = rate < 1 ? BootPrior.exponents : [1]
        for exponent in exponents {
          points.append(Point(between: pow(rate, exponent), within: pow(rate, 1 - exponent), product: rate))
          shares.append((index, 1 / Double(exponents.count)))
        }
      }
      known = [0, 1].flatMap { seen in
        (0...BootRuns.most).map { clean in points.map { $0.logLikelihood(BootRuns(seen: seen, clean: clean)) } }
      }
    }

    func logs(_ runs: BootRuns) -> [Double] {
      if runs.seen <= 1, runs.clean <= BootRuns.most { return known[runs.seen * (BootRuns.most + 1) + runs.clean] }
      return points.map { $0.logLikelihood(runs) }
    }

    static func == (one: Grid, other: Grid) -> Bool { one.rates == other.rates }
  }
}

extension BootPrior.Point {
  /// log( q r^s (1−r)^c + (1−q) [s = 0] )
  func logLikelihood(_ runs: BootRuns) -> Double {
    if runs == BootRuns(seen: 1, clean: 0) { return log(product) }
    if runs == BootRuns(seen: 0, clean: 1) { return log(1 - product) }
    guard runs.seen > 0 else { return log(between * pow(1 - within, Double(runs.clean)) + (1 - between)) }
    let misses = runs.clean == 0 ? 0 : Double(runs.clean) * log(1 - within)
    return log(between) + Double(runs.seen) * log(within) + misses
  }

  /// The probability that a boot with so many runs at most shows the target.
  func chance(runs: Int) -> Double { between * (1 - pow(1 - within, Double(runs))) }

  /// The expected number of runs of a boot that ends at the first sighting.
  func expectedRuns(atMost most: Int) -> Double { (1 - between) * Double(most) + chance(runs: most) / within }
}
