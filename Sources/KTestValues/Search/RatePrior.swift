import Glibc

/// The prior for an unknown rate: weights on a grid of rates.
///
/// A sum over a grid instead of an integral makes every step reproducible, and allows any shape.
package struct RatePrior: Sendable, Equatable {
  package let rates: [Double]
  let logWeights: [Double]
  private let logRates: [Double]
  private let logMisses: [Double]

  /// Creates a prior. Weights need not sum to one. Rates are in 0…1.
  package init(_ points: [(rate: Double, weight: Double)]) {
    let total = points.reduce(0) { $0 + $1.weight }
    rates = points.map(\.rate)
    logWeights = points.map { log($0.weight / total) }
    logRates = rates.map { log($0) }
    logMisses = rates.map { log(1 - $0) }
  }

  /// Returns the prior for the rate of the bug: `certainty` on "always", the rest is Jeffreys' prior 1/√(p(1−p)) from 1
  /// % up, which is even in arcsin √p (Jeffreys 1946). It is the least favourable prior (Clarke and Barron 1994), so
  /// that the error is about the same at every rate.
  package static func showing(certainty: Double) -> RatePrior {
    let (low, count) = (asin(0.1), 40)
    var points = (0..<count).map { step -> (rate: Double, weight: Double) in
      let root = sin(low + (.pi / 2 - low) * (Double(step) + 0.5) / Double(count))
      return (root * root, (1 - certainty) / Double(count))
    }
    if certainty > 0 { points.append((1, certainty)) }
    return RatePrior(points)
  }

  /// The prior for the rate at which a boot without the bug shows the target nevertheless; it is small and also unknown.
  package static let falseAlarm = RatePrior([(0.00003, 0.35), (0.0003, 0.35), (0.002, 0.28), (0.01, 0.02)])

  /// Returns log ∫ rate^seen (1−rate)^clean dprior, the likelihood of the results.
  func logEvidence(seen: Int, clean: Int) -> Double {
    logSum(terms(seen, clean))
  }

  /// Returns the likelihood of all boots but some, each of which counts once: however many runs of it were clean, they show
  /// only once that a boot can be.
  func logEvidence(_ boots: BootCounts, without some: BootCounts) -> Double {
    logEvidence(seen: boots.seen - some.seen, clean: boots.clean - some.clean)
  }

  /// Returns the posterior weights of the grid's rates, or nil if no rate explains the results.
  func posterior(seen: Int, clean: Int) -> [Double]? {
    let terms = terms(seen, clean)
    let total = logSum(terms)
    return total > -.infinity ? terms.map { exp($0 - total) } : nil
  }

  private func terms(_ seen: Int, _ clean: Int) -> [Double] {
    rates.indices.map { index in
      // 0 × log 0 is 0 here, because nothing impossible was seen.
      logWeights[index] + (seen == 0 ? 0 : Double(seen) * logRates[index])
        + (clean == 0 ? 0 : Double(clean) * logMisses[index])
    }
  }
}

/// Returns log Σ exp(term) without overflow.
func logSum(_ terms: [Double]) -> Double {
  guard let most = terms.max(), most > -.infinity else { return -.infinity }
  return most + log(terms.reduce(0) { $0 + exp($1 - most) })
}
