import Foundation
import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("A whole run with a scripted host")
struct RunJobTests {
  private func notices(_ outcome: RunOutcome) -> [String] { outcome.replay.notices }

  @Test func isPlannedRunRecordedAndShown() async throws {
    let fixture = try SessionFixture()
    var job = try fixture.job("demo")
    job.parameters = ["ndctl": "/src"]
    let guests = ScriptedHost()
    let host = fixture.host(guests)
    let prepared = try await job.plan(on: host)
    #expect(prepared.plan.boots == 1 && prepared.images["demo"]?.name == "base")
    let outcome = try await job.perform(prepared, on: host)
    #expect(outcome.summary.verdict == .pass && !outcome.summary.interrupted)
    #expect(outcome.summary.suites.first?.cases.map(\.name) == ["a", "b"])
    let name = try #require(outcome.directory.split(separator: "/").last)
    #expect(guests.descriptions.map(\.name) == ["ktest-\(name)-1"])

    let journal = try readJournal(at: outcome.directory)
    #expect(journal.state == .finished && jsonReport(journal.summary) == jsonReport(outcome.summary))
    let manifest = try #require(journal.manifest)
    #expect(manifest.arguments == ["run", "demo"] && manifest.ktest == ktestVersion)
    #expect(manifest.suites.map(\.name) == ["demo"] && manifest.kernels.map(\.label) == ["k"])
    #expect(manifest.accelerator.asked == "auto" && manifest.accelerator.used == "kvm")
    #expect(manifest.qemu == "7.2" && manifest.libvirt == "9.0" && manifest.host.memory == 8 << 30)
    #expect(manifest.parameters == ["ndctl": "/src"] && manifest.images?.map(\.name) == ["base"])
    #expect(manifest.boots.map(\.boot) == [1] && manifest.boots.first?.commandLine.isEmpty == false)
    let shown = fixture.display.events.compactMap { event -> String? in
      if case .caseFinished(_, _, let result) = event { "\(result.verdict) \(result.name)" } else { nil }
    }
    #expect(shown == ["pass a", "pass b"])
  }

  @Test func countsInstructionsUnderTCGWhateverElseTheHostCan() async throws {
    let fixture = try SessionFixture()
    var job = try fixture.job("demo")
    job.clock = .instructions
    let guests = ScriptedHost()
    let host = fixture.host(guests)
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.verdict == .pass)
    let guest = try #require(guests.descriptions.first)
    #expect(guest.countsInstructions && guest.accelerator == .tcg && guest.commandLine.contains(" nokaslr norandmaps "))
    #expect(
      notices(outcome).contains { $0.hasPrefix("demo: the guest's clock counts instructions, under TCG (-icount") })
    let manifest = try #require(try readJournal(at: outcome.directory).manifest)
    #expect(manifest.clock == .instructions && manifest.suites[0].clock == .instructions)
    #expect(manifest.accelerator.used == "tcg" && manifest.accelerator.processor == "maximum")
    let again = try RunOrder(again: outcome.directory, in: fixture.session)
    #expect(again.clock == .instructions)
  }

  private static let mixed = """
    suite: mixed
    cases:
      - {name: a, run: [a], format: ktap}
      - {name: b, run: [b], format: ktap, fresh: true}
      - {name: c, run: [c], format: ktap}
      - {name: d, run: [d], format: ktap, fresh: boot}
    """

  @Test func thePlanHasTemplatesAndTheirClones() async throws {
    let fixture = try SessionFixture(["mixed": Self.mixed])
    func report(forks: Bool, _ change: (inout RunJob) -> Void = { _ in }) async throws -> String {
      var job = try fixture.job("mixed")
      change(&job)
      let host = fixture.host(ScriptedHost(forkRefusal: forks ? nil : "scripted"))
      return planReport(try await job.plan(on: host).plan, times: FormerTimes())
    }
    #expect(
      try await report(forks: true) == """
        4 cases in 2 boots and 2 clones under kvm
        expected: unknown; none of these cases has run on this host under kvm
        boot 1  mixed on k, unknown, for 2 clones
          clone of boot 1, unknown
          run   a, unknown, at most 60 s
          run   c, unknown, at most 60 s
          clone of boot 1, unknown
          run   b, unknown, at most 60 s
        boot 2  mixed on k, unknown
          run   d, unknown, at most 60 s

        """)
    #expect(try await report(forks: false).hasPrefix("4 cases in 3 boots under kvm\n"))
    let isolated = try await report(forks: true) { $0.isolatesCases = true }
    #expect(isolated.hasPrefix("4 cases in 2 boots and 3 clones under kvm\n"), "\(isolated)")
  }

  @Test func thePlanAddsUpWhatFormerRunsTook() async throws {
    let fixture = try SessionFixture(["mixed": Self.mixed])
    let host = fixture.host(ScriptedHost(forkRefusal: nil))
    let plan = try await fixture.job("mixed").plan(on: host).plan
    func report(clones: Bool) -> String {
      var boots = [
        BootResult(id: 1, suite: "mixed", kernel: "k", verdict: .pass, readySeconds: 2, seconds: 3, console: "")
      ]
      if clones {
        var clone = boots[0]
        (clone.id, clone.readySeconds, clone.seconds) = (2, 0.2, 10.5)
        clone.clone = BootResult.CloneOrigin(boot: 1, age: 1)
        boots.append(clone)
      }
      let cases = ["a", "b", "c"].map { CaseResult(name: $0, verdict: .pass, seconds: 10, boot: $0 == "a" ? 2 : 7) }
      let summary = RunSummary(
        run: "r", verdict: .pass, seconds: 1, boots: boots,
        suites: [SuiteResult(name: "mixed", kernel: "k", verdict: .pass, cases: cases)])
      var times = FormerTimes()
      var manifest = JournalSample.manifest
      manifest.accelerator.used = "kvm"
      times.add(summary, manifest, accelerator: "kvm", host: manifest.host)
      return planReport(plan, times: times)
    }
    // Two boots of 3 s, two clones of 0.5 s, and three cases of 10 s.
    let known = report(clones: true)
    #expect(known.contains("\nexpected: about 37 s, and 1 of 4 cases that have not run on this host\n"), "\(known)")
    #expect(
      known.contains("boot 1  mixed on k, about 3.0 s, for 2 clones\n  clone of boot 1, about 0.5 s\n"), "\(known)")
    let unknown = report(clones: false)
    #expect(unknown.contains("about 36 s"), "\(unknown)")
    #expect(unknown.contains(", and what 2 clones takes; none was made on this host\n"), "\(unknown)")
  }

  @Test func isRepeatedWithAsManyGuestsAtATime() async throws {
    let fixture = try SessionFixture()
    func again(_ guests: GuestCount) async throws -> (manifest: GuestCount?, order: GuestCount) {
      var job = try fixture.job("demo")
      job.guests = guests
      let host = fixture.host()
      let outcome = try await job.perform(try await job.plan(on: host), on: host)
      let manifest = try #require(try readJournal(at: outcome.directory).manifest)
      return (manifest.guests, try RunOrder(again: outcome.directory, in: fixture.session).guests)
    }
    #expect(try await again(.most(3)) == (.most(3), .most(3)))
    #expect(try await again(.one) == (nil, .one))
    let text = String(decoding: try JSONEncoder().encode([GuestCount.auto, .most(4)]), as: UTF8.self)
    #expect(text == #"["auto","4"]"#)
    #expect(try JSONDecoder().decode([GuestCount].self, from: Data(text.utf8)) == [.auto, .most(4)])
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([GuestCount].self, from: Data(#"["none"]"#.utf8)) }
  }

  @Test func isRepeatedAndLoadedAsAsked() async throws {
    let fixture = try SessionFixture()
    var job = try fixture.job("demo")
    (job.course, job.load) = (RunCourse(rounds: 2, failFast: true), GuestLoad(busyPerProcessor: 3))
    let host = fixture.host(ScriptedHost())
    let prepared = try await job.plan(on: host)
    let plan = planReport(prepared.plan, times: FormerTimes())
    #expect(plan.contains("2 rounds, each in new guests, ended by the first result that is not good\n"), "\(plan)")
    #expect(plan.contains("under load: 3 busy processes for each processor") && plan.contains("at most 240 s"))
    let outcome = try await job.perform(prepared, on: host)
    #expect(outcome.summary.rounds == RunRounds(planned: 2, begun: 2))
    #expect(outcome.summary.suites[0].cases.map { $0.turns?.verdicts } == [[.pass, .pass], [.pass, .pass]])
    let manifest = try #require(try readJournal(at: outcome.directory).manifest)
    #expect(manifest.course == job.course && manifest.load == job.load)
    let again = try RunOrder(again: outcome.directory, in: fixture.session)
    #expect(again.course == job.course && again.load == job.load)
  }

  @Test func retriesOnlyWhatASuiteCallsFlaky() async throws {
    let fixture = try SessionFixture([
      "demo": SessionFixture.demo,
      "flaky": "suite: flaky\nguest: {memory: 256MiB}\ncases: [{name: a, run: [a], flaky: {reason: a deadline}}]\n",
    ])
    var job = try fixture.job("demo")
    job.course = RunCourse(retries: 1)
    let refused = job
    let error = await #expect(throws: Failure.self) { try await refused.plan(on: fixture.host()) }
    #expect(
      error?.kind == .usage && error?.description.contains("none of these is one; see 'ktest suite show'") == true)
    job = try fixture.job("flaky")
    job.course = RunCourse(retries: 1)
    let failing = GuestScript { GuestScript.run($0, output: "KTAP version 1\n1..1\nnot ok 1 it\n") }
    let host = fixture.host(ScriptedHost(failing, GuestScript()))
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.verdict == .pass && outcome.summary.suites[0].cases.map(\.isFlaky) == [true])
    #expect(try readJournal(at: outcome.directory).manifest?.course?.retries == 1)
    #expect(try RunOrder(again: outcome.directory, in: fixture.session).course == job.course)
  }

  @Test func isNotLoadedWhereInstructionsAreCounted() async throws {
    let fixture = try SessionFixture([
      "counts": "suite: counts\nguest: {clock: instructions}\ncases: [{name: a, run: [a]}]\n"
    ])
    var job = try fixture.job("counts")
    job.load = GuestLoad()
    let refused = job
    let error = await #expect(throws: Failure.self) { try await refused.plan(on: fixture.host()) }
    #expect(error?.kind == .usage && error?.description.contains("remove --stress or use --clock time") == true)
  }

  @Test func refusesToCountWhereNobodyCan() async throws {
    let fixture = try SessionFixture([
      "counts": "suite: counts\nguest: {clock: instructions}\ncases: [{name: a, run: [a]}]\n",
      "net": "suite: net\nguest: {network: true}\ncases: [{name: a, run: [a]}]\n",
    ])
    var host = fixture.host()
    host.accel = .kvm
    let kvm = await #expect(throws: Failure.self) { try await fixture.job("counts").plan(on: host) }
    #expect(kvm?.kind == .usage && kvm?.description.contains("runs under TCG, never under KVM") == true)
    var timed = try fixture.job("counts")
    timed.clock = .time
    let prepared = try await timed.plan(on: host)
    #expect(prepared.plan.settings.accelerator == .kvm && prepared.plan.clockNotices == [])
    var net = try fixture.job("net")
    net.clock = .instructions
    let network = await #expect(throws: Failure.self) { try await net.plan(on: fixture.host()) }
    #expect(network?.kind == .usage && network?.description.contains("cannot use the network") == true)
  }

  @Test func countsFunctionsWhereTheClockCountsAndThePluginIsThere() async throws {
    let fixture = try SessionFixture([
      "counts": "suite: counts\nguest: {clock: instructions}\ncases: [{name: a, run: [a]}]\n",
      "timed": "suite: timed\ncases: [{name: a, run: [a]}]\n",
    ])
    var job = try fixture.job("timed")
    job.countsFunctions = true
    let timed = await #expect(throws: Failure.self) { try await job.plan(on: fixture.host()) }
    #expect(timed?.kind == .usage && timed?.description.contains("the clock of suite timed is time") == true)
    job = try fixture.job("counts")
    job.countsFunctions = true
    let missing = await #expect(throws: Failure.self) { try await job.plan(on: fixture.host()) }
    #expect(missing?.kind == .host && missing?.description.contains("libktest-plugin.so; build it with") == true)
    let plugin = try fixture.tree.put("libktest-plugin.so", "no library\n")
    let host = fixture.host()
    let prepared = try await job.plan(on: host)
    #expect(prepared.plan.settings.functionPlugin == plugin)
    #expect(prepared.plan.clockNotices.allSatisfy { $0.hasSuffix("; each function of the kernel is counted, too") })
    let report = planReport(prepared.plan, times: FormerTimes())
    #expect(report.contains("counts on k, counting instructions of each function, "))

    // The manifest says so, and the run is repeated as it was.
    let outcome = try await job.perform(prepared, on: host)
    #expect(try readJournal(at: outcome.directory).manifest?.functions == true)
    var again = try RunOrder(again: outcome.directory, in: fixture.session)
    #expect(again.countsFunctions)
    again.count(clock: nil, functions: false)
    #expect(again.countsFunctions && again.clock == nil)
    again.count(clock: .time, functions: false)
    #expect(!again.countsFunctions && again.clock == .time)
    again.count(clock: .instructions, functions: true)
    #expect(again.countsFunctions && again.clock == .instructions)
  }

  @Test func thatCountedNoFunctionsIsRepeatedWithoutThem() async throws {
    let fixture = try SessionFixture()
    var job = try fixture.job("demo")
    job.clock = .instructions
    let host = fixture.host()
    let prepared = try await job.plan(on: host)
    #expect(prepared.plan.clockNotices.map { $0.contains("each function") } == [false])
    let outcome = try await job.perform(prepared, on: host)
    let manifest = try #require(FileManager.default.contents(atPath: "\(outcome.directory)/manifest.json"))
    // As in manifests of earlier versions, the key is not there.
    #expect(!String(decoding: manifest, as: UTF8.self).contains("\"functions\""))
    #expect(try !RunOrder(again: outcome.directory, in: fixture.session).countsFunctions)
  }

  @Test func ofChosenCasesKeepsTheChoice() async throws {
    let fixture = try SessionFixture()
    let job = try fixture.job("demo:b")
    let host = fixture.host()
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.suites.first?.cases.map(\.name) == ["b"])
    #expect(try readJournal(at: outcome.directory).manifest?.selection == ["demo:b"])
  }

  private static let several = """
    suite: several
    guest: {memory: 256MiB}
    cases:
      - {name: a, run: [a], format: ktap, fresh: true}
      - {name: b, run: [b], format: ktap}
      - {name: c, run: [c], format: ktap, fresh: true, requires: {parameters: [p]}}
      - {name: d, run: [d], format: ktap, fresh: true}
    parameters: {p: {description: nothing}}
    """

  /// Guests that are up at the same time, in one journal: each has its console, and reports keep the suite's order.
  @Test func withGuestsSideBySideIsRecordedAsOne() async throws {
    let fixture = try SessionFixture(["several": Self.several])
    var job = try fixture.job("several", kernels: [fixture.kernel("k"), fixture.kernel("l")])
    job.guests = .most(6)
    let script = GuestScript { request in
      GuestScript.run(
        request, output: "KTAP version 1\n1..1\nok 1 it\n", [GuestScript.kernel("this is \(request.name)")])
    }
    let guests = MeetingHost(of: 6, script)
    let host = fixture.host(guests)
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(guests.most == 6 && outcome.summary.verdict == .pass)
    #expect(outcome.summary.suites.map(\.kernel) == ["k", "l"])
    for suite in outcome.summary.suites {
      #expect(suite.cases.map { "\($0.name) \($0.verdict)" } == ["a pass", "b pass", "c skip", "d pass"])
    }
    #expect(outcome.summary.boots.map(\.id) == [1, 2, 3, 4, 5, 6])
    let journal = try readJournal(at: outcome.directory)
    #expect(journal.state == .finished && jsonReport(journal.summary) == jsonReport(outcome.summary))
    #expect(Set(try #require(journal.manifest).boots.map(\.boot)) == [1, 2, 3, 4, 5, 6])
    for suite in outcome.summary.suites {
      for result in suite.cases {
        guard let boot = result.boot else { continue }
        let console = try #require(JournalSample.text(of: "\(outcome.directory)/consoles/boot-\(boot).log"))
        let said = console.matches(of: #/this is (\w)/#).map { String($0.1) }
        #expect(said == [result.name], "\(console)")
      }
    }
  }

  @Test func ofAsManyGuestsAsFitNeedsAHostToLookAt() async throws {
    let fixture = try SessionFixture()
    var job = try fixture.job("demo")
    job.guests = .auto
    var host = fixture.host()
    let error = await #expect(throws: Failure.self) { try await job.perform(try await job.plan(on: host), on: host) }
    #expect(error?.kind == .usage && error?.description.contains("--guests auto looks at this host") == true)
    host.shares = "\(fixture.tree.path)/shares"
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.verdict == .pass)
    #expect(
      try readJournal(at: outcome.directory).events.contains {
        $0.event == .suitePlanned(suite: "demo", kernel: "k", cases: ["a", "b"])
      })
    // One guest after the other is as it always was.
    job.guests = .one
    let plain = try await job.perform(try await job.plan(on: host), on: host)
    #expect(
      !(try readJournal(at: plain.directory).events.contains {
        if case .suitePlanned = $0.event { true } else { false }
      }))
  }

  /// The disk is full while three guests run: each has ended, and what is finished stays.
  @Test func onAFullDiskEndsAllGuests() async throws {
    let fixture = try SessionFixture(["several": Self.several])
    var job = try fixture.job("several")
    job.guests = .most(3)
    let flood = String(repeating: "x\n", count: 1 << 20)
    let guests = MeetingHost(of: 3, GuestScript { GuestScript.run($0, output: flood) })
    let host = fixture.host(guests)
    let outcome = try await job.perform(try await job.plan(on: host), on: host, disk: DiskFault(fullAfter: 1 << 20))
    let journal = try readJournal(at: outcome.directory)
    #expect(guests.running == 0 && guests.guests.count == 3)
    #expect(journal.summary.interrupted && journal.replay.notices.contains { $0.contains("the disk is full") })
    #expect(
      journal.summary.suites.first?.cases.allSatisfy { $0.verdict == .skip || $0.reason == "interrupted" } == true)
  }

  @Test func thatFailsSaysSo() async throws {
    let fixture = try SessionFixture()
    let job = try fixture.job("demo")
    let host = fixture.host(
      ScriptedHost(
        GuestScript { request in
          request.name == "b" ? GuestScript.run(request, output: "KTAP version 1\n1..1\nnot ok 1 it\n") : nil
        }))
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.verdict == .fail)
    #expect(outcome.summary.suites.first?.cases.map(\.verdict) == [.pass, .fail])
  }

  @Test func onTwoKernelsOfOneLabelTellsThemApart() async throws {
    let fixture = try SessionFixture()
    let kernels = [fixture.kernel(), fixture.kernel()].withDistinctLabels
    #expect(kernels.map(\.label) == ["k", "k#2"])
    let job = try fixture.job("demo", kernels: kernels)
    let host = fixture.host()
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.suites.map(\.kernel) == ["k", "k#2"])
  }

  @Test func tellsWhyGuestsRunUnderTCG() async throws {
    let fixture = try SessionFixture()
    let job = try fixture.job("demo")
    var host = fixture.host()
    host.notice = "no /dev/kvm on this host"
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(notices(outcome) == ["no /dev/kvm on this host"])
    let silent = try await job.perform(try await job.plan(on: host.unannounced), on: host.unannounced)
    #expect(notices(silent) == [])
  }

  @Test func ofASuiteThatWantsMoreMemoryThanTheHostHasIsRefused() async throws {
    let fixture = try SessionFixture()
    let job = try fixture.job("demo")
    let small = fixture.host(memory: 128 << 20)
    let error = await #expect(throws: Failure.self) { try await job.plan(on: small) }
    #expect(error?.kind == .host)
    #expect(error?.description == "suite demo needs a guest with 256MiB of memory, but this host has 128MiB")
  }

  @Test func withoutAnAgentIsRefused() async throws {
    let fixture = try SessionFixture()
    var session = fixture.session
    session.places.agent = "/nowhere/ktest-agent"
    let job = RunJob(session, suites: [try session.suite("demo")], kernels: [fixture.kernel()])
    let error = await #expect(throws: Failure.self) { try await job.plan(on: fixture.host()) }
    #expect(error?.kind == .host && error?.description.contains("/nowhere/ktest-agent") == true)
  }

  @Test func endsEarlyWhenItIsEnough() async throws {
    let fixture = try SessionFixture()
    var job = try fixture.job("demo")
    let (seen, signal) = AsyncStream.makeStream(of: Void.self)
    job.observe = { event in
      // The run waits here until it is ended, so that the second case cannot begin.
      guard case .caseFinished(_, _, let result) = event, result.name == "a" else { return }
      signal.yield()
      _ = try? await Task.sleep(for: .seconds(3600))
    }
    job.enough = {
      for await _ in seen { return "the splat is there" }
      return nil
    }
    let host = fixture.host()
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.interrupted)
    #expect(outcome.summary.suites.first?.cases.first?.verdict == .pass)
    #expect(notices(outcome).contains { $0.hasSuffix("the splat is there") })
    #expect(!(outcome.summary.suites.first?.cases ?? []).contains { $0.name == "b" && $0.verdict == .pass })
  }

  @Test func goesOnToItsEndWhenThereIsNeverEnough() async throws {
    let fixture = try SessionFixture()
    var job = try fixture.job("demo")
    job.enough = { nil }
    let host = fixture.host()
    let outcome = try await job.perform(try await job.plan(on: host), on: host)
    #expect(outcome.summary.verdict == .pass && !outcome.summary.interrupted && notices(outcome) == [])
  }

  @Test func onAFullDiskKeepsWhatIsFinishedAndSaysSo() async throws {
    let fixture = try SessionFixture()
    let script = GuestScript { request in
      request.name == "b" ? GuestScript.run(request, output: String(repeating: "x\n", count: 1 << 20)) : nil
    }
    let host = fixture.host(ScriptedHost(script))
    let job = try fixture.job("demo")
    // The selftest's disk is full on purpose: what the journal has kept is the outcome.
    let outcome = try await job.perform(try await job.plan(on: host), on: host, disk: DiskFault(fullAfter: 1 << 20))
    let journal = try readJournal(at: outcome.directory)
    #expect(journal.summary.suites.first?.cases.first?.verdict == .pass)
    #expect(journal.summary.interrupted && journal.replay.notices.contains { $0.contains("the disk is full") })
  }

  @Test func thatCannotWriteItsJournalThrowsWithTheDirectory() async throws {
    let fixture = try SessionFixture()
    let file = try fixture.session.suite("demo")
    let recording = RecordedRun(
      suites: [file], manifest: JournalSample.manifest, session: fixture.session, disk: nil)
    let error = await #expect(throws: Failure.self) {
      try await recording.perform { journal, emit in
        await journal.close()
        try await emit(.runStarted(cases: 1, boots: 1))
      }
    }
    let runs = try listRuns(in: fixture.places.stateDirectory)
    #expect(error?.kind == .host && runs.count == 1)
    #expect(error?.description.contains("the run has ended") == true)
    #expect(error?.description.hasSuffix("/\(runs[0])") == true)
  }
}
