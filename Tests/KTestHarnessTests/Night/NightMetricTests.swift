import GuestProtocol
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Nights in which a metric moves, with guests that play a script.
@Suite(.gated()) struct NightMetricTests {
  /// A case that takes so long.
  private static func measured(_ request: CaseRequest, _ value: Double) -> [GuestEvent] {
    GuestScript.run(request, output: "KTAP version 1\n1..1\nok 1 it\n# metric load \(value) us lower\n")
  }

  private static func plan(_ place: NightPlace, searches: Int = 1) -> NightPlan {
    place.plan(.init(time: .seconds(8 * 3600), runs: 100, searches: searches))
  }

  @Test func aMetricThatGotWorseIsConfirmedSearchedAndToldOnce() async throws {
    let place = try NightPlace(["a", "b"]) { version, request in
      let level = request.name == "a" && version >= 4 ? 150.0 : 100
      return Self.measured(request, level + Double(version % 3))
    }
    let plan = Self.plan(place)
    for day in 0..<4 { #expect(try await place.night(day, plan).metrics == []) }
    let night = try await place.night(4, plan)
    let change = try #require(night.metrics?.first)
    #expect(night.metrics?.count == 1 && night.words == [] && night.state == .complete)
    #expect(change.id.series.name == "s:a" && change.id.name == "load" && change.isWorse && change.isNews)
    #expect(change.before == 100 && change.after == 151 && change.chance == 0.05)
    #expect(change.lastGood?.label == "k-3" && change.firstBad?.label == "k-4" && change.runIDs.count == 7)
    // Both kernels in turn, and only the case that moved.
    #expect(
      night.runs.map(\.purpose) == [.planned] + [
        .measureGood, .measure, .measureGood, .measure, .measureGood, .measure,
      ])
    let search = try #require(night.searches.first)
    #expect(search.state == .answered && change.search == search.id, "\(search)")
    #expect(search.answer == "first bad build: /kernels/k-4; the one before it is /kernels/k-3", "\(search.answer)")
    let text = nightReport(night, style: .plain)
    #expect(
      text.contains(
        """

        Metrics
          s:a, load: worse
              +51.0 %: 100 us before, 151 us now
              3 boots of both kernels in turn, by chance in 5 %
              good: k-3, bad: k-4
              search \(search.id)
              ktest run s:a --kernel /kernels/k-4

        """), "\(text)")
    #expect(NightMail(night).isNews && NightMail(night).summary.contains("1 metric worse"))
    #expect(NightMail(night).text.contains("METRICS (1)"))
    // The new level is what the next nights are compared with.
    for day in 5..<9 {
      let next = try await place.night(day, plan)
      #expect(next.metrics == [] && next.searches == [] && next.runs.map(\.purpose) == [.planned])
    }
    #expect(try place.archive.record(of: night.id)?.metrics == night.metrics)
  }

  @Test func aSlowHostIsNotTheKernels() async throws {
    let today = Locked(0)
    let place = try NightPlace(["a"]) { version, request in
      Self.measured(request, (today.with { $0 } >= 4 ? 150 : 100) + Double(version % 2))
    }
    let plan = Self.plan(place)
    for day in 0..<7 {
      today.with { $0 = day }
      let night = try await place.night(day, plan)
      #expect(night.metrics == [] && night.searches == [], "\(day): \(night.metrics ?? [])")
      if day == 4 { #expect(night.runs.map(\.purpose) == [.planned, .measureGood, .measure]) }
    }
  }

  @Test func anotherClockAndAnotherEmulatorAreAnotherSeries() async throws {
    let rate = Locked((mebibytes: 900.0, count: 1000.0))
    let place = try NightPlace(["a"]) { _, request in
      let (mebibytes, count) = rate.with { $0 }
      return GuestScript.run(
        request,
        output: "KTAP version 1\n1..1\nok 1 it\n"
          + "# metric rate \(mebibytes) MiB/s higher\n# metric load \(count) ns lower\n")
    }
    let plan = Self.plan(place)
    for day in 0..<4 { try await place.night(day, plan) }
    // The rate by another clock is another quantity, and the time is a count.
    try place.suite(["a"], guest: "{clock: instructions}")
    rate.with { $0 = (450, 1200) }
    for day in 4..<8 {
      let night = try await place.night(day, plan)
      #expect(night.metrics == [] && night.runs.map(\.purpose) == [.planned], "\(day): \(night.metrics ?? [])")
    }
    // Counts belong to an emulator; the rate does not.
    place.emulator("10.0")
    rate.with { $0.count = 1300 }
    let night = try await place.night(8, plan)
    #expect(night.metrics == [] && night.runs.map(\.purpose) == [.planned], "\(night.metrics ?? [])")
    let last = try #require(night.runs.last)
    let metrics = try readJournal(at: "\(place.state)/runs/\(last.id)").metrics(ofRun: last.id)
    #expect(metrics.map(\.basis) == ["clock: instructions", "QEMU 10.0 maximum"])
    #expect(metrics.map(\.value) == [450, 1300])
  }

  @Test func whatGotBetterIsToldAndNotSearched() async throws {
    let place = try NightPlace(["a"]) { version, request in Self.measured(request, version >= 4 ? 50 : 100) }
    let plan = Self.plan(place)
    for day in 0..<4 { try await place.night(day, plan) }
    let night = try await place.night(4, plan)
    let change = try #require(night.metrics?.first)
    #expect(!change.isWorse && change.isConfirmed && night.searches == [] && change.noSearch == nil)
    #expect(nightReport(night, style: .plain).contains("s:a, load: better\n"))
    #expect(NightMail(night).isNews)
  }

  @Test func aSearchThatTheBudgetHasNoRoomForComesTheNextNight() async throws {
    // Two metrics of two cases move with two kernels: one search a night.
    let place = try NightPlace(["a", "b"]) { version, request in
      Self.measured(request, version >= 4 ? request.name == "a" ? 150 : 200 : 100)
    }
    let plan = Self.plan(place)
    for day in 0..<4 { try await place.night(day, plan) }
    let night = try await place.night(4, plan)
    #expect(night.metrics?.count == 2 && night.searches.count == 1 && night.state == .outOfBudget)
    let waits = try #require(night.metrics?.first { $0.noSearch == .budget })
    let next = try await place.night(5, plan)
    #expect(next.metrics?.map(\.id) == [waits.id] && next.metrics?.first?.isNews == false, "\(next.metrics ?? [])")
    #expect(next.searches.map(\.state) == [.answered] && next.metrics?.first?.search == next.searches.first?.id)
    #expect(try await place.night(6, plan).metrics == [])
  }

  @Test func aKernelThatIsGoneLeavesASuspicion() async throws {
    let place = try NightPlace(["a"]) { version, request in Self.measured(request, version >= 4 ? 150 : 100) }
    let plan = Self.plan(place)
    for day in 0..<4 { try await place.night(day, plan) }
    place.kernels.lose(Set((0..<4).map { "/kernels/k-\($0)" }))
    let night = try await place.night(4, plan)
    let change = try #require(night.metrics?.first)
    #expect(!change.isConfirmed && change.isNews && night.runs.map(\.purpose) == [.planned] && night.searches == [])
    #expect(nightReport(night, style: .plain).contains("not confirmed: too few boots of both kernels"))
    #expect(!NightMail(night).isNews)
    // It is confirmed as soon as the kernel is there again.
    place.kernels.lose([])
    let next = try await place.night(5, plan)
    #expect(next.metrics?.first?.isConfirmed == true && next.metrics?.first?.firstBad?.label == "k-4")
  }

  @Test(arguments: 1...6)
  func aNightThatIsInterruptedMeasuresOn(atBoot boot: Int) async throws {
    let place = try NightPlace(["a"]) { version, request in Self.measured(request, version >= 4 ? 150 : 100) }
    let plan = Self.plan(place, searches: 0)
    for day in 0..<4 { try await place.night(day, plan) }
    place.kernels.set(version: 4)
    let job = try place.job(plan, day: 4)
    let before = place.guests.boots.count
    await place.guests.interrupt(atBoot: before + boot) { _ = try await job.perform(on: place.host) }
    let night = try await place.night(4, plan)
    #expect(night.metrics?.map(\.isConfirmed) == [true] && night.state == .complete, "\(night)")
    // Without searches, nothing waits for one.
    #expect(try await place.night(5, plan).metrics == [])
  }
}
