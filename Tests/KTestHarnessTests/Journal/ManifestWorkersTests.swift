import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Which host ran what, in a run's manifest")
struct ManifestWorkersTests {
  private struct Nothing: GroupEvents { func pass(to emit: RunEmit) async throws {} }

  private static func facts(_ name: String, processors: Int) -> WorkerFacts {
    WorkerFacts(
      name: name, ktest: "0", time: 0, qemu: "8.\(processors)", libvirt: "9.0", accelerator: "tcg",
      processors: processors, memory: 16 << 30, kernel: "6.1")
  }

  private static func order(_ names: String..., number: Int = 1, round: Int = 1) throws -> GroupOrder {
    var plan = try ScriptedRun.plan(names.map { Case(name: $0, run: [$0]) })
    plan.suites[0].suite.name = "demo"
    var order = ElsewherePlan.orders(of: plan, round: round)[0]
    order.number = number
    return order
  }

  @Test("manifests without it, as earlier versions wrote them, are read")
  func earlier() throws {
    let bytes = try JSONEncoder().encode(JournalSample.manifest)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("workers"))
    let manifest = try JSONDecoder().decode(RunManifest.self, from: bytes)
    #expect(manifest.workers == nil && manifest == JournalSample.manifest && manifest.workersOfCases.isEmpty)
  }

  @Test("the first host's programs are the run's, and a group that no host ran has only losses")
  func add() throws {
    var manifest = JournalSample.manifest
    (manifest.qemu, manifest.libvirt, manifest.accelerator.used) = (nil, nil, nil)
    let losses = [GroupAnswer.Loss(host: "h9", reason: "power cut")]
    let none = VerdictReason(.harness, "x")
    manifest.add(GroupAnswer(try Self.order("lost", number: 3), .lost(none), losses: losses))
    manifest.add(
      GroupAnswer(
        try Self.order("map", "hwpoison"), .ran(worker: Self.facts("h1", processors: 4), part: Nothing()),
        losses: losses))
    manifest.add(
      GroupAnswer(try Self.order("map", round: 2), .ran(worker: Self.facts("h2", processors: 8), part: Nothing())))
    #expect(manifest.qemu == "8.4" && manifest.libvirt == "9.0" && manifest.accelerator.used == "tcg")
    let read = try JSONDecoder().decode(RunManifest.self, from: JSONEncoder().encode(manifest))
    #expect(read == manifest && read.workers?.map(\.host?.name) == [nil, "h1", "h2"])
    #expect(read.workers?.map(\.losses.count) == [1, 1, 0] && read.workers?.map(\.group) == [3, 1, 1])
    #expect(read.workersOfCases.mapValues(\.name) == ["demo:map": "h1", "demo:hwpoison": "h1"])
  }

  @Test("the history of a case is that of the class of hosts that ran it")
  func index() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines { try await journal.record(event) }
      let order = try Self.order("map")
      try await journal.update {
        $0.add(GroupAnswer(order, .ran(worker: Self.facts("h1", processors: 64), part: Nothing())))
      }
      await journal.close()
      let run = IndexedRun(try readJournal(at: journal.directory), name: "r")
      let hosts = Dictionary(
        run.results.map { ($0.series.test, "\($0.series.host), \($0.series.accelerator)") }
      ) { first, _ in first }
      #expect(hosts["map"] == "64 CPUs, 16 GiB, tcg")
      #expect(hosts["hwpoison"] == "2 CPUs, 24 GiB, tcg", "the manifest's own host, where no other is known")
    }
  }
}
