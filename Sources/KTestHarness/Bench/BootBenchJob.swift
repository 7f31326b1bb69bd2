internal import Foundation
import KTestGuests
import KTestValues

/// Times a boot and one case by QEMU alone, by `ktest run` and by virtme-ng, one after the other in each round.
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
    let plan = try await RunJob(session.silent, suites: [file], kernels: [build]).plan(on: guests).plan
    await guests.guests.waitForEndings()
    guard let planned = plan.suites.first, planned.boots > 0 else {
      throw Failure(.usage, "nothing of the suite \(file.suite.name) boots on \(build.label)")
    }
    let accelerator = plan.settings.accelerator
    let raw = try RawGuest(planned, accelerator: accelerator)
    let child = ChildRun(file, kernel: kernel, accelerator: accelerator, host: host, places: session.places)
    defer { child.clean() }
    var virtme = VirtmeRun(build, accelerator: accelerator)
    var bench = BootBench()
    // The first run fills caches that every later one finds.
    _ = try await child.measure()
    for round in 1...rounds {
      display.show(.step("round \(round) of \(rounds)"))
      bench.add(try await raw.boot())
      bench.add(try await child.measure())
      if let seconds = try await virtme.measure() { bench.add(virtme: seconds) }
    }
    bench.withoutVirtme = virtme.problem
    return bench
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
