/// What a search is asked for. Chances are in 0…1.
public struct BisectionParameters: Codable, Sendable, Equatable {
  /// A culprit is named at this chance of being right.
  public var confidence = 0.95
  /// How sure the search begins that the bug shows always: it then halves as `git bisect` does. One run without the
  /// target where it should have shown ends that belief.
  public var certainty = 0.95
  /// The same for the verification, which is harder to convince.
  public var scepticalCertainty = 0.1
  /// The chance, before anything has run, that the bad end does not have the bug.
  public var badEndDoubt = 0.02
  /// The chance, before anything has run, that the good ends have it.
  public var goodEndDoubt = 0.03
  /// An end counts as proved below this chance of being wrong.
  public var endProof = 0.017
  /// So many clean runs at the bad end end the search: sixty miss a bug that shows in 5 % of runs once in twenty times.
  public var maximumEndRuns = 60
  /// Runs of the culprit and of each of its parents in the verification, at least.
  public var verificationRuns = 1
  /// The search ends undecided after this many runs that were evidence.
  public var maximumRuns = 5000
  /// So many failures of the harness one after the other end the search.
  public var maximumInfrastructure = 3

  public init() {}

  /// Where the search stops. The model is not the world, so half of the error that was asked for is left to that, most of it to
  /// rates with which luck is less kind than on average over all.
  var stop: Double { 1 - (1 - confidence) / 2 }
  /// Where the verification of a culprit begins.
  var verify: Double { min(stop, max(0.5, 1 - (1 - confidence) * 4)) }
}

/// One kernel to run the case on.
public struct Probe: Codable, Sendable, Equatable {
  public enum Purpose: String, Codable, Sendable { case proveBadEnd, proveGoodEnd, search, verify }

  public var purpose: Purpose
  /// Index in the graph.
  public var node: Int
  public var commit: String
  /// At most this many runs are worth it before the next decision; a run that shows the target ends the batch.
  public var runs: Int

  public init(purpose: Purpose, node: Int, commit: String, runs: Int) {
    (self.purpose, self.node, self.commit, self.runs) = (purpose, node, commit, runs)
  }
}

/// How a search ends.
public enum Conclusion: Codable, Sendable, Equatable {
  /// Node and its chance of being right; verified.
  case culprit(node: Int, probability: Double)
  /// The culprit is one of these, with this chance for all of them together; no usable kernel tells them apart.
  case remaining(nodes: [Int], probability: Double)
  /// The limit of runs was reached with these left.
  case outOfRuns(nodes: [Int], probability: Double)
  /// The target does not show where it should.
  case badEndIsClean(runs: Int)
  /// The target shows at this good end, or every rival explanation is less likely than that it does.
  case goodEndHasTarget(node: Int, probability: Double)
  /// This end does not build, boot, or give a clear answer.
  case endIsUnusable(node: Int)
  /// The harness failed several times in a row; nothing is said about the kernel.
  case infrastructure
  /// No commit explains the evidence: kernels that were said to be identical behaved differently, or the ends are one.
  case contradiction
}

public enum BisectionStep: Sendable, Equatable {
  case probe(Probe)
  case stop(Conclusion)
}
