import Testing

@testable import KTestValues

@Suite("What the functions of a kernel executed")
struct FunctionCountsTests {
  private typealias Function = FunctionCounts.Function

  private static let old = FunctionCounts(
    metric: "munmap-small", per: 512,
    functions: [
      Function("zap_pte_range", instructions: 51200, calls: 1),
      Function("folio_remove_rmap", instructions: 10240, calls: 512),
      Function("down_write", instructions: 64, calls: 2),
      Function(FunctionCounts.userSpace, instructions: 40, calls: 0),
    ])
  private static let new = FunctionCounts(
    metric: "munmap-small", per: 512,
    functions: [
      Function("zap_pte_range", instructions: 56320, calls: 1),
      Function("folio_remove_rmap_ptes", instructions: 5120, calls: 32),
      Function("down_write", instructions: 64, calls: 2),
      Function(FunctionCounts.userSpace, instructions: 40, calls: 0),
    ])

  @Test func theTableIsReadAsItWasWritten() {
    let counts = [
      Self.old, FunctionCounts(metric: "b", per: 1, functions: [Function("f\u{301}\r [m]", instructions: 1, calls: 0)]),
    ]
    let text = FunctionCounts.text(counts)
    #expect(text.hasPrefix("metric\tper\tfunction\tinstructions\tcalls\nmunmap-small\t512\tzap_pte_range\t51200\t1\n"))
    #expect(FunctionCounts.read(Array(text.utf8)) == counts && Self.old.total == 61544)
    #expect(FunctionCounts.read(Array(FunctionCounts.text([]).utf8)) == [])
  }

  @Test(arguments: [
    "", "metric\n", "metric\tper\tfunction\tinstructions\tcalls\na\t1\tf\t2\n",
    "metric\tper\tfunction\tinstructions\tcalls\na\t0\tf\t2\t3\n",
    "metric\tper\tfunction\tinstructions\tcalls\na\t1\tf\t-2\t3\n",
  ])
  func whatIsNoSuchTable(_ text: String) { #expect(FunctionCounts.read(Array(text.utf8)) == nil) }

  @Test func theRowsOfADifferenceComeToTheMetric() {
    let difference = FunctionDifference(Self.old, Self.new, values: (120.125, 120))
    #expect(difference.changed.map(\.name) == ["folio_remove_rmap", "folio_remove_rmap_ptes", "zap_pte_range"])
    #expect(difference.changed.map(\.change) == [-20, 10, 10])
    #expect(difference.changed[0].callsBefore == 1 && difference.changed[0].callsAfter == 0)
    #expect(difference.changed[1].callsAfter == 0.0625)
    #expect(difference.sameCount == 2 && difference.same == 104.0 / 512)
    #expect(difference.clock.before == -0.078125 && difference.clock.after == -0.203125)
    let sum = difference.changed.reduce(difference.clock.change) { $0 + $1.change }
    #expect(sum == 120 - 120.125)
    #expect(difference.changed.reduce(difference.same + difference.clock.before) { $0 + $1.before } == 120.125)
  }

  @Test func eachSideIsForOnePageOfItsOwnNumber() {
    var half = Self.new
    half.per = 256
    let difference = FunctionDifference(Self.new, half, values: (1, 1))
    #expect(difference.changed.first?.name == "zap_pte_range" && difference.changed.first?.change == 110)
    #expect(FunctionDifference(Self.old, Self.old, values: (1, 1)).changed == [])
  }
}
