/// A search as it is kept: what it was asked, what it has seen. Reading it back and replaying gives the same search, to
/// the last bit.
public struct BisectionRecord: Codable, Sendable, Equatable {
  public var version = 1
  public var graph: CommitGraph
  public var parameters: BisectionParameters
  /// As it was before anything was learned.
  public var cost: CostModel
  public var evidence: [Evidence]
  public var identical: [IdenticalKernels]

  public init(
    graph: CommitGraph, parameters: BisectionParameters, cost: CostModel = CostModel(), evidence: [Evidence] = [],
    identical: [IdenticalKernels] = []
  ) {
    (self.graph, self.parameters, self.cost) = (graph, parameters, cost)
    (self.evidence, self.identical) = (evidence, identical)
  }

  /// Asks for each step as the search did, so that a verification begins again where it began.
  public var bisection: Bisection {
    var bisection = Bisection(graph, parameters, cost: cost)
    for index in 0...evidence.count {
      for pair in identical where pair.after == index { bisection.addIdentical(pair.first, pair.second) }
      guard index < evidence.count else { break }
      _ = bisection.next()
      bisection.add(evidence[index])
    }
    return bisection
  }
}

/// Two commits that build the same kernel, bit for bit.
public struct IdenticalKernels: Codable, Sendable, Equatable {
  public var first: String
  public var second: String
  /// How much evidence there was when that was found.
  public var after: Int

  public init(first: String, second: String, after: Int) {
    (self.first, self.second, self.after) = (first, second, after)
  }
}

extension Bisection {
  /// What a journal keeps. Evidence alone, appended line by line, does as well: the rest never changes.
  public var record: BisectionRecord {
    BisectionRecord(
      graph: graph, parameters: parameters, cost: costBefore, evidence: evidence, identical: identical)
  }
}
