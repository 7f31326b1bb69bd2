import TestGate
import Testing

@testable import KTestHarness
@testable import KTestValues

/// Whole searches over kernel parameters and over the symbols of a configuration.
@Suite(.gated()) struct BisectDifferencesTests {
  @Test func theParameterIsNamed() async throws {
    for boot in [nil, 1, 3, 6] {
      let place = try SearchPlace { boot, request in
        boot.commandLine.contains("trial.bug=1") ? GuestScript.failing(request) : nil
      }
      let order = SearchOrder.find(
        .commandLine(kernel: "k", good: "trial.a=1 trial.b", bad: "trial.a=2 trial.bug=1 trial.c"))
      let job = try await place.job(order)
      let report: BisectReport
      if let boot {
        await place.interrupt(job, atBoot: boot)
        report = try await place.job(resuming: "latest").perform(on: place.host)
      } else {
        report = try await job.perform(on: place.host)
      }
      #expect(report.answer == .parameters(["trial.bug=1"]))
      #expect(report.text.hasPrefix("Caused by: trial.bug=1\n"), "\(report.text)")
      #expect(report.kernels == 1)
      try place.expectNothingRepeated()
    }
  }

  @Test func theSymbolIsNamed() async throws {
    for boot in [nil, 2, 5] {
      let place = try SearchPlace { boot, request in
        boot.has("BUG") && boot.has("ALSO") ? GuestScript.warning(request) : nil
      }
      let good = try place.tree.put("good.config", "CONFIG_A=y\nCONFIG_GONE=y\n")
      let bad = try place.tree.put(
        "bad.config", "CONFIG_A=y\nCONFIG_BUG=y\nCONFIG_ALSO=y\nCONFIG_MORE=y\nCONFIG_CC_NEW=y\n")
      let order = SearchOrder.find(.configuration(tree: place.tree.path, good: good, bad: bad))
      let job = try await place.job(order)
      let report: BisectReport
      if let boot {
        await place.interrupt(job, atBoot: boot)
        report = try await place.job(resuming: "latest").perform(on: place.host)
      } else {
        report = try await job.perform(on: place.host)
      }
      #expect(report.answer == .parameters(["CONFIG_ALSO=y", "CONFIG_BUG=y"]), "\(report.text)")
      try place.expectNothingRepeated()
      // What the compiler brings is no difference that somebody chose.
      #expect(place.notes.contains("4 differences"))
      let shown = try SearchView("latest", in: place.session.places).text(withSteps: true)
      #expect(shown.contains("with none of 4 differences"), "\(shown)")
    }
  }

  @Test func aBadSideThatPassesIsSaid() async throws {
    let place = try SearchPlace { _, _ in nil }
    var order = SearchOrder.find(.commandLine(kernel: "k", good: "trial.a=1", bad: "trial.a=2"))
    order.parameters.maximumEndRuns = 2
    let report = try await place.job(order).perform(on: place.host)
    #expect(report.text.hasPrefix("No answer: the bad side does not have the failure"), "\(report.text)")
  }

  @Test func whatCannotBeSearchedIsRefusedBeforeAnythingIsKept() async throws {
    let place = try SearchPlace { _, _ in nil }
    for (good, bad) in [("a=1 b", "b a=1"), ("a", "a quiet"), ("a", "b=\"x")] {
      let order = SearchOrder.find(.commandLine(kernel: "k", good: good, bad: bad))
      await #expect(throws: (any Error).self) { try await place.job(order) }
    }
    var order = SearchOrder.find(.builds(["a", "b"], repository: nil), test: "find:none")
    await #expect(throws: Failure.self) { try await place.job(order) }
    order = .find(.builds(["a"], repository: nil))
    await #expect(throws: Failure(.usage, "--builds means only 1 kernel; a search needs two, the good end first")) {
      try await place.job(order)
    }
    #expect(place.searches.isEmpty)
  }

  @Test func aCountingGuestUnderKVMIsRefusedBeforeAnythingIsKept() async throws {
    let place = try SearchPlace { _, _ in nil }
    try place.tree.put(
      "home/suites/find.yaml", "suite: find\nguest: {clock: instructions}\ncases: [{name: word, run: [word]}]\n")
    var order = SearchOrder.find(.builds(["a", "b"], repository: nil))
    order.guests.accel = .kvm
    let why = Failure(
      .usage,
      "suite find: a guest whose clock counts instructions runs under TCG, never under KVM; remove --accel kvm")
    await #expect(throws: why) { try await place.job(order) }
    var step = BisectStep.Order(test: "find")
    step.guests.accel = .kvm
    await #expect(throws: why) { try await BisectStep(step, in: place.session, say: { _ in }) }
    #expect(place.searches.isEmpty && place.guests.boots.isEmpty)
  }
}
