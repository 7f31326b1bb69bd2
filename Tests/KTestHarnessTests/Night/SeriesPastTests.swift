import Testing

@testable import KTestHarness
@testable import KTestValues

/// The range between the last build without a failure and the first one with it.
struct SeriesPastTests {
  private let key = SeriesKey(suite: "s", test: "a")

  /// The builds are called by the numbers of their nights.
  private func ends(_ nights: [String], open first: Int) -> String {
    var (records, entries) = ([NightRecord](), [SeriesRecord.Entry]())
    for (number, outcomes) in nights.enumerated() {
      let started = Int64(number + 1) * 86_400_000
      var night = NightRecord(id: "n\(number)", plan: "p", ktest: "1", started: started)
      night.kernels = [kernel(number)]
      for (place, outcome) in outcomes.enumerated() {
        let run = "r\(number)-\(place)"
        night.runs.append(NightRecord.Run(id: run, purpose: place == 0 ? .planned : .again, kernel: "k", suites: ["s"]))
        entries.append(
          SeriesRecord.Entry(
            run: run, started: started,
            kernel: IndexedRun.Kernel(label: "\(number)", release: "6", identity: "\(number)", commit: ""),
            verdict: outcome == "F" ? .fail : .pass))
      }
      records.append(night)
    }
    let past = SeriesPast(SeriesRecord(series: key, entries: entries), of: "k", in: PastNights(records))
    let ends = past.ends(.suspected(nights: nights.count + 1 - first, runs: RunTally()), tonight: kernel(nights.count))
    return "\(ends.good?.identity ?? "none")..\(ends.bad?.identity ?? "none")"
  }

  private func kernel(_ number: Int) -> NightRecord.Kernel {
    var kernel = NightRecord.Kernel(name: "k")
    (kernel.label, kernel.identity) = ("\(number)", "\(number)")
    return kernel
  }

  @Test func aBuildThatFailedOnceIsNoGoodEnd() {
    #expect(ends([".", ".", ".F.", "FF"], open: 3) == "1..3")
    #expect(ends([".", ".", ".", "FF"], open: 3) == "2..3")
  }

  @Test func whereEveryBuildFailedTheLastThatAlsoPassedIsTheBest() {
    #expect(ends(["F.", "F.", "FF"], open: 2) == "1..2")
  }
}
