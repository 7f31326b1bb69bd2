import Glibc

/// Compares two pools of runs, such as those of two releases: is the second one worse?
package struct TwoPools: Sendable, Equatable {
  package var base: RunTally
  package var sample: RunTally

  package init(base: RunTally, sample: RunTally) {
    // The test is one of whole runs.
    func whole(_ tally: RunTally) -> RunTally {
      RunTally(failures: min(tally.failures, 1e7).rounded(), runs: min(tally.runs, 1e7).rounded())
    }
    (self.base, self.sample) = (whole(base), whole(sample))
  }

  /// The probability of as many failures in the sample by chance: Fisher's exact test, one-sided.
  package var chance: Double {
    let total = base.runs + sample.runs
    let failed = base.failures + sample.failures
    guard sample.runs > 0, base.runs > 0, failed > 0 else { return 1 }
    func logChoose(_ n: Double, _ k: Double) -> Double { logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) }
    let all = logChoose(total, failed)
    var sum = 0.0
    var count = sample.failures
    while count <= min(failed, sample.runs) {
      let term = exp(logChoose(sample.runs, count) + logChoose(base.runs, failed - count) - all)
      sum += term
      // Beyond the mode the terms only fall.
      if term < sum * 1e-14, count > failed * sample.runs / total { break }
      count += 1
    }
    return min(sum, 1)
  }

  /// - Parameter isOpen: whether it was said to be worse before. Then it stays so until it is less sure than 90 %.
  package func isWorse(isOpen: Bool = false) -> Bool {
    guard base.runs > 0, sample.runs > 0 else { return false }
    if isOpen { return chance < 0.1 }
    return sample.failures >= 3 && chance < 0.05
      && sample.failures / sample.runs - base.failures / base.runs >= 0.05
  }
}
