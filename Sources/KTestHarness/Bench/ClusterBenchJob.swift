internal import Foundation
import Glibc
import KTestGuests
import KTestHost
import KTestValues

/// Runs a made-up plan on simulated hosts, with a real dispatcher and a real journal.
package struct ClusterBenchJob: Sendable {
  package var display: any SessionDisplay
  package var hosts: [Int]
  package var groups: Int
  package var seed: UInt64
  /// Whether the journal is written, which most of the time goes into.
  package var writesJournal: Bool

  package init(_ display: any SessionDisplay, hosts: [Int], groups: Int, seed: UInt64, writesJournal: Bool) {
    (self.display, self.hosts, self.groups) = (display, hosts, groups)
    (self.seed, self.writesJournal) = (seed, writesJournal)
  }

  /// What is wrong with the options; nil if nothing is.
  package static func problem(hosts: [Int], groups: Int) -> String? {
    if hosts.isEmpty || !hosts.allSatisfy((1...10_000).contains) { return "--hosts takes numbers from 1 to 10000" }
    return (1...1_000_000).contains(groups) ? nil : "--groups must be a number from 1 to 1000000"
  }

  package func measure() async throws -> ClusterBench {
    var bench = ClusterBench(groups: groups, seed: seed)
    // Of all rows: each is one more night of the same tests in the index.
    let state = NSTemporaryDirectory() + "ktest-bench-\(UUID().uuidString)"
    defer {
      HostFiles.remove(state)
      display.clear()
    }
    // What a process needs once is not what a group costs.
    var first = self
    (first.groups, first.writesJournal) = (min(groups, 200), writesJournal)
    _ = try await first.row(hosts[0], state + "/first")
    for count in hosts {
      display.show(.step("\(groups) groups on \(count) hosts"))
      bench.rows.append(try await row(count, state))
    }
    return bench
  }

  private func row(_ count: Int, _ state: String) async throws -> ClusterBench.Row {
    let conditions = SimulatedFleet.Conditions(hosts: count, seed: seed)
    let fleet = SimulatedFleet(conditions)
    let dispatcher = Dispatcher(
      fleet: fleet, version: ktestVersion,
      guests: WorkOrder.GuestWords(accelerator: "kvm", timeFactor: nil, channel: "virtio"),
      records: nil)
    let plan = ClusterBenchJob.plan(groups: groups)
    let schedule = GuestSchedule(SharedBudget(.one)) { suite, test in
      guard let test else { return 0 }
      // What former runs took differs from what this one takes.
      let number = ClusterBench.number(suite: suite, test: test)
      var random = SeededNumbers(seed: UInt64(number))
      return SimulatedFleet.seconds(of: number, conditions) * (0.8 + 0.45 * random.fraction())
    }
    let counter = VerdictCounter()
    let (memory, processor) = (ClusterBenchJob.residentBytes, ClusterBenchJob.processorSeconds)
    // All that a run does from here on is measured, its manifest included.
    let journal =
      writesJournal ? try Journal(state: state, manifest: manifest(of: plan), suites: []) : nil
    _ = try await runElsewhere(plan, name: "bench", on: dispatcher, schedule: schedule, needsKVM: false) { event in
      await counter.count(event)
      // The summary, which the journal writes now, is made at once and then gone.
      if case .runFinished = event { await counter.note(memory: ClusterBenchJob.residentBytes) }
      _ = try await journal?.record(event)
    }
    await journal?.close()
    let used = ClusterBenchJob.processorSeconds - processor
    let kept = Double(max(0, await counter.memory - memory))
    let atEnd = Double(max(0, ClusterBenchJob.residentBytes - memory))
    let (makespan, idle, lengths) = (await fleet.now, await fleet.idle, await fleet.lengths)
    let slots = Double(count * conditions.slots)
    var row = ClusterBench.Row(
      hosts: count, milliseconds: used * 1000 / Double(groups), bytes: kept / Double(groups), makespan: makespan,
      bound: max(lengths.sum / slots, lengths.longest), idleWaiting: idle.waiting / (makespan * slots),
      idleAtEnd: idle.end / (makespan * slots), losses: await fleet.losses, passed: await counter.passed,
      errors: await counter.errors)
    if let directory = journal?.directory {
      row.eventBytes = Double(ClusterBenchJob.length(of: "\(directory)/\(RunLayout.events)")) / Double(groups)
      row.bytesAtEnd = atEnd / Double(groups)
      row.manifestBytes = ClusterBenchJob.length(of: "\(directory)/\(RunLayout.manifest)")
      row.taking = try await take(in: state)
    }
    return row
  }

  private func manifest(of plan: Plan) -> RunManifest {
    let kernels = plan.suites.first.map { [$0.kernel] } ?? []
    var manifest = RunManifest(
      ktest: ktestVersion, arguments: [], suites: [],
      kernels: kernels.map {
        .init(
          label: $0.label, source: $0.source, release: $0.release, image: $0.imagePath, identity: $0.identity,
          configHash: $0.configHash)
      }, accelerator: .init(asked: "kvm"), host: .current())
    manifest.commandLines = plan.commandLines
    return manifest
  }

  /// Takes the newest run into the index, as `ktest history` and the nights do.
  private func take(in state: String) async throws -> ClusterBench.Taking {
    func size() -> Int {
      let files = HostFiles.names(in: state).filter { $0.hasPrefix("history.sqlite") }
      return files.reduce(0) { $0 + ClusterBenchJob.length(of: "\(state)/\($1)") }
    }
    let (former, processor) = (size(), ClusterBenchJob.processorSeconds)
    // It is closed before it is measured: until then some of it is in SQLite's log.
    do { _ = try await openHistory(in: state) }
    return ClusterBench.Taking(
      milliseconds: (ClusterBenchJob.processorSeconds - processor) * 1000 / Double(groups),
      bytes: Double(size() - former) / Double(groups))
  }

  private static func length(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  static func plan(groups: Int) -> Plan {
    let kernel = KernelBuild(
      label: "kernel", release: "", imagePath: "/kernel", imageFormat: .vmlinux, identity: "",
      source: .path("/kernel"))
    let suites = (0..<(groups + ClusterBench.casesOfSuite - 1) / ClusterBench.casesOfSuite).map {
      place -> PlannedSuite in
      let count = min(ClusterBench.casesOfSuite, groups - place * ClusterBench.casesOfSuite)
      let cases = (0..<count).map { Case(name: "c\($0)", run: ["true"]) }
      var suite = Suite(name: "s\(place)", cases: cases)
      suite.isolation = .case
      return PlannedSuite(
        suite: suite, kernel: kernel, initramfs: "/initramfs", commandLine: KernelCommandLine(),
        cases: cases.map { PlannedCase($0) })
    }
    return Plan(suites: suites, settings: RunSettings(accelerator: .kvm))
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// What this process has in memory; 0 where /proc does not tell.
  private static var residentBytes: Int {
    let words = (HostFiles.smallText(of: "/proc/self/statm") ?? "").split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}

private actor VerdictCounter {
  private(set) var passed = 0
  private(set) var errors = 0
  /// What the process has in memory before the last event is recorded, in bytes.
  private(set) var memory = 0

  func note(memory: Int) { self.memory = memory }

  func count(_ event: RunEvent) {
    guard case .caseFinished(_, _, let result) = event else { return }
    if result.verdict == .pass { passed += 1 }
    if result.verdict == .error { errors += 1 }
  }
}
