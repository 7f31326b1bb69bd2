import Glibc

/// What is believed of an unknown rate before anything is seen: weights on a grid of rates.
///
/// A sum over a grid in place of an integral keeps every step exact to repeat, and takes any shape.
public struct RatePrior: Sendable, Equatable {
  public let rates: [Double]
  let logWeights: [Double]
  private let logRates: [Double]
  private let logMisses: [Double]

  /// Weights need not sum to one. Rates are in 0…1.
  public init(_ points: [(rate: Double, weight: Double)]) {
    let total = points.reduce(0) { $0 + $1.weight }
    rates = points.map(\.rate)
    logWeights = points.map { log($0.weight / total) }
    logRates = rates.map { log($0) }
    logMisses = rates.map { log(1 - $0) }
  }

  /// The showing rate of the bug: `certainty` on "always", the rest is Jeffreys' prior 1/√(p(1−p)) from 1 % on, which
  /// is even in arcsin √p (Jeffreys 1946). It is the least favourable one to a learner (Clarke and Barron 1994), so
  /// that the error comes out about the same at every rate.
  public static func showing(certainty: Double) -> RatePrior {
    let (low, count) = (asin(0.1), 40)
    var points = (0..<count).map { step -> (rate: Double, weight: Double) in
      let root = sin(low + (.pi / 2 - low) * (Double(step) + 0.5) / Double(count))
      return (root * root, (1 - certainty) / Double(count))
    }
    if certainty > 0 { points.append((1, certainty)) }
    return RatePrior(points)
  }

  /// The rate at which a kernel without the bug shows the target nevertheless; small, and unknown as well.
  public static let falseAlarm = RatePrior([(0.00003, 0.35), (0.0003, 0.35), (0.002, 0.28), (0.01, 0.02)])

  /// log ∫ rate^seen (1−rate)^clean dprior: the likelihood of what was seen.
  func logEvidence(seen: Int, clean: Int) -> Double {
    logSum(terms(seen, clean))
  }

  /// The posterior weights of the grid's rates; nil where no rate explains what was seen.
  func posterior(seen: Int, clean: Int) -> [Double]? {
    let terms = terms(seen, clean)
    let total = logSum(terms)
    return total > -.infinity ? terms.map { exp($0 - total) } : nil
  }

  private func terms(_ seen: Int, _ clean: Int) -> [Double] {
    rates.indices.map { index in
      // 0 × log 0 is 0 here: nothing was seen that could not be.
      logWeights[index] + (seen == 0 ? 0 : Double(seen) * logRates[index])
        + (clean == 0 ? 0 : Double(clean) * logMisses[index])
    }
  }
}

/// log Σ exp(term), without leaving the range of numbers.
func logSum(_ terms: [Double]) -> Double {
  guard let most = terms.max(), most > -.infinity else { return -.infinity }
  return most + log(terms.reduce(0) { $0 + exp($1 - most) })
}
