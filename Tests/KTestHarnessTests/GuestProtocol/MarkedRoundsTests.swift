import Testing

@testable import GuestProtocol

@Suite("The marks of a guest program")
struct MarkedRoundsTests {
  /// Plays marks at which counters have these values; texts are marks of their letters.
  private func play(_ steps: [(mark: String, counters: [UInt64])]) -> [MarkedMetric] {
    var rounds = MarkedRounds()
    return steps.flatMap { step in
      let marks =
        switch step.mark {
        case "begin": [GuestMark.begin]
        case "end": [GuestMark.end]
        case "drop": [GuestMark.drop]
        default: Array(step.mark.utf8)
        }
      return marks.compactMap { mark in step.counters.withUnsafeBufferPointer { rounds.take(mark, $0) } }
    }
  }

  private typealias Count = MarkedMetric.Count

  @Test func theLeastRoundThatIsNotDroppedIsTheMetrics() {
    let found = play([
      ("begin", [0, 0]), ("end", [1, 0]), ("fa", []),  // of a metric that failed
      ("begin", [0, 0]), ("end", [1, 1]), ("drop", []),  // a round of 2, which does not count
      ("begin", [1, 1]), ("end", [4, 9]),  // of 11
      ("begin", [5, 9]), ("end", [6, 13, 3]),  // of 8, with an instruction that is new
      ("begin", [6, 13, 3]), ("end", [14, 13, 3]),  // of 8 too: the first counts
      ("munmap-small 512\n", [99, 99, 99]),
    ])
    #expect(found == [MarkedMetric("munmap-small", per: 512, [Count(0, 1), Count(1, 4), Count(2, 3)])])
  }

  @Test func aChildThatEndsTheRoundOfItsParentChangesNothing() {
    let found = play([
      ("begin", [0]), ("end", [5]), ("end", [7]), ("begin", [9]), ("end", [15]), ("end", [90]), ("fork 1\n", []),
      ("begin", [0]), ("end", [1]), ("next 1\n", []),
    ])
    #expect(found.map(\.name) == ["fork", "next"] && found.map(\.counts) == [[Count(0, 5)], [Count(0, 1)]])
  }

  @Test(
    "what is no name and number is no metric, and the next one is not hurt",
    arguments: ["a\n", "a 0\n", "a -1\n", "a 1 \n", " 1\n", "\n", "a\tb 1\n", "\u{1b}[31m 1\n", "ä 1\n"])
  func badHeadings(_ heading: String) {
    let found = play([
      ("begin", [0]), ("end", [5]), (heading, []), ("begin", [5]), ("end", [7]), ("good 2\n", []), ("none 1\n", []),
    ])
    #expect(found == [MarkedMetric("good", per: 2, [Count(0, 2)])])
    #expect(play([("begin", [0]), ("end", [1]), (String(repeating: "x", count: 400) + " 1\n", [])]) == [])
  }

  @Test func theTextIsReadAsItWasWritten() {
    let metrics = [
      MarkedMetric("a", per: 1, [Count(0, 7), Count(0xffff_ffff_8100_0010, .max)]), MarkedMetric("b", per: 512, []),
    ]
    let text = metrics.map(\.text).joined()
    #expect(text == "metric a 1\n0 7\nffffffff81000010 18446744073709551615\n\nmetric b 512\n\n")
    #expect(MarkedMetric.read(Array(text.utf8)) == metrics)
    // What QEMU was writing when it was killed is left out.
    #expect(MarkedMetric.read(Array(text.utf8.dropLast())) == Array(metrics.prefix(1)))
    #expect(MarkedMetric.read([]) == [])
  }

  @Test(
    "a text that is none",
    arguments: [
      "0 7\n", "metric a 1\nx 7\n", "metric a 1\n0 -7\n", "metric a 1\n0\n", "metric a\n\n", "metric a 1\nmetric b 1\n",
    ])
  func damaged(_ text: String) { #expect(MarkedMetric.read(Array(text.utf8)) == nil) }
}
