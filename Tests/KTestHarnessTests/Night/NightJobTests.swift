import Foundation
import GuestProtocol
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Whole nights, with guests that play a script.
@Suite(.gated()) struct NightJobTests {
  @Test func theNightsOfACaseThatBreaksOneThatFlakesOneThatSkipsAndOneThatVanishes() async throws {
    let flakes = Locked(0)
    let place = try NightPlace(["steady", "breaks", "flakes", "skips", "gone"]) { version, request in
      switch request.name {
      case "breaks" where version >= 6: return GuestScript.failing(request)
      case "flakes" where version == 3:
        // Once, and not again in a fresh guest.
        let isFirst = flakes.with { count in
          count += 1
          return count == 1
        }
        return isFirst ? GuestScript.failing(request) : nil
      case "skips" where version >= 7:
        return GuestScript.run(request, output: "KTAP version 1\n1..0 # SKIP no device\n")
      default: return nil
      }
    }
    var nights: [NightRecord] = []
    for day in 0..<9 {
      if day == 7 { try place.suite(["steady", "breaks", "flakes", "skips"]) }
      nights.append(try await place.night(day))
    }
    #expect(nights.allSatisfy { $0.state == .complete })
    #expect(nights.map(\.words).prefix(3).allSatisfy(\.isEmpty) && nights[0].passing == 5)
    #expect(nights[3].words == ["flaky s:flakes:it"])
    #expect(nights[4].words == [] && nights[5].words == [])
    // The good kernel runs beside it.
    #expect(nights[6].words == ["newFailure s:breaks:it"])
    let found = try #require(nights[6].findings.first)
    #expect(found.lastGood?.label == "k-5" && found.firstBad?.label == "k-6" && found.strip.hasSuffix("F"))
    #expect(found.reproduce == "ktest run s:breaks --kernel /kernels/k-6", "\(found.reproduce)")
    #expect(nights[6].runs.contains { $0.purpose == .goodKernel } && nights[6].runs.contains { $0.purpose == .again })
    #expect(nights[7].words == ["notTested s:gone", "notTested s:skips", "stillFailing s:breaks:it"])
    #expect(nights[7].findings.map(\.notTested).prefix(2) == [.vanished, .skipped])
    #expect(nights[7].differences.map(\.kind).contains(.suite) && nights[7].differences.map(\.kind).contains(.kernel))
    #expect(nights[8].findings.filter(\.isNews) == [])
    #expect(nights[8].runs.map(\.purpose) == [.planned])
    // The record is what is on the disk.
    #expect(try place.archive.record(of: nights[8].id).map(\.findings) == nights[8].findings)
    let text = nightReport(nights[7], style: .plain)
    #expect(
      text.contains("Not tested\n") && text.contains("s:skips (new)\n") && text.contains("skipped since 2026-"),
      "\(text)")
  }

  @Test func aFailureIsSearchedBetweenItsBuilds() async throws {
    let place = try NightPlace(["a"]) { version, request in version >= 4 ? GuestScript.failing(request) : nil }
    let plan = place.plan(.init(time: .seconds(8 * 3600), runs: 100, searches: 1))
    for day in 0..<4 { try await place.night(day, plan) }
    let night = try await place.night(4, plan)
    #expect(night.words == ["newFailure s:a:it"])
    let search = try #require(night.searches.first)
    #expect(search.state == .answered, "\(search)")
    #expect(search.answer == "first bad build: /kernels/k-4; the one before it is /kernels/k-3", "\(search.answer)")
    #expect(night.findings[0].search == search.id && search.series == [night.findings[0].series])
    // It is not searched again.
    let next = try await place.night(5, plan)
    #expect(next.words == ["stillFailing s:a:it"] && next.findings[0].search == search.id)
    #expect(next.searches == [])
  }

  /// A subtest fails because the kernel warned: one search, for the warning.
  @Test func aSubtestBesideASplatIsSearchedWithIt() async throws {
    let place = try NightPlace(["a"]) { version, request in
      version < 4 ? nil : GuestScript.run(request, output: "KTAP version 1\n1..1\nnot ok 1 it\n", [GuestScript.warning])
    }
    let plan = place.plan(.init(time: .seconds(8 * 3600), runs: 100, searches: 2))
    for day in 0..<4 { try await place.night(day, plan) }
    let night = try await place.night(4, plan)
    #expect(night.words == ["newFailure s:a", "newFailure s:a:it"])
    let search = try #require(night.searches.first)
    #expect(night.searches.count == 1 && search.state == .answered && search.series.count == 2, "\(night.searches)")
    #expect(search.target.contains("WARNING"), "\(search.target)")
    #expect(night.findings.map(\.search) == [search.id, search.id])
  }

  @Test func aSearchThatIsInterruptedGoesOnTheSameNightOrTheNext() async throws {
    for day in [4, 5] {
      let place = try NightPlace(["a"]) { version, request in version >= 4 ? GuestScript.failing(request) : nil }
      let plan = place.plan(.init(time: .seconds(8 * 3600), runs: 100, searches: 1))
      for day in 0..<4 { try await place.night(day, plan) }
      place.kernels.set(version: 4)
      let job = try place.job(plan, day: 4)
      // The plan's run and those that decide; then the search has its first.
      let search = await waitForSearch(place, job)
      #expect(search?.state == .open)
      let night = try await place.night(day, plan)
      #expect(night.searches.map(\.id) == [search?.id] && night.searches[0].state == .answered, "\(night.searches)")
      #expect(night.findings.map(\.search) == [search?.id])
    }
  }

  /// Interrupts a night at the first guest of its search.
  private func waitForSearch(_ place: NightPlace, _ job: NightJob) async -> NightRecord.Search? {
    await place.guests.interrupt(when: { place.hasSearch }) { _ = try await job.perform(on: place.host) }
    return await job.record.searches.first
  }

  @Test(arguments: [1, 2, 3])
  func aNightThatIsInterruptedGoesOn(atBoot boot: Int) async throws {
    let place = try NightPlace(["a", "b"]) { version, request in
      version >= 3 && request.name == "b" ? GuestScript.failing(request) : nil
    }
    for day in 0..<3 { try await place.night(day) }
    place.kernels.set(version: 3)
    let before = place.guests.boots.count
    let job = try place.job(day: 3)
    let id = await job.record.id
    await place.guests.interrupt(atBoot: before + boot) { _ = try await job.perform(on: place.host) }
    #expect(try place.archive.record(of: id)?.state == .interrupted)
    let runs = try place.archive.record(of: id)?.runs ?? []
    let night = try await place.job(day: 3).perform(on: place.host)
    #expect(night.id == id && night.state == .complete)
    #expect(Array(night.runs.prefix(runs.count)) == runs)
    #expect(night.findings.map(\.word).contains { $0 == .newFailure || $0 == .undecided }, "\(night.words)")
    // What had its verdict before is not planned again.
    let planned = night.runs.filter { $0.purpose == .planned }
    #expect(planned.count == (boot == 1 ? 2 : 1))
  }

  @Test func aNightThatWasKilledGoesOnOrIsClosed() async throws {
    let place = try NightPlace(["a"]) { _, _ in nil }
    try await place.night(0)
    // As kill -9 leaves it: begun, and no more.
    let (killed, started) = try place.archive.begin(at: WallTime(milliseconds: 1_790_000_000_000 + 86_400_000))
    try place.archive.write(NightRecord(id: killed, plan: "n", ktest: ktestVersion, started: started))
    let night = try await place.night(1)
    #expect(night.id == killed && night.state == .complete && night.runs.count == 1)
    // Two days later it is too old: another begins.
    let (old, then) = try place.archive.begin(at: WallTime(milliseconds: 1_790_000_000_000 + 2 * 86_400_000))
    try place.archive.write(NightRecord(id: old, plan: "n", ktest: ktestVersion, started: then))
    let next = try await place.night(4)
    #expect(next.id > old && next.state == .complete)
    #expect(try place.archive.record(of: old)?.state == .interrupted)
  }

  @Test func twoNightsAtOnceAreRefused() async throws {
    let place = try NightPlace(["a"]) { _, _ in nil }
    let first = try place.job(day: 0)
    let failure = #expect(throws: Failure.self) { try place.job() }
    #expect(failure?.kind == .busy)
    #expect(try await first.perform(on: place.host).state == .complete)
  }

  @Test func aClockThatWasSetBackMakesNoNightOlder() async throws {
    let place = try NightPlace(["a"]) { _, _ in nil }
    let first = try await place.night(5)
    let second = try await place.night(2)
    #expect(second.id > first.id && second.started > first.started && (second.ended ?? 0) >= second.started)
    #expect(second.kernels[0].former == first.kernels[0].identity)
  }

  @Test func aBrokenBaseIsOneReport() async throws {
    let names = (10..<24).map { "c\($0)" }
    let place = try NightPlace(names) { version, request in version == 2 ? GuestScript.failing(request) : nil }
    for day in 0..<2 { try await place.night(day) }
    let night = try await place.night(2)
    #expect(night.findings == [] && night.floods.map(\.failed) == [14] && night.runs.count == 1)
    #expect(night.floods[0].lastGood?.label == "k-1" && night.floods[0].firstBad?.label == "k-2")
    #expect(nightReport(night, style: .plain).contains("k: 14 cases failed, 0 on other nights; no series is blamed"))
    #expect(try await place.night(3).words == [])
  }

  @Test func withoutRunsAFailureStaysUndecided() async throws {
    let place = try NightPlace(["a"]) { version, request in version >= 3 ? GuestScript.failing(request) : nil }
    let plan = place.plan(.init(time: .seconds(8 * 3600), runs: 0, searches: 0))
    for day in 0..<3 { try await place.night(day, plan) }
    let night = try await place.night(3, plan)
    #expect(night.words == ["undecided s:a:it"] && night.state == .outOfBudget && night.runs.count == 1)
  }

  @Test func aNightWithoutTimeSaysWhatItDidNotTest() async throws {
    let place = try NightPlace(["a"]) { _, _ in nil }
    try await place.night(0)
    let night = try await place.night(1, place.plan(.init(time: DurationValue(milliseconds: 0))))
    #expect(night.state == .outOfBudget && night.runs.isEmpty && night.words == [])
    #expect(night.untested.map(\.kind) == [.time] && night.untested.map(\.name) == ["s"])
  }

  @Test func aKernelThatCannotBeHadIsNotTested() async throws {
    let place = try NightPlace(["a"]) { _, _ in nil }
    try await place.night(0)
    place.kernels.lose(["k"])
    let night = try await place.night(1)
    #expect(night.untested.map(\.kind) == [.kernel] && night.words == [] && night.state == .complete)
    #expect(night.kernels[0].problem != nil)
    place.kernels.lose([])
    let next = try await place.night(2)
    #expect(next.words == [] && next.kernels[0].former == "/kernels/k-0")
  }

  @Test func whatTellsMostComesFirstIfNothingChanged() async throws {
    let flaky = Locked(false)
    let place = try NightPlace(["a", "b"]) { _, request in
      request.name == "b" && flaky.with { $0 } ? GuestScript.failing(request) : nil
    }
    for day in 0..<3 { try await place.night(day, version: 0) }
    flaky.with { $0 = true }
    let plan = place.plan(.init(time: .seconds(8 * 3600), runs: 1, searches: 0))
    #expect(try await place.night(3, version: 0, plan).words == ["undecided s:b:it"])
    let night = try await place.night(4, version: 0, plan)
    #expect(night.runs.map(\.purpose).prefix(2) == [.again, .planned])
  }

  @Test func aBranchIsFetchedBuiltAndSearchedAndMayBeForcePushed() async throws {
    let remote = try await SampleRepository()
    let bad = Locked<Set<String>>([])
    let guests = KernelGuests { boot, request in
      bad.with { $0.contains(boot.name) } ? GuestScript.failing(request) : nil
    }
    let place = try NightPlace(["a"], guests)
    var commits = [try await remote.commit("mm/a.c", "0\n", "mm: 0")]
    let clone = place.tree.path + "/linux"
    try await remote.git("clone", "-q", remote.path, clone)
    try place.tree.put(
      "home/suites/t.yaml", "suite: t\nimage: tiny\nrequires: {config: [ZSWAP]}\ncases:\n  - {name: a, run: [a]}\n")
    var plan = place.plan(.init(time: .seconds(8 * 3600), runs: 100, searches: 1))
    plan.kernels = [
      .init(name: "main", source: .branch(tree: clone, remote: "origin", branch: "main"), configuredFor: ["t"])
    ]
    for day in 0..<4 {
      commits.append(try await remote.commit("mm/a.c", "\(day + 1)\n", "mm: \(day + 1)"))
      let night = try await place.night(day, plan)
      #expect(night.kernels[0].commit == commits.last && night.words == [])
    }
    for number in 5...9 { commits.append(try await remote.commit("mm/a.c", "\(number)\n", "mm: \(number)")) }
    bad.with { $0 = Set(commits[6...]) }
    let night = try await place.night(4, plan)
    #expect(night.words == ["newFailure s:a:it"] && night.kernels[0].base == nil)
    #expect(night.findings[0].lastGood?.commit == commits[4] && night.findings[0].firstBad?.commit == commits[9])
    #expect(
      night.searches.map(\.answer) == ["first bad commit: \(commits[6].prefix(12)) (\"mm: 6\")"], "\(night.searches)")
    // What the search built has the configuration that failed.
    #expect(place.kernels.configurations.count == 1)
    // The user's own branch stays where it was.
    #expect(try await GitHistory(containing: clone).commit("main") == commits[0])
    // Rebased: the branch leaves the old one at an earlier commit.
    try await remote.git("reset", "-q", "--hard", commits[3])
    let other = try await remote.commit("mm/b.c", "x\n", "mm: another way")
    bad.with { $0 = [other] }
    let rebased = try await place.night(5, plan)
    #expect(rebased.kernels[0].commit == other && rebased.kernels[0].base == commits[3])
    // Gone: it is not tested, and the night says so.
    try await remote.git("branch", "-q", "-m", "main", "elsewhere")
    let gone = try await place.night(6, plan)
    #expect(gone.untested.map(\.kind) == [.kernel] && gone.kernels[0].problem?.contains("the branch main") == true)
    #expect(gone.runs == [] && gone.words == [])
  }

  @Test func otherHostsBuildTheKernelsOfANightAtATime() async throws {
    let remote = try await SampleRepository()
    let place = try NightPlace(["a"]) { _, _ in nil }
    let commits = [
      try await remote.commit("mm/a.c", "0\n", "mm: 0"), try await remote.commit("mm/a.c", "1\n", "mm: 1"),
    ]
    try await remote.git("branch", "-q", "older", commits[0])
    let clone = place.tree.path + "/linux"
    try await remote.git("clone", "-q", remote.path, clone)
    var plan = place.plan()
    plan.kernels = ["main", "older", "none"].map {
      .init(name: $0, source: .branch(tree: clone, remote: "origin", branch: $0))
    }
    let (under, most) = (Locked(0), Locked(0))
    place.kernels.inspect { _, _ in
      let now = under.with { count in
        count += 1
        return count
      }
      most.with { $0 = max($0, now) }
      // Side by side, the other one begins meanwhile.
      while place.kernels.buildsSideBySide, most.with({ $0 < 2 }) { try await Task.sleep(for: .milliseconds(1)) }
      under.with { $0 -= 1 }
    }
    let former = try await place.night(0, plan)
    #expect(most.with { $0 } == 1)
    most.with { $0 = 0 }
    place.kernels.buildSideBySide()
    let night = try await place.night(1, plan)
    #expect(most.with { $0 } == 2)
    // What is recorded is the same, in the order of the plan.
    #expect(night.kernels.map(\.name) == ["main", "older", "none"] && night.kernels[0].commit == commits[1])
    #expect(night.kernels.map(\.commit) == former.kernels.map(\.commit))
    #expect(night.untested.map(\.name) == ["none"] && night.kernels[2].problem?.contains("the branch none") == true)
  }

  @Test func anExcusedFailureIsShownAndDoesNotCount() async throws {
    let place = try NightPlace(["a"]) { version, request in version >= 4 ? GuestScript.failing(request) : nil }
    var plan = place.plan()
    plan.excuses = try place.tree.put(
      "excuses.yaml",
      """
      excuses:
        - series: "s:a*"
          reason: known
          link: https://example.org/1
          until: 2099-01-31
      """)
    for day in 0..<4 { try await place.night(day, plan) }
    let night = try await place.night(4, plan)
    #expect(night.words == ["newFailure s:a:it"])
    #expect(night.findings[0].excuse == "known, until 2099-01-31: https://example.org/1")
    #expect(nightReport(night, style: .plain).contains("excused: known"))
  }

  @Test func recordsOfOthersAreNotTouched() async throws {
    let place = try NightPlace(["a"]) { _, _ in nil }
    let night = try await place.night(0)
    let file = place.archive.directory(of: night.id) + "/night.json"
    // Of a newer ktest: nothing is judged by half.
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try Data(text.replacing("\"version\" : 1", with: "\"version\" : 2").utf8).write(to: URL(filePath: file))
    #expect(throws: JournalError.newerSchema(path: file, version: 2)) { try place.job(day: 1) }
    // A damaged one is one night less.
    try Data("{".utf8).write(to: URL(filePath: file))
    #expect(try await place.night(1).state == .complete)
    #expect(place.display.notices.contains { $0.contains("is left out") })
  }

  @Test func aDamagedIndexCostsNothing() async throws {
    let place = try NightPlace(["a"]) { version, request in version >= 4 ? GuestScript.failing(request) : nil }
    for day in 0..<4 { try await place.night(day) }
    try Data("no database".utf8).write(to: URL(filePath: HistoryStore.path(in: place.state)))
    #expect(try await place.night(4).words == ["newFailure s:a:it"])
  }
}
