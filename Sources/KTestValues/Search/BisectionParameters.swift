/// The parameters of a search. Probabilities are in 0…1.
package struct BisectionParameters: Codable, Sendable, Equatable {
  /// The probability at which a culprit is named.
  package var confidence = 0.95
  /// The initial probability that the bug always shows: with it, the search halves like `git bisect`. One run without
  /// the target where it should have shown ends this assumption.
  package var certainty = 0.95
  /// The same for the verification, which is more sceptical.
  package var scepticalCertainty = 0.1
  /// The prior probability that the bad end does not have the bug.
  package var badEndDoubt = 0.02
  /// The prior probability that the good ends have it.
  package var goodEndDoubt = 0.03
  /// An end is proved below this probability of being wrong.
  package var endProof = 0.017
  /// The number of clean boots of the bad end that end the search: sixty miss a bug that shows in 5 % of them once in
  /// twenty times.
  package var maximumEndRuns = 60
  /// The minimum number of boots of the culprit and of each of its parents in the verification.
  package var verificationRuns = 1
  /// The number of boots with evidence after which the search ends undecided.
  package var maximumRuns = 5000
  /// The number of consecutive failures of the harness that end the search.
  package var maximumInfrastructure = 3

  /// The most runs of one boot, as clones of its guest; nil if each run boots, as in searches of earlier versions.
  package var clones: Int?

  package init() {}

  /// Lets one run decide: the target is a count that is the same in every boot of a kernel.
  package mutating func assumeExactness() { (certainty, scepticalCertainty) = (1, 1) }

  /// The probability at which the search stops. Half of the allowed error is held back because the model is not exact,
  /// mostly for rates at which the error is above the average over all.
  var stop: Double { 1 - (1 - confidence) / 2 }
  /// The probability at which the verification of a culprit begins.
  var verify: Double { min(stop, max(0.5, 1 - (1 - confidence) * 4)) }
}

/// A kernel to run the case on.
package struct Probe: Codable, Sendable, Equatable {
  package enum Purpose: String, Codable, Sendable { case proveBadEnd, proveGoodEnd, search, verify }

  package var purpose: Purpose
  /// The index in the graph.
  package var node: Int
  package var commit: String
  /// The number of boots after which the plan is over. Each is decided anew, and one that shows the target ends it.
  package var boots: Int
  /// The maximum number of runs of the next boot, which ends with the first that is not clean. They are clones of one guest
  /// if there are more than one.
  package var clones: Int

  package init(purpose: Purpose, node: Int, commit: String, boots: Int, clones: Int = 1) {
    (self.purpose, self.node, self.commit, self.boots, self.clones) = (purpose, node, commit, boots, clones)
  }
}

/// The end of a search.
package enum Conclusion: Codable, Sendable, Equatable {
  /// A verified node with its probability.
  case culprit(node: Int, probability: Double)
  /// The culprit is one of these, with the probability of all of them together; no usable kernel can tell them apart.
  case remaining(nodes: [Int], probability: Double)
  /// The limit of runs was reached with these left.
  case outOfRuns(nodes: [Int], probability: Double)
  /// The target does not show where it should.
  case badEndIsClean(runs: Int)
  /// The target shows at this good end, or this is the most likely explanation.
  case goodEndHasTarget(node: Int, probability: Double)
  /// This end does not build, boot, or give a clear answer.
  case endIsUnusable(node: Int)
  /// The harness failed several times in a row; this says nothing about the kernel.
  case infrastructure
  /// No commit explains the evidence: supposedly identical kernels behaved differently, or the ends are the same.
  case contradiction
}

package enum BisectionStep: Sendable, Equatable {
  case probe(Probe)
  case stop(Conclusion)
}
