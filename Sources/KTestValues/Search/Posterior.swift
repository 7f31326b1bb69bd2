import Glibc

/// The posterior distribution of the commit that introduced the bug.
///
/// A hypothesis is a culprit `c`: exactly `c` and its descendants have the bug. A boot of a commit with the bug is
/// susceptible with the unknown rate `q`, and a run in it then shows the target with the unknown rate `r`; a boot of another
/// commit shows it with the unknown small rate `f`. Only how many boots had which runs matters of a hypothesis, so hypotheses
/// with the same numbers form a class, and a step costs a pass over the commits and a sum over the grid of rates per class.
/// The numbers are integers, so the order of evidence does not matter, not even in the last bit.
struct Posterior: Sendable, Equatable {
  /// The runs and statements on commits that have the bug under one class of hypotheses.
  struct Tally: Sendable, Hashable {
    var boots = BootCounts()
    var saidBad = 0
    var saidGood = 0

    mutating func count(_ item: Evidence) {
      switch (item.outcome, item.source) {
      case (_, .run): boots.add(item.boot)
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
  private var hypotheses: HypothesisClasses
  private(set) var classes: [Tally] = [Tally()]
  private(set) var total = Tally()

  /// Creates a posterior. `logPrior` has one number per hypothesis; they need not be normalised.
  init(prior: [Double]) {
    logPrior = prior.map { log($0) }
    hypotheses = HypothesisClasses(count: prior.count)
  }

  private var classOf: [Int32] { hypotheses.classOf }

  /// Adds what one boot showed of a kernel that has the bug under the hypotheses `members`, and under no other.
  mutating func add(_ item: Evidence, hasBug members: [Int]) {
    guard item.speaks else { return }
    total.count(item)
    for (index, successor) in hypotheses.split(members).enumerated() where successor >= 0 {
      if Int(successor) == index {
        classes[index].count(item)
        continue
      }
      var split = classes[index]
      split.count(item)
      classes.append(split)
    }
  }

  /// Rules out hypotheses.
  mutating func exclude(where isExcluded: (Int) -> Bool) {
    for index in logPrior.indices where isExcluded(index) { logPrior[index] = -.infinity }
  }

  /// Returns nil if the evidence rules out every hypothesis.
  func distribution(_ showing: BootPrior) -> Distribution? {
    let wrong = log(Self.statementError)
    let right = log(1 - Self.statementError)
    var logs: [Tally: Double] = [:]
    let classLogs = classes.map { tally -> Double in
      if let known = logs[tally] { return known }
      let against = tally.saidGood + total.saidBad - tally.saidBad
      let agreeing = total.saidBad + total.saidGood - against
      let value =
        showing.logEvidence(tally.boots) + RatePrior.falseAlarm.logEvidence(total.boots, without: tally.boots)
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
