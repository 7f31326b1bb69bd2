import Foundation

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Plans as orders, for tests.
enum ElsewherePlan {
  static func orders(
    of plan: Plan, round: Int = 1, firstBoot: Int = 1, workers: Int = 2, needsKVM: Bool = false,
    seconds: [String: Double] = [:]
  ) -> [GroupOrder] {
    plan.orders(round: round, firstBoot: firstBoot, workers: workers, needsKVM: needsKVM) { item in
      item.cases.reduce(0) { $0 + (seconds[$1.test.name] ?? 1) }
    }
  }

  /// The order as a worker reads it.
  static func sent(_ order: GroupOrder) throws -> GroupOrder {
    try JSONDecoder().decode(GroupOrder.self, from: JSONEncoder().encode(order))
  }
}

/// Does in an attempt's folder what `ktest work` does there, on a scripted host.
struct ScriptedWorker: Sendable {
  var name: String
  var host: ScriptedHost
  var accelerator = Accelerator.kvm

  var facts: WorkerFacts {
    WorkerFacts(
      name: name, ktest: "0", time: 0, qemu: "7.2", libvirt: "9.0", accelerator: accelerator.rawValue, processors: 4,
      memory: 8 << 30, kernel: "6.1")
  }

  /// - Returns: the worker's journal.
  @discardableResult
  func perform(_ order: GroupOrder, in folder: WorkFolder, word: String = "") async throws -> String {
    try HostFiles.makeDirectory(folder.path)
    if let process = WorkProcess() { try folder.write(WorkStart(word, facts: facts, process: process)) }
    let manifest = RunManifest(
      ktest: "0", arguments: [], suites: [], kernels: [], accelerator: .init(asked: "auto"), host: .current())
    let journal = try Journal(state: folder.path, manifest: manifest, suites: [])
    try await runGroup(
      order, name: journal.id, on: host, settings: RunSettings(accelerator: accelerator, settle: .milliseconds(1)),
      schedule: .oneByOne
    ) { event in try await journal.record(event) }
    let isInterrupted = await journal.summary.interrupted
    await journal.close()
    try folder.write(WorkEnd(word, run: journal.id, isInterrupted: isInterrupted))
    return journal.directory
  }
}

/// Workers of this process, one after the other, with journals and orders as those of other hosts.
struct ScriptedExecutor: GroupExecutor {
  var directory: String
  var host: ScriptedHost
  var accelerator = Accelerator.kvm
  var workers = 2
  /// The orders that have run.
  let answered = Locked<[GroupOrder]>([])

  func run(
    _ orders: [GroupOrder], of run: String, say: @escaping @Sendable (GroupNews) async throws -> Void,
    take: @escaping @Sendable (GroupAnswer) async throws -> Void
  ) async throws {
    for order in orders {
      let worker = ScriptedWorker(name: "h\(order.number)", host: host, accelerator: accelerator)
      let folder = WorkFolder("\(directory)/\(run)/\(order.round)/\(order.number)")
      let journal = try await worker.perform(try ElsewherePlan.sent(order), in: folder)
      answered.with { $0.append(order) }
      try await take(GroupAnswer(order, .ran(worker: worker.facts, part: JournalPart(directory: journal))))
    }
    try await say(.underWay([]))
  }
}
