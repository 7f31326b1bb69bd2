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
func betaProbability(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let (a, b) = (boundedCount(a), boundedCount(b))
  return betaProbability(x, a, b, logBeta(a, b))
}

/// The same with ln B(a, b) at hand.
///
/// It is the continued fraction 26.5.8 of Abramowitz and Stegun, evaluated by Lentz's method.
private func betaProbability(_ x: Double, _ a: Double, _ b: Double, _ scale: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  // The fraction converges fast below the mean; above it, the other tail is used.
  if x > (a + 1) / (a + b + 2) { return 1 - betaProbability(1 - x, b, a, scale) }
  let front = exp(a * log(x) + b * log1p(-x) - scale) / a
  let least = 1e-300
  var c = 1.0
  var d = 1 - (a + b) * x / (a + 1)
  d = 1 / (abs(d) < least ? least : d)
  var fraction = d
  func take(_ term: Double) {
    d = 1 + term * d
    d = 1 / (abs(d) < least ? least : d)
    c = 1 + term / c
    if abs(c) < least { c = least }
    fraction *= c * d
  }
  for step in 1...10_000 {
    let m = Double(step)
    take(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)))
    take(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)))
    if abs(c * d - 1) < 1e-12 { break }
  }
  return min(max(front * fraction, 0), 1)
}

/// Returns the value of Beta(a, b) that is not exceeded with this probability.
///
/// It goes by Newton's method where that stays between the values that are known to be too low and too high, and halves what
/// is left elsewhere.
func betaQuantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
  guard probability > 0 else { return 0 }
  guard probability < 1 else { return 1 }
  let (a, b) = (boundedCount(a), boundedCount(b))
  let scale = logBeta(a, b)
  var (low, high) = (0.0, 1.0)
  var x = a / (a + b)
  for _ in 0..<100 {
    let excess = betaProbability(x, a, b, scale) - probability
    if excess < 0 { low = x } else { high = x }
    let density = exp((a - 1) * log(x) + (b - 1) * log1p(-x) - scale)
    var next = x - excess / density
    if !(next > low && next < high) { next = (low + high) / 2 }
    // The probability itself is not more exact.
    if abs(next - x) <= 1e-12 * next || high - low <= 1e-12 * high { return next }
    x = next
  }
  return x
}

/// Returns the two-sided probability of a value of Student's distribution at least as far from zero as `t`.
func studentTails(_ t: Double, degrees: Double) -> Double {
  guard t.isFinite, degrees > 0 else { return t.isNaN ? 1 : 0 }
  return betaProbability(degrees / (degrees + t * t), degrees / 2, 0.5)
}
