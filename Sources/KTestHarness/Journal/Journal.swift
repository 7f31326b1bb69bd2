import FoundationEssentials
import Glibc
package import KTestValues

/// Writes a run's directory event by event: the source of truth, which can be copied, mailed and replayed.
/// docs/journal.md describes it.
///
/// An event is on the disk when `record` returns. When the disk is full, what is finished stays readable:
/// `JournalError.diskFull` is thrown once, from then on consoles, outputs and artefacts are dropped, and further events
/// go to the reserved space.
package actor Journal {
  package nonisolated let id: String
  package nonisolated let directory: String
  /// The manifest as it is in the file, and the programs of the first host that has run a group.
  package private(set) var manifest: RunManifest

  private nonisolated let queue = JournalQueue()
  package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private var record: RunRecord
  /// The events so far, folded.
  package private(set) var replay = RunReplay()
  private let started: WallTime
  private let limits: JournalLimits
  private let clock: @Sendable () -> WallTime
  private var saidFull = false
  private var isClosed = false

  /// Creates the directory `STATE/runs/ID` and all its content that is known before the first event.
  /// - Parameters:
  ///   - suites: the text of each suite of the manifest, in its order.
  /// - Throws: `JournalError.cannotCreate`, `.diskFull`; then nothing is left behind.
  package init(
    state: String, manifest: RunManifest, suites: [[UInt8]], limits: JournalLimits = JournalLimits(),
    fault: DiskFault? = nil
  ) throws {
    try self.init(
      state: state, manifest: manifest, suites: suites, limits: limits, disk: fault?.disk ?? .system,
      clock: WallTime.now)
  }

  package init(
    state: String, manifest: RunManifest, suites: [[UInt8]], limits: JournalLimits, disk: DiskWrite,
    clock: @escaping @Sendable () -> WallTime
  ) throws {
    precondition(manifest.suites.count == suites.count, "a suite of the manifest has no text")
    let (id, directory) = try Journal.makeRunDirectory(in: state + "/runs", clock: clock)
    let started = clock()
    var manifest = manifest
    manifest.run = id
    manifest.started = started.iso
    for place in manifest.suites.indices {
      manifest.suites[place].file = RunLayout.suite(manifest.suites[place].path, place: place)
    }
    self.id = id
    self.directory = directory
    self.manifest = manifest
    self.started = started
    self.limits = limits
    self.clock = clock
    do {
      record = try Journal.begin(directory, manifest, suites, limits, disk)
    } catch {
      try? FileManager.default.removeItem(atPath: directory)
      guard let error = error as? DiskError else { throw error }
      throw error.isFull
        ? JournalError.diskFull(path: directory) : .cannotCreate(path: directory, reason: error.reason)
    }
  }

  private static func begin(
    _ directory: String, _ manifest: RunManifest, _ suites: [[UInt8]], _ limits: JournalLimits, _ disk: DiskWrite
  ) throws -> RunRecord {
    var record = try RunRecord(directory: directory, limits: limits, disk: disk)
    if let lock = JournalLock.current() { try record.replace(RunLayout.lock, with: lock.bytes) }
    for (suite, text) in zip(manifest.suites, suites) {
      _ = try record.append(text, to: suite.file, limit: .max, keepOpen: false)
    }
    try record.replace(RunLayout.manifest, with: bytes(of: manifest))
    flushFolder(directory)
    return record
  }

  private static func makeRunDirectory(
    in runs: String, clock: () -> WallTime
  ) throws(JournalError) -> (id: String, path: String) {
    do throws(DiskError) {
      try makeDirectory(runs)
      var time = clock()
      while true {
        let id = RunID.make(at: time)
        if mkdir("\(runs)/\(id)", 0o700) == 0 { return (id, "\(runs)/\(id)") }
        guard errno == EEXIST else { throw DiskError(errno: errno) }
        time.milliseconds += 1
      }
    } catch {
      throw .cannotCreate(path: runs, reason: error.reason)
    }
  }

  /// The run so far.
  package var summary: RunSummary { replay.summary(run: id, stillRunning: !replay.isOver && !isClosed) }

  /// Writes one event. Returns when a line that matters after a power cut (the start of a boot, the end of a case or a
  /// run) is on the disk.
  /// - Returns: events that the journal added by itself, to be shown like the others: a notice if a stream or an
  ///   artefact was truncated at its limit.
  /// - Throws: `JournalError.diskFull` once; `.cannotWrite` for any other error of the disk.
  @discardableResult
  package func record(_ event: RunEvent) throws -> [RunEvent] {
    // A notice may still arrive while the run ends.
    if isClosed, case .notice = event { return [] }
    guard !isClosed else { throw JournalError.cannotWrite(path: directory, reason: "the run has ended") }
    let cut: Bool
    var what: String
    let now = clock()
    let ends = ends(of: event)
    replay.apply(event, at: now.seconds(since: started))
    func turn(_ name: String, _ suite: String, _ kernel: String) -> String {
      replay.folder(of: CaseKey(suite: suite, kernel: kernel, name: name))
    }
    switch event {
    case .console(let boot, let bytes):
      what = "the console of boot \(boot) exceeds the limit of the journal"
      let file = RunLayout.console(boot: boot)
      cut = try store { record throws(DiskError) in try record.append(bytes, to: file, limit: limits.console) }
    case .output(_, let suite, let kernel, let name, let stream, let bytes):
      let file = RunLayout.output(
        of: CaseKey(suite: suite, kernel: kernel, name: name), stream, turn: turn(name, suite, kernel))
      what = "the \(stream.rawValue) of \(suite)/\(name) exceeds the limit of the journal"
      cut = try store { record throws(DiskError) in try record.append(bytes, to: file, limit: limits.output) }
    case .artefact(_, let suite, let kernel, let name, let file, let bytes):
      let path = RunLayout.artefact(
        of: CaseKey(suite: suite, kernel: kernel, name: name), file: file, turn: turn(name, suite, kernel))
      var limit: RunRecord.ArtefactLimit?
      cut = try store { record throws(DiskError) in
        limit = try record.append(bytes, toArtefact: path)
        return limit != nil
      }
      what = "an artefact of \(suite)/\(name) exceeds the limit of the journal"
      if limit == .total { what = "the run's artefacts together exceed the limit of the journal" }
      if limit == .count { what = "the run has more than \(limits.artefactCount) artefacts" }
    case .evidence(let boot, let file, let bytes):
      let path = EvidenceLayout.path(of: SafeName.component(file), boot: boot)
      what = "evidence of boot \(boot) exceeds the limit of the journal"
      cut = try store { record throws(DiskError) in
        try record.append(bytes, to: path, limit: limits.output, keepOpen: false)
      }
    default:
      if case .groupAnswered(let group) = event { manifest.learn(from: group) }
      try write(event, at: now, ends)
      return []
    }
    guard cut else { return [] }
    let notice = RunEvent.notice("\(what); the rest was dropped")
    replay.apply(notice, at: now.seconds(since: started))
    try write(notice, at: now)
    return [notice]
  }

  /// Ends writing. Without a preceding `runFinished`, the run is an interrupted one.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    record.closeAll()
    record.release()
    unlink(directory + "/" + RunLayout.lock)
  }

  private func write(_ event: RunEvent, at now: WallTime, _ ends: [String: ByteTail] = [:]) throws {
    guard let line = RecordedEvent(time: now, event: event).line else { return }
    let flush =
      switch event {
      case .bootStarted, .caseFinished, .bootFinished, .runFinished: true
      default: false
      }
    defer { closeFiles(after: event, ends) }
    _ = try store { record throws(DiskError) in
      try record.append(line: withoutSecrets(line), flush: flush)
      return false
    }
    guard case .runFinished = event else { return }
    record.release()
    try replace(RunLayout.summary, with: withoutSecrets(Array(summary.json.page.utf8)))
  }

  private func closeFiles(after event: RunEvent, _ ends: [String: ByteTail]) {
    for (file, end) in ends.sorted(by: { $0.key < $1.key }) { record.shorten(file, to: end.bytes) }
    switch event {
    case .caseFinished(let suite, let kernel, let result):
      let key = CaseKey(suite: suite, kernel: kernel, name: result.name)
      record.close(RunLayout.output(of: key, .stdout, turn: result.folder))
      record.close(RunLayout.output(of: key, .stderr, turn: result.folder))
      if result.isOneOfManyPasses { record.removeFolder(RunLayout.artefacts(of: key, turn: result.folder)) }
    case .bootFinished(let result): record.close(RunLayout.console(boot: result.id))
    case .runFinished: close()
    default: break
    }
  }

  /// Returns what stays of the files that an event completes, if that is only their ends: nobody reads how a later round
  /// passed.
  private func ends(of event: RunEvent) -> [String: ByteTail] {
    switch event {
    case .caseFinished(let suite, let kernel, let result) where result.isOneOfManyPasses:
      let key = CaseKey(suite: suite, kernel: kernel, name: result.name)
      guard let end = replay.current[key] else { return [:] }
      return [
        RunLayout.output(of: key, .stdout, turn: result.folder): end.stdout,
        RunLayout.output(of: key, .stderr, turn: result.folder): end.stderr,
      ]
    case .bootFinished(let result) where (replay.rounds?.begun ?? 1) > 1 && !result.verdict.isBad:
      guard !replay.badBoots.contains(result.id), let end = replay.consoleTails[result.id] else { return [:] }
      return [RunLayout.console(boot: result.id): end]
    default: return [:]
    }
  }

  private func replace(_ file: String, with bytes: [UInt8]) throws(JournalError) {
    _ = try store { record throws(DiskError) in
      try record.replace(file, with: bytes)
      return false
    }
  }

  /// Changes the files, and reports a full disk only once.
  /// - Returns: whether something was truncated at its limit.
  private func store(_ change: (inout RunRecord) throws(DiskError) -> Bool) throws(JournalError) -> Bool {
    do {
      return try change(&record)
    } catch {
      guard error.isFull else { throw .cannotWrite(path: directory, reason: error.reason) }
      if saidFull { return false }
      saidFull = true
      throw .diskFull(path: directory)
    }
  }

  private static func bytes(of manifest: RunManifest) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return withoutSecrets(Array(try encoder.encode(manifest))) + [UInt8(ascii: "\n")]
  }
}

extension CaseResult {
  /// Whether it passed in a round after the first.
  fileprivate var isOneOfManyPasses: Bool { (round ?? 1) > 1 && !verdict.isBad }
}
