import Foundation

@testable import KTestHarness
@testable import KTestValues

extension PageFixture {
  func nightID(_ night: Int) -> String { RunID.make(at: WallTime(milliseconds: PageFixture.time(night) - 60_000)) }

  func writeNight(_ night: Int) throws {
    let record = record(night)
    let folder = "\(state)/nights/linux-mm/\(record.id)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try JSONEncoder().encode(record).write(to: URL(filePath: folder + "/night.json"))
  }

  /// The record of a night. Only the last one has all that a record can have.
  func record(_ night: Int) -> NightRecord {
    var record = NightRecord(
      id: nightID(night), plan: "linux-mm" + spice, ktest: "0.1.0" + spice, started: PageFixture.time(night) - 60_000)
    record.ended = PageFixture.time(night) + 9_000_000
    record.state = .complete
    record.passing = suites * cases * 2 - 6
    for (place, name) in ["../linux@master", "debian:6.12-cloud"].enumerated() {
      var kernel = NightRecord.Kernel(name: name + spice)
      (kernel.label, kernel.release, kernel.identity) = (
        ["7.3-rc", "6.12-stable"][place] + spice, "7.3.\(night)", "\(night)"
      )
      (kernel.commit, kernel.former) = (place == 0 ? "4fa2c9d0b7e6\(night)" : "", place == 0 ? "before" : "\(night)")
      record.kernels.append(kernel)
      record.runs.append(
        .init(id: runID(night, place), purpose: .planned, kernel: name + spice, suites: ["mm" + spice, "device-dax"]))
    }
    guard night == nights - 1 else { return record }
    record.findings = NightRecord.Word.allCases.flatMap { word in (0..<2).map { finding(word, $0, night) } }
    record.untested = [
      .init(
        kind: .suite, kernel: "../linux@master" + spice, name: "memory-hotplug" + spice,
        reason: "no image: ndctl does not compile" + spice),
      .init(
        kind: .subtests, kernel: "debian:6.12-cloud", name: "mm:vmtests",
        reason: "211 subtests, 240 the night before" + spice),
    ]
    record.differences = [
      .init(
        kind: .kernel, name: "../linux@master" + spice, before: "4fa2c9d0b7e6 and one more" + spice,
        now: "77d01c25ae91" + spice),
      .init(kind: .qemu, before: "7.2.21", now: "7.2.22" + spice),
    ]
    var flood = NightRecord.Flood(kernel: "../linux@master" + spice, failed: 61, usual: 2)
    flood.examples = ["mm:cow" + spice]
    record.floods = [flood]
    var search = NightRecord.Search(
      id: "2026-01-27T041500-3fa2", test: "device-dax:io-2m" + spice, target: "WARNING: at mm/gup.c:121" + spice,
      good: "v7.3-rc4" + spice, bad: "v7.3-rc5" + spice, state: .answered)
    (search.answer, search.confidence, search.runs) = ("77d01c25ae91 (\"mm: grab folios once\")" + spice, 0.991, 23)
    search.series = [series(1)]
    record.searches = [search]
    var drill = NightRecord.Drill(
      name: "percpu-ref" + spice, kernel: "../linux@master", series: series(2), wasFound: true)
    (drill.culprit, drill.isCulpritRight) = ("the planted commit" + spice, true)
    record.drills = [drill]
    return record
  }

  func series(_ number: Int) -> SeriesKey {
    SeriesKey(
      suite: ["device-dax", "mm", "hmm-tests"][number % 3] + spice, cell: number % 3 == 2 ? "thp=always" : "",
      test: ["map-4k", "io-2m", "mremap-test"][number % 3] + spice, family: "built, unknown configuration" + spice,
      accelerator: "tcg", host: "2 CPUs, 24 GiB")
  }

  private func finding(_ word: NightRecord.Word, _ place: Int, _ night: Int) -> NightRecord.Finding {
    var finding = NightRecord.Finding(series: series(place + night), kernel: "../linux@master" + spice, word: word)
    (finding.probability, finding.rate, finding.runs, finding.failures) = (0.97, 0.4, 5, 3)
    (finding.since, finding.strip, finding.reason) = (
      PageFixture.time(night - 3), "......F..FFF", "2m/hwpoison/sigbus failed" + spice
    )
    finding.splats = place == 0 ? ["WARNING: at mm/gup.c:121 try_grab_folio" + spice] : []
    finding.runIDs = [runID(night, 0)]
    finding.lastGood = .init(label: "7.3-rc" + spice, identity: "1", commit: "4fa2c9d0b7e6aa")
    finding.firstBad = .init(label: "7.3-rc" + spice, identity: "2", commit: "77d01c25ae91bb")
    finding.isNews = true
    switch word {
    case .notTested: finding.notTested = .skipped
    case .fixed, .silent: (finding.cleanRuns, finding.neededRuns) = (44, 44)
    case .newFailure where place == 0: finding.search = "2026-01-27T041500-3fa2"
    case .newFailure: finding.noSearch = .budget
    case .stillFailing: finding.excuse = "known, see the list" + spice
    default: break
    }
    return finding
  }
}
