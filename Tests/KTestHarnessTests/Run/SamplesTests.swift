import Testing

@testable import KTestValues

@Suite struct SamplesTests {
  @Test func medianOfOddAndEvenCounts() {
    #expect(Samples([]).median == nil)
    #expect(Samples([3]).median == 3)
    #expect(Samples([9, 1, 2]).median == 2)
    #expect(Samples([4, 1, 2, 9]).median == 3)
  }

  @Test func spread() {
    var samples = Samples()
    for value in [2.5, 0.5, 1.5] { samples.add(value) }
    #expect(samples.least == 0.5)
    #expect(samples.greatest == 2.5)
    #expect(Samples().least == nil)
  }
}
