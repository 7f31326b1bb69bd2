import Foundation
import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// The seams by which the selftest breaks things.
@Suite struct SelftestFaultTests {
  private func planned(_ faults: [SelftestExpectation.Fault]) -> PlannedSuite {
    let cases = faults.enumerated().map { number, fault in
      Case(name: "case-\(number)", run: ["x"], selftest: SelftestExpectation(verdict: .pass, fault: fault))
    }
    let kernel = KernelBuild(
      label: "k", release: "6.12", imagePath: "/k", imageFormat: .bzImage, identity: "i", source: .path("/s"))
    return PlannedSuite(
      suite: Suite(name: "s", kind: .selftest, cases: cases), kernel: kernel, initramfs: "/i",
      commandLine: KernelCommandLine([.init("quiet")]), cases: cases.map { PlannedCase($0) })
  }

  private func description(of fault: SelftestExpectation.Fault) throws -> GuestDescription {
    let planned = planned([fault])
    return try BootPlan(
      planned: planned, id: 1, cases: planned.suite.cases.map { BootCase(planned: planned, test: $0) },
      settings: RunSettings(accelerator: .tcg),
      name: "g"
    ).description()
  }

  @Test func eachFaultOfTheGuestsMakingHasItsOwnBoot() {
    #expect(planned([.none, .killAgent, .killQEMU, .diskFull]).boots == 1)
    #expect(planned([.none, .noInit, .serialChannel, .none]).boots == 3)
    #expect(planned([.noInit]).boots == 1)
  }

  @Test func whatTheGuestIsMadeOf() throws {
    #expect(try description(of: .none).commandLine == "quiet")
    #expect(try description(of: .none).channel == .virtio)
    #expect(try description(of: .noInit).commandLine == "quiet rdinit=/no/such/init")
    #expect(try description(of: .serialChannel).channel == .serial)
    #expect(try description(of: .serialChannel).commandLine == "quiet")
  }

  private func forked(_ fault: SelftestExpectation.Fault, on host: ScriptedHost) async throws -> ScriptedRun {
    let cases = ["a", "b"].map {
      Case(name: $0, run: [$0], selftest: SelftestExpectation(verdict: .pass, fault: fault))
    }
    return try await ScriptedRun.go(ScriptedRun.plan(cases, isolation: .case, forks: true), on: host)
  }

  @Test func aTemplateThatIsKilledIsBootedForEachCase() async throws {
    let host = ScriptedHost(forkRefusal: nil)
    let run = try await forked(.killTemplate, on: host)
    #expect(run.told == ["a:pass", "b:pass"] && run.boots.map(\.verdict) == [.skip, .pass, .pass])
    #expect(run.boots.allSatisfy { $0.clone == nil })
    #expect(
      run.words.contains(
        "notice boot 1: cannot fork the guest: its QEMU has ended; the cases run in a guest that is booted"),
      "\(run.words)")
  }

  @Test func aCloneThatPanicsIsNeverWoken() async throws {
    var clone = GuestScript()
    clone.probe = { probe in
      guard case .sysrq(UInt8(ascii: "c")) = probe else { return nil }
      return ("", [GuestScript.panic(), .ended(.poweredOff)])
    }
    let host = ScriptedHost(GuestScript(), clone, GuestScript(), forkRefusal: nil)
    let run = try await forked(.panicClone, on: host)
    #expect(run.told == ["a:pass", "b:pass"] && run.boots.map(\.verdict) == [.pass, .skip, .pass, .pass])
    #expect(host.descriptions.map(\.isClone) == [false, true, false, false])
    #expect(run.words.contains { $0.contains("the clone does not answer; the cases run in a guest that is booted") })
  }

  private func judged(_ test: Case, _ end: CaseEnd, output: String) -> CaseResult {
    var parser = KTAPParser()
    for line in output.split(separator: "\n") { parser.push(String(line)) }
    let evidence = CaseEvidence(test: test, rules: DmesgRules(), ending: .reported(end), report: parser.finish())
    return Judge.judge(evidence, boot: 1)
  }

  @Test func resultsThatNobodyReadAreNoPass() {
    let test = Case(name: "c", run: ["x"])
    let end = CaseEnd(id: 1, outcome: .exited(status: 0))
    #expect(judged(test, end, output: "1..1\nok 1 a").verdict == .pass)
    var cut = end
    cut.droppedOutput = 7
    let result = judged(test, cut, output: "1..1\nok 1 a")
    #expect(result.verdict == .fail)
    #expect(result.reason == "7 bytes of output beyond the limit were dropped")
  }

  @Test func whoseMemoryItWas() {
    let end = CaseEnd(id: 1, outcome: .signalled(signal: 9), outOfMemory: true)
    let free = Case(name: "c", run: ["x"])
    #expect(judged(free, end, output: "1..1\nok 1 a").reason == "killed by SIGKILL; the guest ran out of memory")
    let limited = Case(name: "c", run: ["x"], memoryLimit: .mebibytes(32))
    #expect(
      judged(limited, end, output: "1..1\nok 1 a").reason
        == "killed by SIGKILL; the case reached its memory limit of 32MiB")
  }

  /// The real journal on the selftest's disk: what is finished stays, and why it ended can still be written.
  @Test func aFullDiskKeepsWhatIsFinished() async throws {
    try await JournalSample.withScratch { state in
      let fault = DiskFault(fullAfter: 16 << 10)
      let journal = try JournalSample.journal(in: state, disk: fault.disk)
      for event in JournalSample.lines.prefix(8) { try await journal.record(event) }
      let flood = JournalSample.console(String(repeating: "flood\n", count: 4000))
      await #expect(throws: JournalError.diskFull(path: journal.directory)) { try await journal.record(flood) }
      try await journal.record(.notice("the disk is full"))
      await journal.close()
      let contents = try readJournal(at: journal.directory)
      #expect(contents.state == .interrupted && contents.summary.interrupted)
      #expect(contents.replay.notices.last == "the disk is full")
      #expect(contents.summary.suites[0].cases.prefix(2) == [JournalSample.skipped, JournalSample.passed])
    }
  }
}

extension GuestDescription {
  fileprivate var isClone: Bool { if case .clone = origin { true } else { false } }
}
