internal import Foundation
import KTestGuests
import KTestValues

/// Times a boot and one case by QEMU alone, by `ktest run` and by virtme-ng, clones by QEMU alone and by ktest, and whole runs,
/// one after the other in each round.
package struct BootBenchJob: Sendable {
  package var session: Session
  package var host: GuestOptions
  /// The suite with the case to run; nil for the case `pass` of the shipped selftests.
  package var suite: String?
  /// What `--kernel` names.
  package var kernel: String
  package var rounds: Int

  package init(_ session: Session, host: GuestOptions, suite: String?, kernel: String, rounds: Int) {
    self.session = session
    self.host = host
    self.suite = suite
    self.kernel = kernel
    self.rounds = rounds
  }

  package func measure() async throws -> BootBench {
    let display = session.display
    let file = try suite.map(session.suite) ?? passingSelftest()
    defer { display.clear() }
    let build = try await session.kernel(kernel)
    // Kept open: libvirt's embedded driver holds its root until this process ends, and the runs then use the next.
    let guests = try await session.openHost(host)
    defer { withExtendedLifetime(guests) {} }
    if let notice = guests.notice { display.notice(notice) }
    var quiet = session.silent
    quiet.places.stateDirectory = ChildRun.state
    let job = RunJob(quiet, suites: [file], kernels: [build])
    let prepared = try await job.plan(on: guests)
    let plan = prepared.plan
    await guests.guests.waitForEndings()
    guard let planned = plan.suites.first, planned.boots > 0 else {
      throw Failure(.usage, "nothing of the suite \(file.suite.name) boots on \(build.label)")
    }
    let accelerator = plan.settings.accelerator
    let raw = try RawGuest(planned, accelerator: accelerator)
    let child = ChildRun(file, kernel: kernel, accelerator: accelerator, host: host, places: session.places)
    defer { child.clean() }
    let whole = WholeRuns(job: job, prepared: prepared, host: guests)
    var virtme = VirtmeRun(build, accelerator: accelerator)
    var bench = BootBench()
    // The first run fills caches that every later one finds.
    _ = try await child.measure()
    for round in 1...rounds {
      display.show(.step("round \(round) of \(rounds)"))
      if let load = BootBenchJob.load() { bench.add(load: load) }
      bench.add(try await raw.boot())
      bench.add(try await child.measure())
      if let seconds = try await virtme.measure() { bench.add(seconds, .virtme) }
    }
    bench.withoutVirtme = virtme.problem
    bench.withoutForks =
      planned.suite.guest.clock == .instructions ? "its clock counts instructions" : guests.guests.forkRefusal
    if bench.withoutForks == nil { try await measureClones(planned, plan.settings, guests.guests, &bench) }
    for round in 1...rounds {
      display.show(.step("whole runs, round \(round) of \(rounds)"))
      for way in WholeRuns.Way.allCases where way != .isolated || bench.withoutForks == nil {
        bench.add(try await whole.seconds(way), way.quantity)
      }
    }
    return bench
  }

  /// Measures clones of two templates, one of QEMU's alone and one of ktest's.
  private func measureClones(
    _ planned: PlannedSuite, _ settings: RunSettings, _ host: any GuestHost, _ bench: inout BootBench
  ) async throws {
    let raw = try RawFork(planned, accelerator: settings.accelerator)
    defer { raw.clean() }
    session.display.show(.step("templates"))
    try await raw.makeTemplate()
    let guest = ForkedGuest(planned: planned, settings: settings, host: host, name: "ktest-bench-\(getpid())")
    let template = try await guest.template()
    for round in 1...rounds {
      session.display.show(.step("clones, round \(round) of \(rounds)"))
      for standsReady in [false, true] {
        // libvirt still ends the one before for a second or two, which would be measured with the next.
        await host.waitForEndings()
        bench.add(try await guest.clone(of: template, standsReady: standsReady), stoodReady: standsReady)
      }
      await host.waitForEndings()
      bench.add(try await raw.clone(), .rawClone)
    }
  }

  /// Returns the host's load average over a minute (proc(5)).
  private static func load() -> Double? {
    FileManager.default.contents(atPath: "/proc/loadavg").flatMap {
      String(decoding: $0, as: UTF8.self).split(separator: " ").first.flatMap { Double($0) }
    }
  }

  private func passingSelftest() throws -> SuiteFile {
    for path in try session.suitePaths(in: "/selftest") {
      if let file = try? session.suite(at: path, cases: ["pass"]),
        file.suite.cases.contains(where: { $0.name == "pass" })
      {
        return file
      }
    }
    throw Failure(.usage, "no selftest with a case 'pass' is shipped here; name a case with --suite SUITE:CASE")
  }
}
