import Glibc

/// Returns ln B(a, b). Arguments are brought into 1e-9…1e12, so that the result is finite for any input, also NaN.
func logBeta(_ a: Double, _ b: Double) -> Double {
  let (a, b) = (boundedCount(a), boundedCount(b))
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/// Brings a number that stands for a count of runs into 1e-9…1e12; NaN becomes the least.
private func boundedCount(_ value: Double) -> Double { value > 1e-9 ? min(value, 1e12) : 1e-9 }

/// Returns ln Γ(x) for x > 0. `lgamma_r` instead of `lgamma`, which writes a global variable.
func logGamma(_ x: Double) -> Double {
  var sign: Int32 = 0
  return lgamma_r(x, &sign)
}

/// Returns the regularised incomplete beta function I_x(a, b): the probability that a value of Beta(a, b) is at most x.
///
/// It is the continued fraction 26.5.8 of Abramowitz and Stegun, evaluated by Lentz's method.
func betaProbability(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  let (a, b) = (boundedCount(a), boundedCount(b))
  // The fraction converges fast below the mean; above it, the other tail is used.
  if x > (a + 1) / (a + b + 2) { return 1 - betaProbability(1 - x, b, a) }
  let front = exp(a * log(x) + b * log1p(-x) - logBeta(a, b)) / a
  let least = 1e-300
  var c = 1.0
  var d = 1 - (a + b) * x / (a + 1)
  d = 1 / (abs(d) < least ? least : d)
  var fraction = d
  for step in 1...10_000 {
    let m = Double(step)
    for term in [
      m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
    ] {
      d = 1 + term * d
      d = 1 / (abs(d) < least ? least : d)
      c = 1 + term / c
      if abs(c) < least { c = least }
      fraction *= c * d
    }
    if abs(c * d - 1) < 1e-12 { break }
  }
  return min(max(front * fraction, 0), 1)
}

/// Returns the value of Beta(a, b) that is not exceeded with this probability.
func betaQuantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
  guard probability > 0 else { return 0 }
  guard probability < 1 else { return 1 }
  var (low, high) = (0.0, 1.0)
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if betaProbability(middle, a, b) < probability { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

/// Returns the two-sided probability of a value of Student's distribution at least as far from zero as `t`.
func studentTails(_ t: Double, degrees: Double) -> Double {
  guard t.isFinite, degrees > 0 else { return t.isNaN ? 1 : 0 }
  return betaProbability(degrees / (degrees + t * t), degrees / 2, 0.5)
}
