/// The stored form of a search: its parameters and its evidence. Replaying it gives exactly the same search.
public struct BisectionRecord: Codable, Sendable, Equatable {
  public var version = 1
  public var graph: CommitGraph
  public var parameters: BisectionParameters
  /// The cost model before anything was learned.
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

  /// The search, which is asked for each step as it was originally, so that a verification begins again where it began.
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

/// Two commits with bit-identical kernels.
public struct IdenticalKernels: Codable, Sendable, Equatable {
  public var first: String
  public var second: String
  /// The number of pieces of evidence when this was found.
  public var after: Int

  public init(first: String, second: String, after: Int) {
    (self.first, self.second, self.after) = (first, second, after)
  }
}

extension Bisection {
  /// The record for a journal. Evidence alone, appended line by line, is sufficient: the rest never changes.
  public var record: BisectionRecord {
    BisectionRecord(
      graph: graph, parameters: parameters, cost: costBefore, evidence: evidence, identical: identical)
  }
}
