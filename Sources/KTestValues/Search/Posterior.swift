import Glibc

/// The posterior distribution of the commit that introduced the bug.
///
/// A hypothesis is a culprit `c`: exactly `c` and its descendants have the bug. A run on a commit with the bug shows
/// the target with the unknown rate `p`, on another with the unknown small rate `f`. Only four counts of a hypothesis
/// matter, so hypotheses with the same counts form a class, and a step costs a pass over the commits and a sum over the
/// grid of rates per class. Counts are integers, so the order of evidence does not matter, not even in the last bit.
struct Posterior: Sendable, Equatable {
  /// The runs and statements on commits that have the bug under one class of hypotheses.
  struct Tally: Sendable, Hashable {
    var seen = 0
    var clean = 0
    var saidBad = 0
    var saidGood = 0

    mutating func count(_ outcome: ProbeOutcome, _ source: Evidence.Source) {
      switch (outcome, source) {
      case (.targetSeen, .run): seen += 1
      case (.clean, .run): clean += 1
      case (.targetSeen, .statement): saidBad += 1
      case (.clean, .statement): saidGood += 1
      default: break
      }
    }
  }

  /// A posterior as probabilities, with the prediction of each class.
  struct Distribution: Sendable {
    /// The probability of each node, and last the probability that the bug is not in the bad end at all.
    var probabilities: [Double]
    var classes: [Tally]
    var total: Tally
    var classOf: [Int32]

    var nowhere: Double { probabilities.last ?? 0 }

    /// Returns the hypotheses by falling probability until their sum reaches `mass`.
    func smallestSet(of mass: Double) -> (members: [Int], mass: Double) {
      let likely = probabilities.indices.filter { probabilities[$0] > 1e-6 }
      let sorted = likely.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
      var sum = 0.0
      var members: [Int] = []
      for one in sorted where sum < mass {
        members.append(one)
        sum += probabilities[one]
      }
      return (members, sum)
    }

    var top: (hypothesis: Int, probability: Double) {
      var best = (hypothesis: 0, probability: -1.0)
      for (index, probability) in probabilities.enumerated() where probability > best.probability {
        best = (index, probability)
      }
      return best
    }
  }

  /// The probability that a statement of another search is wrong.
  static let statementError = 0.02

  private var logPrior: [Double]
  private(set) var classOf: [Int32]
  private(set) var classes: [Tally] = [Tally()]
  private(set) var total = Tally()
  private var sizes: [Int]

  /// Creates a posterior. `logPrior` has one number per hypothesis; they need not be normalised.
  init(prior: [Double]) {
    logPrior = prior.map { log($0) }
    classOf = [Int32](repeating: 0, count: prior.count)
    sizes = [prior.count]
  }

  /// Adds one result of a kernel that has the bug under the hypotheses `members`, and under no other.
  mutating func add(_ outcome: ProbeOutcome, _ source: Evidence.Source, hasBug members: [Int]) {
    guard outcome.speaks else { return }
    total.count(outcome, source)
    var inside = [Int](repeating: 0, count: classes.count)
    for member in members { inside[Int(classOf[member])] += 1 }
    var successor = [Int32](repeating: -1, count: classes.count)
    for (index, count) in inside.enumerated() where count > 0 {
      if count == sizes[index] {
        classes[index].count(outcome, source)
        continue
      }
      successor[index] = Int32(classes.count)
      var split = classes[index]
      split.count(outcome, source)
      classes.append(split)
      sizes[index] -= count
      sizes.append(count)
    }
    for member in members {
      let next = successor[Int(classOf[member])]
      if next >= 0 { classOf[member] = next }
    }
  }

  /// Rules out hypotheses.
  mutating func exclude(where isExcluded: (Int) -> Bool) {
    for index in logPrior.indices where isExcluded(index) { logPrior[index] = -.infinity }
  }

  /// Returns nil if the evidence rules out every hypothesis.
  func distribution(_ showing: RatePrior) -> Distribution? {
    let wrong = log(Self.statementError)
    let right = log(1 - Self.statementError)
    var logs: [Tally: Double] = [:]
    let classLogs = classes.map { tally -> Double in
      if let known = logs[tally] { return known }
      let against = tally.saidGood + total.saidBad - tally.saidBad
      let agreeing = total.saidBad + total.saidGood - against
      let value =
        showing.logEvidence(seen: tally.seen, clean: tally.clean)
        + RatePrior.falseAlarm.logEvidence(seen: total.seen - tally.seen, clean: total.clean - tally.clean)
        + (against == 0 ? 0 : Double(against) * wrong) + Double(agreeing) * right
      logs[tally] = value
      return value
    }
    var most = -Double.infinity
    for index in logPrior.indices { most = max(most, logPrior[index] + classLogs[Int(classOf[index])]) }
    guard most > -.infinity else { return nil }
    var probabilities = [Double](repeating: 0, count: logPrior.count)
    var sum = 0.0
    for index in logPrior.indices {
      let probability = exp(logPrior[index] + classLogs[Int(classOf[index])] - most)
      probabilities[index] = probability
      sum += probability
    }
    for index in probabilities.indices { probabilities[index] /= sum }
    return Distribution(probabilities: probabilities, classes: classes, total: total, classOf: classOf)
  }
}
