import Foundation
import GuestProtocol
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestValues

/// Whole searches over the commits of a real repository, with kernels that nobody compiles and guests that play a script.
@Suite(.gated()) struct BisectCommitsTests {
  /// A line of commits, the culprit among them, and the space to search.
  private struct History {
    var sample: SampleRepository
    var commits: [String]
    var culprit: Int

    init(_ count: Int, culprit: Int, file: (Int) -> String = { _ in "mm/a.c" }) async throws {
      sample = try await SampleRepository()
      var commits: [String] = []
      for number in 0...count {
        commits.append(try await sample.commit(file(number), "\(number)\n", "mm: change \(number)"))
      }
      (self.commits, self.culprit) = (commits, culprit)
    }

    var space: SearchOrder.Space {
      .commits(repository: sample.path, goods: [commits[0]], bad: commits[commits.count - 1])
    }

    /// Whether the kernel has the bug: it is the culprit's or a later one, and the culprit was not reverted.
    func isBad(_ boot: KernelGuests.Boot) -> Bool {
      commits[culprit...].contains(boot.name) && !boot.has("-\(commits[culprit])")
    }

    func place() throws -> SearchPlace {
      try SearchPlace { boot, request in isBad(boot) ? GuestScript.warning(request) : nil }
    }
  }

  @Test func theCommitIsNamedVerifiedAndWrittenAbout() async throws {
    let history = try await History(12, culprit: 7)
    let place = try history.place()
    let culprit = history.commits[7]
    place.kernels.set {
      $0.broken = [history.commits[5]]
      $0.same = [history.commits[9]: history.commits[8]]
    }
    let job = try await place.job(.find(history.space))
    let report = try await job.perform(on: place.host)
    guard case .commit(let found) = report.answer else {
      Issue.record("\(report.text)")
      return
    }
    #expect(found.commit == culprit && found.subject == "mm: change 7")
    #expect(report.text.hasPrefix("First bad commit: \(culprit.prefix(12)) (\"mm: change 7\")\n"))
    #expect(report.target == "the kernel says 'WARNING in gup_leaf'" && report.test == "find:word")
    #expect((report.confidence ?? 0) > 0.95 && report.isAnswered && !report.isHarnessFailure)
    #expect(report.verification.contains("the bad end with it reverted fails in 0 of 3 runs"))
    #expect(report.good == [String(history.commits[0].prefix(12))])
    let kept = try String(contentsOfFile: job.files.directory + "/report.txt", encoding: .utf8)
    #expect(kept == report.text)
    let mail = try String(contentsOfFile: try #require(report.mail), encoding: .utf8)
    #expect(mail.contains("Fixes: \(culprit.prefix(12)) (\"mm: change 7\")"))
    #expect(mail.contains("WARNING: CPU: 0 PID: 77 at mm/gup.c:10 gup_leaf+0x10/0x20"))
    #expect(mail.contains("To: A <a@example.org>") && mail.contains("QEMU 9.9 under tcg"))
    try place.expectNothingRepeated()
    #expect(place.notes.contains("target: the kernel says 'WARNING in gup_leaf' (case word)"))
    #expect(place.news.with { $0.last } == .idle)
  }

  @Test func severalWorkersNameTheCommitAndRevertIt() async throws {
    let history = try await History(12, culprit: 7)
    let place = try history.place()
    place.kernels.set {
      $0.broken = [history.commits[5]]
      $0.same = [history.commits[9]: history.commits[8]]
    }
    var order = SearchOrder.find(history.space)
    order.workers = 4
    let report = try await place.job(order).perform(on: place.host)
    guard case .commit(let found) = report.answer else {
      Issue.record("\(report.text)")
      return
    }
    #expect(found.commit == history.commits[7] && (report.confidence ?? 0) > 0.95)
    #expect(report.verification.contains("the bad end with it reverted fails in 0 of 3 runs"), "\(report.verification)")
    let steps = try place.steps()
    #expect(SearchStep.underWay(after: steps).isEmpty)
    #expect(steps.indices.map { SearchStep.underWay(after: Array(steps[...$0])).count }.max() == 4)
  }

  @Test func commitsThatAreNotCompiledAreNotTried() async throws {
    let history = try await History(12, culprit: 8) { $0 % 2 == 0 ? "mm/a.c" : "drivers/other.c" }
    let place = try history.place()
    place.kernels.set { $0.compiled = ["mm/a.c"] }
    let report = try await place.job(.find(history.space)).perform(on: place.host)
    #expect(report.text.hasPrefix("First bad commit: \(history.commits[8].prefix(12))"), "\(report.text)")
    #expect(place.notes.contains { $0.hasPrefix("12 commits, 6 of them") })
  }

  @Test func aSearchThatIsInterruptedGoesOn() async throws {
    let history = try await History(10, culprit: 4)
    for boot in [1, 2, 3, 5, 7] {
      let place = try history.place()
      await place.interrupt(try await place.job(.find(history.space)), atBoot: boot)
      let kept = try place.steps()
      #expect(place.guests.boots.count == boot - 1)
      let report = try await place.job(resuming: "latest").perform(on: place.host)
      #expect(report.text.hasPrefix("First bad commit: \(history.commits[4].prefix(12))"), "\(report.text)")
      let steps = try place.steps()
      #expect(Array(steps.prefix(kept.count)) == kept && place.searches.count == 1)
      try place.expectNothingRepeated("interrupted at boot \(boot)")
      // Asked once more, it has the answer already.
      let again = try await place.job(resuming: "latest").perform(on: place.host)
      #expect(again == report)
      #expect(try place.steps() == steps)
    }
  }

  @Test func aCaseIsFollowedByItsSubtest() async throws {
    let history = try await History(6, culprit: 3)
    let place = try SearchPlace(cases: "{name: other, run: [other]}\n  - {name: word, run: [word]}") { boot, request in
      // The first case fails everywhere, and is no news.
      request.name == "other" || history.isBad(boot) ? GuestScript.failing(request) : nil
    }
    let report = try await place.job(.find(history.space)).perform(on: place.host)
    #expect(report.text.hasPrefix("First bad commit: \(history.commits[3].prefix(12))"), "\(report.text)")
    #expect(report.test == "find:word" && report.target == "subtest 'it' fails")
  }

  @Test func whatIsNoAnswerIsSaid() async throws {
    let history = try await History(4, culprit: 2)
    var order = SearchOrder.find(history.space)
    order.parameters.maximumEndRuns = 3
    let clean = try SearchPlace { _, _ in nil }
    let report = try await clean.job(order).perform(on: clean.host)
    let bad = history.commits[4]
    #expect(report.text.hasPrefix("No answer: \(bad) does not have the failure in 3 runs"), "\(report.text)")
    #expect(!report.isAnswered && !report.isHarnessFailure)
    let broken = try history.place()
    broken.kernels.set { $0.broken = [bad] }
    let job = try await broken.job(order)
    await #expect(throws: Failure.self) { try await job.perform(on: broken.host) }
    #expect(broken.guests.boots.isEmpty)
  }

  @Test func whatGitBisectKnowsIsTakenIn() async throws {
    let history = try await History(10, culprit: 4)
    let place = try history.place()
    var order = SearchOrder.find(history.space)
    order.gitLog = try place.tree.put(
      "log", "git bisect start\ngit bisect bad \(history.commits[6])\ngit bisect good \(history.commits[2])\n")
    let report = try await place.job(order).perform(on: place.host)
    #expect(report.text.hasPrefix("First bad commit: \(history.commits[4].prefix(12))"), "\(report.text)")
    let statements = try place.steps().compactMap(\.evidence).filter { $0.source == .statement }
    #expect(statements.map(\.subject) == [.commit(history.commits[6]), .commit(history.commits[2])])
    let log = try await SearchView("latest", in: place.session.places).gitLog()
    #expect(log.contains("git bisect start") && log.contains("mm: change 4"), "\(log)")
  }

  @Test func aSearchCanBeLookedAt() async throws {
    let history = try await History(10, culprit: 4)
    let place = try history.place()
    await place.interrupt(try await place.job(.find(history.space)), atBoot: 5)
    let places = place.session.places
    let before = try SearchView("latest", in: places).text(withSteps: true)
    #expect(before.contains("of 10 left:") && before.contains("next: search"), "\(before)")
    #expect(before.contains("bad end   \(history.commits[10].prefix(12))  target seen"), "\(before)")
    _ = try await place.job(resuming: "latest").perform(on: place.host)
    let after = try SearchView("latest", in: places).text(withSteps: false)
    #expect(after.contains("\n\nFirst bad commit: \(history.commits[4].prefix(12))"), "\(after)")
  }
}
