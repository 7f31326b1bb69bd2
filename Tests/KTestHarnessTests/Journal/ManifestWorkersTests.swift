import FoundationEssentials
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("Which host ran what, from a run's events")
struct ManifestWorkersTests {
  private static func answer(
    _ cases: String..., host: WorkerFacts?, group: Int = 1, round: Int = 1, losses: [LostHost] = []
  ) -> RunEvent {
    .groupAnswered(
      AnsweredGroup(
        host: host, round: round, group: group, firstBoot: 1, cases: cases.map { "demo:\($0)" }, losses: losses))
  }

  /// A run on other hosts, as it begins.
  private static let unknown: RunManifest = {
    var manifest = JournalSample.manifest
    (manifest.qemu, manifest.libvirt, manifest.accelerator.used) = (nil, nil, nil)
    manifest.boots = []
    manifest.commandLines = [.init(suite: "demo", kernel: "6.12", commandLine: "console=ttyS0 nokaslr")]
    return manifest
  }()

  @Test("the first host's programs are the run's, and a group that no host ran has only losses")
  func programs() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state, manifest: Self.unknown)
      let path = journal.directory + "/manifest.json"
      let text = try #require(JournalSample.text(of: path))
      let losses = [LostHost(host: "h9", reason: "power cut")]
      try await journal.record(Self.answer("lost", host: nil, group: 3, losses: losses))
      #expect(await journal.manifest.qemu == nil)
      try await journal.record(Self.answer("map", "hwpoison", host: JournalSample.facts("h1"), losses: losses))
      try await journal.record(Self.answer("map", host: JournalSample.facts("h2", processors: 8), round: 2))
      // Reports that are made when the run ends have them, and those of its journal, too.
      for manifest in [await journal.manifest, try #require(try readJournal(at: journal.directory).manifest)] {
        #expect(manifest.qemu == "8.4" && manifest.libvirt == "9.0" && manifest.accelerator.used == "tcg")
      }
      let read = try #require(try readJournal(at: journal.directory).manifest)
      #expect(read.workers?.map(\.host?.name) == [nil, "h1", "h2"])
      #expect(read.workers?.map(\.losses.count) == [1, 1, 0] && read.workers?.map(\.group) == [3, 1, 1])
      #expect(read.workersOfCases.mapValues(\.name) == ["demo:map": "h1", "demo:hwpoison": "h1"])
      #expect(JournalSample.text(of: path) == text, "the file is written once")
    }
  }

  @Test("a boot has the planned command line of its suite on its kernel")
  func boots() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state, manifest: Self.unknown)
      for boot in [1, 4] {
        try await journal.record(.bootStarted(boot: boot, suite: "demo", kernel: "6.12", cases: ["map"]))
      }
      try await journal.record(.bootStarted(boot: 5, suite: "demo", kernel: "other", cases: ["map"]))
      let boots = try #require(try readJournal(at: journal.directory).manifest).boots
      #expect(boots.map(\.boot) == [1, 4, 5] && boots.map(\.kernel) == ["6.12", "6.12", "other"])
      #expect(boots.map(\.commandLine) == ["console=ttyS0 nokaslr", "console=ttyS0 nokaslr", ""])
    }
  }

  @Test("manifests of earlier versions have boots and workers themselves, and are read")
  func earlier() async throws {
    let old = #"""
      {"accelerator": {"asked": "auto", "used": "tcg"}, "arguments": ["run", "demo"], "boots": [
        {"boot": 1, "commandLine": "console=ttyS0", "kernel": "6.12", "suite": "demo"}],
      "host": {"cpus": 2, "kernel": "6.1.0", "memory": 25769803776}, "kernels": [], "ktest": "0.1.0", "parameters": {},
      "qemu": "8.4", "run": "r", "schema": 1, "seeds": {}, "selection": [], "started": "2026-11-21T10:15:02.250Z",
      "suites": [], "workers": [{"cases": ["demo:map"], "firstBoot": 1, "group": 1, "host": {"accelerator": "tcg",
        "kernel": "6.1", "ktest": "0", "libvirt": "9.0", "memory": 17179869184, "name": "h1", "processors": 64,
        "qemu": "8.4", "time": 0}, "losses": [{"host": "h9", "reason": "power cut"}], "round": 1}]}
      """#
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines { try await journal.record(event) }
      try Data(old.utf8).write(to: URL(filePath: journal.directory + "/manifest.json"))
      let contents = try readJournal(at: journal.directory)
      let manifest = try #require(contents.manifest)
      #expect(manifest.boots == [.init(boot: 1, suite: "demo", kernel: "6.12", commandLine: "console=ttyS0")])
      #expect(manifest.workers?.count == 1 && manifest.workers?.first?.losses.map(\.host) == ["h9"])
      #expect(manifest.workersOfCases["demo:map"]?.name == "h1")
      let results = IndexedRun(contents, name: "r").results
      #expect(results.first { $0.series.test == "map" }?.series.host == "64 CPUs, 16 GiB")
    }
  }

  @Test("a manifest that no run on other hosts has written says nothing of hosts")
  func none() throws {
    let bytes = try JSONEncoder().encode(JournalSample.manifest)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("workers"))
    let manifest = try JSONDecoder().decode(RunManifest.self, from: bytes)
    #expect(manifest.workers == nil && manifest == JournalSample.manifest && manifest.workersOfCases.isEmpty)
  }

  @Test("the history of a case is that of the class of hosts that ran it")
  func index() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      try await journal.record(Self.answer("map", host: JournalSample.facts("h1", processors: 64)))
      for event in JournalSample.lines { try await journal.record(event) }
      await journal.close()
      let run = IndexedRun(try readJournal(at: journal.directory), name: "r")
      let hosts = Dictionary(
        run.results.map { ($0.series.test, "\($0.series.host), \($0.series.accelerator)") }
      ) { first, _ in first }
      #expect(hosts["map"] == "64 CPUs, 16 GiB, tcg")
      #expect(hosts["hwpoison"] == "2 CPUs, 24 GiB, tcg", "the manifest's own host, where no other is known")
    }
  }

  @Test("memory that no host has does not end the reader")
  func impossibleMemory() async throws {
    try await JournalSample.withScratch { state in
      var facts = JournalSample.facts("h1")
      facts.memory = .max
      let journal = try JournalSample.journal(in: state)
      try await journal.record(Self.answer("map", host: facts))
      for event in JournalSample.lines { try await journal.record(event) }
      let run = IndexedRun(try readJournal(at: journal.directory), name: "r")
      #expect(run.results.first { $0.series.test == "map" }?.series.host == "4 CPUs, 8589934592 GiB")
    }
  }
}
