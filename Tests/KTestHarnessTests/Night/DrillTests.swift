import Foundation
import TestGate
import Testing

@testable import GuestProtocol
@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Nights in which a known bug is planted, with guests that play a script.
@Suite(.gated()) struct DrillTests {
  /// A branch whose kernels fail if `mm/bug.c` says `broken`.
  private struct Branch {
    let remote: SampleRepository
    let place: NightPlace
    let clone: String
    var plan: NightPlan

    init(_ patch: String, in file: String = "mm/bug.c") async throws {
      remote = try await SampleRepository()
      let bad = Locked<Set<String>>([])
      place = try NightPlace(
        ["a", "b"],
        KernelGuests { boot, request in
          if request.name == "a" { return bad.with { $0.contains(boot.name) } ? GuestScript.failing(request) : nil }
          return GuestScript.run(request, output: "KTAP version 1\n1..1\nok 1 it\n# metric load 1 us lower\n")
        })
      place.kernels.inspect { tree, commit in
        let text = try await Git.run(["show", "\(commit):mm/bug.c"], in: tree).text
        if text.contains("broken") { bad.with { _ = $0.insert(commit) } }
      }
      try await remote.commit("mm/bug.c", "one\ntwo\nthree\n", "mm: start")
      clone = place.tree.path + "/linux"
      try await remote.git("clone", "-q", remote.path, clone)
      plan = place.plan(.init(time: .seconds(8 * 3600), runs: 100, searches: 1))
      plan.kernels = [.init(name: "main", source: .branch(tree: clone, remote: "origin", branch: "main"))]
      let text = "--- a/\(file)\n+++ b/\(file)\n@@ -1,3 +1,3 @@\n one\n-two\n+\(patch)\n three\n"
      plan.drills = NightPlan.Drills(every: 5, patches: [try place.tree.put("twice.patch", text)], kernel: "main")
    }

    func night(_ day: Int) async throws -> NightRecord {
      try await remote.commit("mm/a.c", "\(day)\n", "mm: \(day)")
      return try await place.night(day, plan)
    }
  }

  @Test func aPlantedBugIsFoundAndSearchedAndNoResultOfTheNight() async throws {
    let branch = try await Branch("broken")
    for day in 0..<4 { #expect(try await branch.night(day).drills == []) }
    let night = try await branch.night(4)
    let drill = try #require(night.drills.first)
    #expect(drill.wasFound && drill.problem == nil && drill.name == "twice", "\(drill)")
    #expect(drill.series.name == "s:a" && drill.isCulpritRight == true && drill.tally == .init(found: 1, all: 1))
    #expect(drill.culprit?.contains("twice: a bug that ktest planted for a drill") == true, "\(drill)")
    // Nothing of it is a result.
    #expect(night.words == [] && night.searches == [] && night.untested == [] && night.state == .complete)
    #expect(night.runs.filter { $0.purpose != .drill }.map(\.purpose) == [.planned])
    let memory = try #require(try branch.place.archive.memory(of: night.id))
    #expect(memory.series.allSatisfy { $0.tally.failures == 0 && $0.standing == .quiet })
    let store = try await openHistory(in: branch.place.state).0
    for record in try await store.records(SeriesQuery(SeriesKey(suite: "s", test: "a"))) {
      #expect(record.entries.allSatisfy { $0.hasFailed == false })
    }
    #expect(night.metrics == [] && memory.metrics?.map(\.points.count) == [5])
    for run in night.runs {
      let metrics = try readJournal(at: "\(branch.place.state)/runs/\(run.id)").metrics(ofRun: run.id)
      #expect(metrics.isEmpty == (run.purpose == .drill), "\(run)")
    }
    // The user's tree has neither the commit on a branch nor its files.
    #expect(try await Git.run(["status", "--porcelain"], in: branch.clone).text == "")
    #expect(try await Git.run(["branch", "--contains", drill.planted ?? ""], in: branch.clone).text == "")
    let text = nightReport(night, style: .plain)
    #expect(text.contains("twice on main: found\n      it shows in s:a\n"), "\(text)")
    #expect(text.contains("which is right") && text.contains("1 of 1 were found so far"), "\(text)")
    // The next one comes in five nights.
    let next = try await branch.night(5)
    #expect(next.drills == [] && next.words == [])
  }

  @Test func aPlantedBugThatNothingShowsIsMissed() async throws {
    var branch = try await Branch("harmless")
    branch.plan.drills?.every = 3
    for day in 0..<2 { _ = try await branch.night(day) }
    let night = try await branch.night(2)
    let drill = try #require(night.drills.first)
    #expect(!drill.wasFound && drill.wasRun && drill.tally == .init(found: 0, all: 1))
    #expect(nightReport(night, style: .plain).contains("twice on main: missed"))
    #expect(NightMail(night).isNews)
  }

  @Test func aPatchThatDoesNotApplyCostsNothingOfTheNight() async throws {
    var branch = try await Branch("broken", in: "mm/other.c")
    branch.plan.drills?.every = 1
    // Nothing is known in the first night, so that it has no drill.
    #expect(try await branch.night(0).drills == [])
    let night = try await branch.night(1)
    let drill = try #require(night.drills.first)
    #expect(!drill.wasRun && drill.tally == nil && drill.problem?.contains("does not apply to") == true, "\(drill)")
    #expect(night.state == .complete && night.untested == [] && night.runs.map(\.purpose) == [.planned])
  }
}
