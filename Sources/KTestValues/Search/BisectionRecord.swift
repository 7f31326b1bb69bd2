/// The stored form of a search: its parameters and its evidence. Replaying it gives exactly the same search.
package struct BisectionRecord: Codable, Sendable, Equatable {
  package var version = 1
  package var graph: CommitGraph
  package var parameters: BisectionParameters
  /// The cost model before anything was learned.
  package var cost: CostModel
  package var evidence: [Evidence]
  package var identical: [IdenticalKernels]

  package init(
    graph: CommitGraph, parameters: BisectionParameters, cost: CostModel = CostModel(), evidence: [Evidence] = [],
    identical: [IdenticalKernels] = []
  ) {
    (self.graph, self.parameters, self.cost) = (graph, parameters, cost)
    (self.evidence, self.identical) = (evidence, identical)
  }

  /// The search, which is asked for each step as it was originally, so that a verification begins again where it began.
  package var bisection: Bisection {
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
package struct IdenticalKernels: Codable, Sendable, Equatable {
  package var first: String
  package var second: String
  /// The number of pieces of evidence when this was found.
  package var after: Int

  package init(first: String, second: String, after: Int) {
    (self.first, self.second, self.after) = (first, second, after)
  }
}

extension Bisection {
  /// The record for a journal. Evidence alone, appended line by line, is sufficient: the rest never changes.
  package var record: BisectionRecord {
    BisectionRecord(
      graph: graph, parameters: parameters, cost: costBefore, evidence: evidence, identical: identical)
  }
}
