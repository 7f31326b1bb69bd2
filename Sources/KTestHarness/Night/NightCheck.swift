package import KTestValues

/// What a night would do, without doing it.
package struct NightCheck: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var kernel: String
    package var suite: String
    package var cells: Int
    package var cases: Int
  }

  package var plan: NightPlan
  package var entries: [Entry] = []
  /// The last night of the plan.
  package var last: String?
  /// The night that would go on; nil if a new one would begin.
  package var unfinished: String?

  /// - Throws: ``Failure``, ``JournalError``.
  package init(_ order: NightOrder, in session: Session, at now: WallTime = .now()) throws {
    plan = order.plan
    for kernel in order.plan.kernels {
      for suite in order.suites(on: kernel.name) {
        let cells = try suite.cells
        entries.append(
          Entry(
            kernel: kernel.name, suite: suite.name, cells: cells.count, cases: cells.reduce(0) { $0 + $1.cases.count }))
      }
    }
    let archive = NightArchive(of: order.plan.name, in: session.places.stateDirectory)
    guard let id = archive.ids.last, let record = try archive.record(of: id) else { return }
    last = id
    let age = max(0, now.seconds(since: WallTime(milliseconds: record.started)))
    let isOpen = record.state == .running || record.state == .interrupted
    if isOpen, age < Double(plan.budget.time.milliseconds) / 1000 { unfinished = id }
  }
}

/// Returns the record of a night by its name, by a beginning of it, or of the last one.
///
/// - Parameter plan: its plan; nil for all plans of the state directory.
/// - Throws: ``Failure``, ``JournalError``.
package func findNight(_ name: String, of plan: String? = nil, in state: String) throws -> NightRecord {
  let archives = (plan.map { [$0] } ?? NightArchive.plans(in: state)).map { NightArchive(of: $0, in: state) }
  let all = archives.flatMap { archive in archive.ids.map { (archive, $0) } }.sorted { $0.1 < $1.1 }
  let found = name == "latest" ? all.suffix(1) : all.filter { $0.1.hasPrefix(name) && !name.isEmpty }[...]
  guard let (archive, id) = found.first else {
    throw all.isEmpty
      ? Failure(.usage, "no night in \(state)/nights yet")
      : Failure(
        .usage, "no night '\(name)' in \(state)/nights; names begin with the date, and 'latest' is the last one")
  }
  guard found.count == 1 else {
    throw Failure(.usage, "'\(name)' is ambiguous: \(found.prefix(5).map(\.1).joined(separator: ", "))")
  }
  guard let record = try archive.record(of: id) else {
    throw Failure(.usage, "the night \(id) was killed before it had a record")
  }
  return record
}
