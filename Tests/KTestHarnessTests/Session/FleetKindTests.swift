import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("The value of --on")
struct FleetKindTests {
  @Test("is Slurm, with a partition or its default")
  func slurm() throws {
    let session = try SessionFixture().session
    let shared = "\(session.places.stateDirectory)/elsewhere/shared"
    #expect(try session.fleetKind("slurm") == .slurm(partition: nil, shared: shared))
    #expect(try session.fleetKind("slurm:mm-lab") == .slurm(partition: "mm-lab", shared: shared))
  }

  @Test("is no partition that Slurm could take for an option", arguments: ["slurm:", "slurm:-x", "slurm:a b"])
  func partitions(_ name: String) throws {
    let session = try SessionFixture().session
    let failure = #expect(throws: Failure.self) { try session.fleetKind(name) }
    #expect(failure?.kind == .usage)
    #expect(failure?.description == "--on \(name): name a partition, as 'sinfo' shows them, or write --on slurm")
  }

  @Test("is a file of hosts, beside which its ssh_config is")
  func hosts() throws {
    let fixture = try SessionFixture()
    try fixture.tree.put("here/lab/hosts.yaml", "ssh_config: keys/config\nhosts: [{name: a}]\n")
    guard case .ssh(let hosts) = try fixture.session.fleetKind("lab/hosts.yaml") else {
      Issue.record("no hosts")
      return
    }
    #expect(hosts.hosts.map(\.name) == ["a"])
    #expect(hosts.configuration == "\(fixture.tree.path)/here/lab/keys/config")
  }

  @Test("that cannot be used says what is wrong, where")
  func bad() throws {
    let fixture = try SessionFixture()
    let none = #expect(throws: Failure.self) { try fixture.session.fleetKind("slrum") }
    #expect(none?.kind == .usage && none?.description.contains("other values are slurm and slurm:PARTITION") == true)
    try fixture.tree.put("here/hosts.yaml", "hosts:\n  - {name: a, slots: 0}\n")
    let bad = #expect(throws: Failure.self) { try fixture.session.fleetKind("hosts.yaml") }
    #expect(bad?.kind == .data && bad?.description.contains("hosts.yaml:2:22") == true, "\(String(describing: bad))")
  }

  @Test("a run elsewhere starts with what was long here")
  func schedule() async throws {
    let fixture = try SessionFixture()
    let job = try fixture.job("demo")
    let plan = try ScriptedRun.plan([Case(name: "a", run: ["a"])])
    var host = fixture.host()
    host.executor = ScriptedExecutor(directory: fixture.tree.path, host: ScriptedHost())
    try await FormerRun.record(in: "\(fixture.tree.path)/state", suite: "s", name: "a", seconds: 77)
    let schedule = try job.guestSchedule(on: host, plan)
    #expect(!schedule.isSideBySide)
    #expect(schedule.expected("s", "a") == 77 && schedule.expected("s", "b") == nil)
  }
}

/// A run that took its time.
private enum FormerRun {
  static func record(in state: String, suite: String, name: String, seconds: Double) async throws {
    var manifest = JournalSample.manifest
    (manifest.accelerator.used, manifest.host) = ("kvm", .current())
    let journal = try Journal(state: state, manifest: manifest, suites: [JournalSample.suiteText])
    for event: RunEvent in [
      .runStarted(cases: 1, boots: 1), .bootStarted(boot: 1, suite: suite, kernel: "k", cases: [name]),
      .bootReady(boot: 1, seconds: 1), .caseStarted(boot: 1, suite: suite, kernel: "k", name: name),
      .caseFinished(
        suite: suite, kernel: "k", result: CaseResult(name: name, verdict: .pass, seconds: seconds, boot: 1)),
      .bootFinished(
        BootResult(
          id: 1, suite: suite, kernel: "k", verdict: .pass, seconds: seconds + 2, console: "consoles/boot-1.log")),
      .runFinished(verdict: .pass, interrupted: false, seconds: seconds + 3),
    ] { try await journal.record(event) }
    await journal.close()
  }
}
