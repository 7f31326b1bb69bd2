internal import Foundation
import Glibc
import KTestGuests
import KTestHost
import KTestValues

/// The results of `ktest bench cluster`: what the coordinator of many hosts costs, and how well it uses them.
package struct ClusterBench: Sendable {
  package struct Row: Sendable {
    package var hosts: Int
    /// The coordinator's processor time for a group in milliseconds.
    package var milliseconds: Double
    /// What it has kept in memory for a group in bytes.
    package var bytes: Double
    /// The simulated seconds until the last answer.
    package var makespan: Double
    /// The greater of all work by all slots and the longest group: nothing can be faster.
    package var bound: Double
    /// The share of all slots' time in which one had nothing to do: while groups waited, and at the end.
    package var idleWaiting: Double
    package var idleAtEnd: Double
    /// The attempts whose hosts were lost.
    package var losses: Int
    /// The cases that passed, and those that got no verdict from any host.
    package var passed: Int
    package var errors: Int
  }

  package var groups: Int
  package var seed: UInt64
  package var rows: [Row] = []

  /// The cases of a suite of the simulated plan.
  static let casesOfSuite = 100

  /// Returns the number of a simulated group's case.
  static func number(of order: GroupOrder) -> Int {
    number(suite: order.parts.first?.suite.name ?? "", test: order.parts.first?.cases.first ?? "")
  }

  static func number(suite: String, test: String) -> Int {
    (Int(suite.dropFirst()) ?? 0) * casesOfSuite + (Int(test.dropFirst()) ?? 0)
  }

  package var text: String {
    func digits(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }
    var lines = [
      "| hosts | processor time a group, ms | memory a group, KiB | makespan, s | : bound | idle while groups wait | idle at "
        + "the end | lost attempts | passed | errors |", "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows {
      let cells = [
        "\(row.hosts)", digits(row.milliseconds, 2), digits(row.bytes / 1024, 1), digits(row.makespan, 0),
        digits(row.makespan / row.bound, 3), digits(row.idleWaiting * 100, 1) + " %",
        digits(row.idleAtEnd * 100, 1) + " %", "\(row.losses)", "\(row.passed)", "\(row.errors)",
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n\n\(groups) groups, seed \(seed)\n"
  }

  package var json: String {
    JSONValue.object([
      ("groups", .int(groups)), ("seed", .int(Int(seed))),
      (
        "rows",
        .array(
          rows.map { row in
            .object([
              ("hosts", .int(row.hosts)), ("milliseconds", .double(row.milliseconds)), ("bytes", .double(row.bytes)),
              ("makespan", .double(row.makespan)), ("bound", .double(row.bound)),
              ("idleWaiting", .double(row.idleWaiting)), ("idleAtEnd", .double(row.idleAtEnd)),
              ("losses", .int(row.losses)), ("passed", .int(row.passed)), ("errors", .int(row.errors)),
            ])
          })
      ),
    ]).page
  }
}

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
    for count in hosts {
      display.show(.step("\(groups) groups on \(count) hosts"))
      bench.rows.append(try await row(count))
    }
    display.clear()
    return bench
  }

  private func row(_ count: Int) async throws -> ClusterBench.Row {
    let conditions = SimulatedFleet.Conditions(hosts: count, seed: seed)
    let fleet = SimulatedFleet(conditions)
    let dispatcher = Dispatcher(
      fleet: fleet, version: ktestVersion,
      guests: WorkOrder.GuestWords(accelerator: "kvm", timeFactor: nil, channel: "virtio"),
      records: nil)
    let plan = plan
    let schedule = GuestSchedule(SharedBudget(.one)) { suite, test in
      guard let test else { return 0 }
      // What former runs took differs from what this one takes.
      let number = ClusterBench.number(suite: suite, test: test)
      var random = SeededNumbers(seed: UInt64(number))
      return SimulatedFleet.seconds(of: number, conditions) * (0.8 + 0.45 * random.fraction())
    }
    let counter = VerdictCounter()
    let folder = NSTemporaryDirectory() + "ktest-bench-cluster-\(getpid())"
    defer { HostFiles.remove(folder) }
    let (memory, processor) = (ClusterBenchJob.residentBytes, ClusterBenchJob.processorSeconds)
    if writesJournal {
      let manifest = RunManifest(
        ktest: ktestVersion, arguments: [], suites: [], kernels: [], accelerator: .init(asked: "kvm"), host: .current())
      let journal = try Journal(state: folder, manifest: manifest, suites: [])
      _ = try await runElsewhere(plan, name: "bench", on: dispatcher, schedule: schedule, needsKVM: false) { event in
        await counter.count(event)
        _ = try await journal.record(event)
      }
      await journal.close()
    } else {
      _ = try await runElsewhere(plan, name: "bench", on: dispatcher, schedule: schedule, needsKVM: false) { event in
        await counter.count(event)
      }
    }
    let used = ClusterBenchJob.processorSeconds - processor
    let kept = Double(max(0, ClusterBenchJob.residentBytes - memory))
    let (makespan, idle, lengths) = (await fleet.now, await fleet.idle, await fleet.lengths)
    let slots = Double(count * conditions.slots)
    return ClusterBench.Row(
      hosts: count, milliseconds: used * 1000 / Double(groups), bytes: kept / Double(groups), makespan: makespan,
      bound: max(lengths.sum / slots, lengths.longest), idleWaiting: idle.waiting / (makespan * slots),
      idleAtEnd: idle.end / (makespan * slots), losses: await fleet.losses, passed: await counter.passed,
      errors: await counter.errors)
  }

  private var plan: Plan {
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

  func count(_ event: RunEvent) {
    guard case .caseFinished(_, _, let result) = event else { return }
    if result.verdict == .pass { passed += 1 }
    if result.verdict == .error { errors += 1 }
  }
}
