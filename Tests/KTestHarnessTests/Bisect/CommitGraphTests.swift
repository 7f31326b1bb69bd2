import Testing

@testable import KTestValues

@Suite struct CommitGraphTests {
  private let good = SmallHistory.hash(0)

  private func h(_ index: Int) -> String { SmallHistory.hash(index) }

  @Test func ancestorsAreThoseOfAWalk() throws {
    var numbers = SeededNumbers(seed: 7)
    for _ in 0..<40 {
      let graph = try SmallHistory.random(2 + numbers.below(150), &numbers)
      for node in 0..<graph.count {
        var walked: Set = [node]
        var open = [node]
        while let one = open.popLast() {
          for parent in graph.nodes[one].parents where walked.insert(parent).inserted { open.append(parent) }
        }
        #expect(Set((0..<graph.count).filter { graph.hasBug(node, from: $0) }) == walked)
        #expect(graph.depths[node] == walked.count)
      }
    }
  }

  @Test func aListOfGitIsRead() throws {
    // 4 is a merge of 2 and 3; 2's parent is the good end, 3's is older.
    let text = "\(h(5)) \(h(4))\n\(h(4)) \(h(2)) \(h(3))\n\(h(3)) \(h(99))\n\(h(2)) \(good)\n"
    let graph = try CommitGraph(revList: text, bad: h(5), goods: [good])
    #expect(graph.nodes.map { $0.commits[0] } == [good, h(2), h(3), h(4), h(5)])
    #expect(graph.nodes.map(\.parents) == [[], [0], [0], [1, 2], [3]])
    #expect(graph.candidates == 4)
    #expect(graph.node(of: h(3)) == 2)
    #expect(graph.node(of: String(h(3).prefix(39))) == nil, "a beginning that all have names none")
  }

  @Test func severalGoodEndsAreNodesOfTheirOwn() throws {
    let text = "\(h(5)) \(h(4)) \(h(3))\n\(h(4)) \(h(1))\n\(h(3)) \(h(2))\n"
    let graph = try CommitGraph(revList: text, bad: h(5), goods: [h(1), h(2), h(1)])
    #expect(graph.goods == [0, 1])
    #expect(graph.nodes[graph.node(of: h(3)) ?? 0].parents == [1])
    #expect(graph.candidates == 3)
  }

  @Test func whatIsNoHistoryIsRefused() {
    func problem(_ text: String, bad: String, goods: [String]) -> CommitGraphProblem? {
      do throws(CommitGraphProblem) {
        _ = try CommitGraph(revList: text, bad: bad, goods: goods)
        return nil
      } catch { return error }
    }
    #expect(
      problem("fatal: bad revision", bad: h(1), goods: [good]) == .badLine(number: 1, text: "fatal: bad revision"))
    #expect(problem("", bad: h(1), goods: [good]) == .badIsMissing(h(1)))
    #expect(problem("\(h(1)) \(good)\n", bad: h(1), goods: []) == .noEnds)
    #expect(
      problem("\(h(1)) \(h(2))\n\(h(3)) \(h(1))\n\(h(2)) \(good)", bad: h(1), goods: [good])
        == .notTopological(commit: h(3)))
    #expect(problem("\(h(1)) \(good)\n\(h(1)) \(good)\n", bad: h(1), goods: [good]) == .repeated(commit: h(1)))
    #expect(problem("\(h(1))\n", bad: h(1), goods: [good]) == .goodIsNoAncestor)
  }

  @Test func commitsThatCannotMatterAreMergedIntoThoseTheyBehaveAs() throws {
    // 0 ─ 1 ─ 2 ─ 5 ─ 6 and 1 ─ 3 ─ 4 ─ 5: only 2 and 6 are relevant.
    let graph = try SmallHistory.graph([[], [0], [1], [1], [3], [2, 4], [5]])
    let relevant: Set = [h(2), h(6)]
    let merged = try graph.merging { relevant.contains($0) }
    #expect(merged.nodes.map(\.commits) == [[h(0), h(1), h(3), h(4)], [h(2), h(5)], [h(6)]])
    #expect(merged.nodes.map(\.parents) == [[], [0], [1]])
    #expect(merged.node(of: h(5)) == 1 && merged.commit(1) == h(2))
    #expect(merged.bad == 2 && merged.goods == [0])
  }

  @Test func aMergeOfTwoRelevantSidesMayItselfBeTheCulprit() throws {
    let graph = try SmallHistory.graph([[], [0], [0], [1, 2], [3]])
    let merged = try graph.merging { [h(1), h(2)].contains($0) }
    #expect(merged.nodes.map(\.parents) == [[], [0], [0], [1, 2]])
    #expect(merged.nodes[3].commits == [h(3), h(4)])
    #expect(merged.bad == 3)
  }

  @Test func mergingKeepsWhoHasTheBug() throws {
    var numbers = SeededNumbers(seed: 11)
    for _ in 0..<30 {
      let graph = try SmallHistory.random(60, &numbers)
      let relevant = Set((1...60).filter { _ in numbers.fraction() < 0.3 }.map(h))
      let merged = try graph.merging { relevant.contains($0) }
      for culprit in relevant {
        for commit in graph.nodes.map({ $0.commits[0] }) {
          let before = graph.hasBug(try #require(graph.node(of: commit)), from: try #require(graph.node(of: culprit)))
          let after = merged.hasBug(try #require(merged.node(of: commit)), from: try #require(merged.node(of: culprit)))
          #expect(before == after)
        }
      }
    }
  }
}
