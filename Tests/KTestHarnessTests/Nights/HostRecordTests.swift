import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("What is known of hosts by name")
struct HostRecordTests {
  private func host(
    _ name: String, groups: Int = 0, losses: Int = 0, cases: Int = 0, errors: Int = 0, reason: String = ""
  ) -> HostRecord {
    var host = HostRecord(name: name)
    (host.groups, host.losses, host.cases, host.errors, host.reason) = (groups, losses, cases, errors, reason)
    return host
  }

  @Test("runs add up, and the last reason is the newest")
  func sums() {
    var hosts: [HostRecord] = []
    hosts.add([host("h2", groups: 1, cases: 5), host("h1", losses: 1, reason: "power cut")])
    hosts.add([host("h1", groups: 2, cases: 9, errors: 1), host("h1", losses: 1, reason: "drained")])
    #expect(
      hosts == [
        host("h1", groups: 2, losses: 2, cases: 9, errors: 1, reason: "drained"), host("h2", groups: 1, cases: 5),
      ])
  }

  @Test("one is suspect beside others only, and not for one loss")
  func suspects() {
    let good = (1...4).map { host("h\($0)", groups: 100, losses: 1, cases: 1000) }
    func isSuspect(_ host: HostRecord) -> Bool { (good + [host]).suspicions.last?.isAny ?? false }
    #expect(!isSuspect(host("x", groups: 10, losses: 2)) && isSuspect(host("x", groups: 10, losses: 3)))
    #expect(isSuspect(host("x", groups: 10, cases: 30, errors: 3)))
    #expect(!good.suspicions.contains { $0.isAny })
    #expect(![host("x", losses: 50)].suspicions[0].isAny && [HostRecord]().suspicions.isEmpty)
  }

  @Test("a run's hosts have its groups, its cases by their boots, and those that were lost")
  func ofARun() {
    var summary = RunSummary(run: "r", verdict: .error, seconds: 1, boots: [], suites: [])
    func boot(_ id: Int, _ host: String?) -> BootResult {
      var boot = BootResult(id: id, suite: "s", kernel: "k", verdict: .pass, seconds: 1, console: "c", splats: [])
      boot.host = host
      return boot
    }
    func test(_ name: String, _ verdict: Verdict, _ boot: Int?) -> CaseResult {
      var result = CaseResult(name: name, verdict: verdict)
      result.boot = boot
      return result
    }
    summary.boots = [boot(1, "h1"), boot(5, "h2"), boot(9, nil)]
    summary.suites = [
      SuiteResult(
        name: "s", kernel: "k", verdict: .error,
        cases: [
          test("a", .pass, 1), test("b", .error, 1), test("c", .fail, 5), test("d", .error, nil), test("e", .error, 9),
        ])
    ]
    summary.suites[0].cases[0].verdict = .error
    summary.suites[0].cases[0].cause = VerdictCause(.interrupted)
    func group(_ name: String?, _ losses: LostHost...) -> AnsweredGroup {
      let facts = name.map {
        WorkerFacts(
          name: $0, ktest: "1", time: 0, qemu: nil, libvirt: nil, accelerator: "tcg", processors: 1, memory: 1,
          kernel: "6")
      }
      return AnsweredGroup(host: facts, round: 1, group: 1, firstBoot: 1, cases: ["s:a"], losses: losses)
    }
    let hosts = [HostRecord](
      summary,
      groups: [
        group("h1"), group("h2", LostHost(host: "h3", reason: "gone"), LostHost(host: "h1", reason: "full")),
        group(nil),
        // A worker that was ended early, which has left something.
        group("h2", LostHost(host: "h2", reason: "over")),
      ])
    #expect(
      hosts == [
        host("h1", groups: 1, losses: 1, cases: 2, errors: 1, reason: "full"),
        host("h2", groups: 1, losses: 1, cases: 1, reason: "over"),
        host("h3", losses: 1, reason: "gone"),
      ])
  }

  @Test("a night tells of hosts that were lost, and of no others")
  func night() {
    var night = NightRecord(id: "2026-11-29T021500-3fa2", plan: "p", ktest: "1", started: 0)
    #expect(!nightReport(night, style: .plain).contains("Hosts"))
    night.hosts = [
      host("h1", groups: 9, cases: 9),
      host("h2", groups: 4, losses: 1, cases: 4, errors: 2, reason: "it\u{1b}[31m left\nx"),
    ]
    let text = nightReport(night, style: .plain)
    #expect(text.contains("Hosts\n  h2: lost with 1 of 5 groups, 2 of 4 cases could not be judged; last: it"))
    #expect(!text.contains("h1") && !text.contains("\u{1b}"))
  }
}
