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

  /// The showing rate of the bug: `certainty` on "always", the rest spread evenly in rate above a half and evenly in
  /// logarithm below, from 1 %.
  public static func showing(certainty: Double) -> RatePrior {
    var points: [(rate: Double, weight: Double)] = []
    let low = 18
    for step in 0..<low { points.append((0.01 * pow(50, (Double(step) + 0.5) / Double(low)), 0.5 / Double(low))) }
    for rate in stride(from: 0.525, to: 0.95, by: 0.05) { points.append((rate, 0.05)) }
    points += [(0.96, 0.02), (0.98, 0.02), (0.995, 0.01)]
    let rest = points.reduce(0) { $0 + $1.weight }
    points = points.map { ($0.rate, $0.weight / rest * (1 - certainty)) }
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
