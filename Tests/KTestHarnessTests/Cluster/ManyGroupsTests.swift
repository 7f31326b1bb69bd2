import FoundationEssentials
import Glibc
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("What a run of many groups writes")
struct ManyGroupsTests {
  /// How often and how much was written to a file, by its name in the run's directory.
  private struct Written: Sendable {
    var calls = 0
    var bytes = 0
  }

  private struct Run {
    var written: [String: Written]
    var contents: JournalContents
  }

  /// A folder in memory where there is one: each group waits twice for the disk.
  private static func withState<Outcome>(_ body: (String) async throws -> Outcome) async throws -> Outcome {
    guard access("/dev/shm", W_OK) == 0 else { return try await JournalSample.withScratch(body) }
    let path = "/dev/shm/ktest-groups-\(UUID().uuidString)"
    defer { HostFiles.remove(path) }
    return try await body(path)
  }

  private static func run(_ groups: Int, in state: String) async throws -> Run {
    let written = Locked<[String: Written]>([:])
    let disk = DiskWrite { descriptor, bytes in
      let done = DiskWrite.system.call(descriptor, bytes)
      let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")) ?? ""
      written.with {
        let name = String(path.split(separator: "/").last ?? "")
        $0[name, default: Written()].calls += 1
        $0[name, default: Written()].bytes += max(0, done.count)
      }
      return done
    }
    let plan = ClusterBenchJob.plan(groups: groups)
    var manifest = JournalSample.manifest
    (manifest.boots, manifest.commandLines) = ([], plan.commandLines)
    let journal = try JournalSample.journal(in: state, manifest: manifest, disk: disk, clock: WallTime.now)
    let dispatcher = Dispatcher(
      fleet: SimulatedFleet(SimulatedFleet.Conditions(hosts: 20, seed: 1)), version: "1",
      guests: .init(accelerator: "kvm", timeFactor: nil, channel: "virtio"), records: nil)
    try await runElsewhere(plan, name: "r", on: dispatcher, schedule: .oneByOne, needsKVM: false) { event in
      try await journal.record(event)
    }
    await journal.close()
    return Run(written: written.with { $0 }, contents: try readJournal(at: journal.directory))
  }

  @Test("its manifest does not grow with the groups, and is written once")
  func bounded() async throws {
    try await Self.withState { state in
      let (few, many) = (try await Self.run(100, in: state), try await Self.run(2000, in: state))
      for run in [few, many] {
        #expect(run.written["manifest.json"] == nil && run.written["manifest.json.new"]?.calls == 1)
      }
      let manifests = [few, many].map { $0.written["manifest.json.new"]?.bytes ?? 0 }
      // It has a command line for each suite of a hundred cases, and nothing of a group.
      let suites = try #require(many.contents.manifest?.commandLines?.count)
      #expect(suites == 20 && manifests[1] - manifests[0] < suites * 200, "\(manifests)")
      let lines = [few, many].map { $0.written["events.jsonl"] ?? Written() }
      #expect(lines[1].bytes < 2000 * 3000 && lines[1].calls < 2000 * 10, "\(lines)")
      let all = many.written.values.reduce(0) { $0 + $1.bytes }
      // Consoles and outputs have 4.5 KiB a group, and the summary is written once.
      #expect(all < 2000 * 10_000, "\(many.written.filter { $0.value.bytes > 100_000 })")
    }
  }

  @Test("readers have all of it from the events, whenever the run was killed")
  func killed() async throws {
    try await Self.withState { state in
      let whole = try await Self.run(150, in: state).contents
      let manifest = try #require(whole.manifest)
      #expect(whole.state == .finished && manifest.boots.count == 150 && manifest.workers?.count == 150)
      #expect(manifest.boots.map(\.boot).sorted() == whole.summary.boots.map(\.id))
      #expect(manifest.workersOfCases.count == 150 && manifest.qemu == "9.2.1")
      #expect(Set(manifest.workersOfCases.values.map(\.name)).count > 10)

      let path = whole.directory + "/events.jsonl"
      let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
      for part in 1...16 {
        let cut = Array(bytes[..<(bytes.count * part / 17)])
        try Data(cut).write(to: URL(filePath: path))
        let read = try readJournal(at: whole.directory)
        #expect(read.state == .interrupted)
        let events = read.events.compactMap(\.event)
        let part = try #require(read.manifest)
        #expect(part.boots.count == events.count { if case .bootStarted = $0 { true } else { false } })
        #expect(part.boots == Array(manifest.boots.prefix(part.boots.count)))
        let workers = part.workers ?? []
        #expect(workers == Array((manifest.workers ?? []).prefix(workers.count)) && workers.count >= part.boots.count)
        // Whoever has a result has a host.
        let hosts = part.workersOfCases
        for suite in read.summary.suites {
          for result in suite.cases { #expect(hosts["\(suite.name):\(result.name)"] != nil) }
        }
      }
    }
  }
}
