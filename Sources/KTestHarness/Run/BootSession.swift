internal import GuestProtocol
import KTestGuests
import KTestValues

/// Follows one guest from power-on to its end and judges its cases. Only one task uses it.
final class BootSession {
  let plan: BootPlan
  let guest: any Guest
  let emit: RunEmit
  let clock = ContinuousClock()
  let started: ContinuousClock.Instant
  var watch: ConsoleWatch
  private(set) var end: GuestEvent.End?
  private(set) var isCancelled = false
  private(set) var brokenChannel: String?
  /// Splats that do not belong to a case yet.
  var splats: [Splat] = []
  var announcer = SplatAnnouncer()
  /// Splats that began before the case that was started after them: the boot's.
  private(set) var earlier: [Splat] = []
  /// Whether splats before the running case's first line are its own, because its modules are loaded there.
  var ownsSplats = false
  var hello: Hello?
  var readySeconds: Double?
  /// What the limit of the boot became on a busy host; nil if nothing was added.
  var bootStretch: StretchedLimit?
  /// The output parser of the running case.
  var running: RunningCase?
  /// What the running program of the suite's setup says.
  var setUpOutput: (id: UInt32, telling: TellingLine)?
  /// The agent's lines in the kernel log that have arrived for the running case.
  var markers: Set<Marker> = []
  /// The kernel's own records during the running case, as read by the agent.
  var records = ConsoleWatch()
  var recordSplats: [Splat] = []
  /// The messages to count in the case's records.
  var wanted: [LineMatch] = []
  private var conversation = Conversation()
  /// Whether pvpanic has fired, so that the guest's end should follow at once.
  private(set) var hasPanicked = false
  /// Whether the guest must not run another case, because something hangs in its kernel.
  var isSpoilt = false
  /// The evidence kept of the guest for the running case, or for the boot.
  var evidence: GuestEvidence?
  /// A fault of the emulator or its host, after which nothing from this guest counts.
  var emulatorFault: EmulatorFault?
  var waits = ProcessorWaits()
  /// Whether the hanging guest has been inspected, which happens only once.
  var hasBeenAsked = false
  /// The number of unexpected messages that are kept; the oldest are dropped first.
  static let reportLimit = 1024
  private var reports: [GuestMessage] = []
  private var notices = 0
  /// The deadline for the remaining output of a kernel that has panicked.
  private var panicDeadline: ContinuousClock.Instant?

  init(_ plan: BootPlan, guest: any Guest, emit: @escaping RunEmit) {
    self.plan = plan
    self.guest = guest
    self.emit = emit
    started = clock.now
    watch = ConsoleWatch()
  }

  var seconds: Double { (clock.now - started).inSeconds }
  var settings: RunSettings { plan.settings }
  func deadline(in duration: Duration) -> ContinuousClock.Instant { clock.now + duration }

  /// Waits for a message of the agent that `select` accepts. Returns nil if the guest ends, the deadline passes or the
  /// run is cancelled first; ``end``, ``isCancelled`` and ``brokenChannel`` tell which. It also returns nil as soon as
  /// `isOver` holds and no such message is there.
  func message<Value>(
    before deadline: ContinuousClock.Instant?, _ select: (GuestMessage) -> Value?, unless isOver: () -> Bool = { false }
  ) async throws -> Value? {
    while end == nil, !isCancelled, brokenChannel == nil {
      for (place, message) in reports.enumerated() {
        if let value = select(message) {
          reports.remove(at: place)
          return value
        }
      }
      guard !isOver(), try await step(before: deadline) else { return nil }
    }
    return reports.lazy.compactMap(select).first
  }

  /// Waits until `condition` holds. Returns false if the deadline passes first, or nothing can change any more.
  @discardableResult
  func wait(before deadline: ContinuousClock.Instant?, until condition: () -> Bool) async throws -> Bool {
    while !condition() {
      guard end == nil, !isCancelled else { return condition() }
      guard try await step(before: deadline) else { return condition() }
    }
    return true
  }

  /// Processes one event. Returns false at the deadline.
  private func step(before deadline: ContinuousClock.Instant?) async throws -> Bool {
    let patience = panicDeadline.map { panic in deadline.map { min($0, panic) } ?? panic } ?? deadline
    switch await guest.next(before: patience) {
    case .deadline:
      if let panic = panicDeadline, panic <= clock.now { panicDeadline = nil }
      return false
    case .cancelled:
      isCancelled = true
      return false
    case .event(let event):
      await sampleWaits()
      try await take(event)
      return true
    }
  }

  private func take(_ event: GuestEvent) async throws {
    switch event {
    case .console(let bytes):
      let sightings = watch.push(bytes)
      try await emit(.console(boot: plan.id, bytes: bytes))
      try await note(sightings)
      // A kernel that waits after a panic has nothing to add; where pvpanic fires, that comes first.
      if watch.sawPanicEnd, !hasPanicked { panicked() }
    case .message(let message): try await take(message)
    case .channelBroken(let reason): brokenChannel = reason
    case .panicked: panicked()
    case .ended(let how):
      try await note(watch.finish())
      end = how
    }
  }

  private func panicked() {
    hasPanicked = true
    // If memory is kept, the guest is kept, and it will not end by itself.
    panicDeadline = deadline(
      in: settings.dumps?.occasions.contains(.onCrash) == true ? .milliseconds(500) : .seconds(5))
  }

  private func take(_ message: GuestMessage) async throws {
    guard conversation.accepts(message) else {
      guard conversation.dropped == 1 else { return }
      let text = "unexpected message on the agent's channel (\(message.title)); such messages are dropped"
      return try await emit(.notice("boot \(plan.id): \(text)"))
    }
    switch message {
    case .kernelLog(_, _, let bytes): noteRecords(records.push(bytes))
    case .output(let id, let isError, let bytes):
      if setUpOutput?.id == id { setUpOutput?.telling.push(bytes, isError: isError) }
      guard let case_ = running, case_.id == id else { return }
      running?.push(bytes, isError: isError)
      try await emit(
        .output(
          boot: plan.id, suite: case_.suite, kernel: plan.planned.kernel.label, name: case_.name,
          stream: isError ? .stderr : .stdout, bytes: bytes))
    case .artefact(let id, let file, let bytes, _):
      let file = file.clipped(to: BootSession.nameLength)
      guard let case_ = running, case_.id == id, let bytes = running?.artefacts.take(bytes, of: file) else { return }
      if file == CaseRequest.kernelSymbols, settings.functionPlugin != nil {
        running?.note(symbols: bytes)
        return
      }
      try await emit(
        .artefact(
          boot: plan.id, suite: case_.suite, kernel: plan.planned.kernel.label, name: case_.name,
          file: file, bytes: bytes))
    case .artefactNotes(let id, let notes): if running?.id == id { running?.artefacts.take(notes) }
    case .notice(let text): try await pass(notice: text)
    default:
      if reports.count == BootSession.reportLimit { reports.removeFirst() }
      reports.append(message)
    }
  }

  /// The number of notices from the guest that are passed on.
  private static let noticeLimit = 50
  private static let noticeLength = 512
  /// The maximum length of a name in bytes; no file system allows a longer one.
  private static let nameLength = 1024

  private func pass(notice text: String) async throws {
    notices += 1
    guard notices <= BootSession.noticeLimit else {
      guard notices == BootSession.noticeLimit + 1 else { return }
      return try await emit(
        .notice("boot \(plan.id): the guest sent more than \(BootSession.noticeLimit) notices; the others were dropped")
      )
    }
    try await emit(.notice("boot \(plan.id): \(text.clipped(to: BootSession.noticeLength))"))
  }

  func note(_ sightings: [ConsoleWatch.Sighting]) async throws {
    var found: [Splat] = []
    for sighting in sightings {
      switch sighting {
      case .splat(let splat):
        lookForEmulatorFault(in: splat)
        splats.append(splat)
        if emulatorFault == nil { found.append(splat) }
      case .marker(let marker):
        markers.insert(marker)
        switch marker {
        case .begin where ownsSplats: break
        case .ready, .begin:
          earlier += splats
          splats = []
        case .end: break
        }
      }
    }
    try await announce(found)
  }

  func noteRecords(_ sightings: [ConsoleWatch.Sighting]) {
    for case .splat(let splat) in sightings { recordSplats.append(splat) }
  }

  func takeSplats() -> [Splat] {
    defer { splats = [] }
    return splats
  }

  /// Returns the splats that belong to no case.
  func takeSplatsOfBoot() -> [Splat] {
    defer { earlier = [] }
    return earlier + takeSplats()
  }

  /// Sends a message. If the agent is already gone, its end will be reported.
  func send(_ message: HostMessage) async {
    conversation.sent(message)
    switch message {
    case .ready(let token): watch.await([token: .ready])
    case .runCase(let request):
      // Earlier messages are not about this case.
      reports = []
      markers = []
      (records, recordSplats) = (ConsoleWatch(), [])
      records.count(wanted)
      watch.await([request.secrets.begin: .begin(case: request.id), request.secrets.end: .end(case: request.id)])
    default: break
    }
    try? await guest.send(message)
  }

  /// How long the console may be silent before a line of the agent is given up, and the limit in total. A console that
  /// keeps printing is only slow.
  private static let silence = Duration.seconds(15)
  private static let slowness = Duration.seconds(120)

  /// How often a silent console is looked after.
  private static let look = Duration.seconds(1)

  @discardableResult
  func waitForMarker(_ marker: Marker) async throws -> Bool {
    let limit = deadline(in: settings.scaled(BootSession.slowness))
    var looks = Int(settings.scaled(BootSession.silence) / BootSession.look)
    while !markers.contains(marker), clock.now < limit, looks > 0 {
      let seen = watch.byteCount
      let next = deadline(in: BootSession.look)
      if try await wait(before: min(next, limit), until: { markers.contains(marker) || watch.byteCount != seen }) {
        looks = Int(settings.scaled(BootSession.silence) / BootSession.look)
        continue
      }
      guard end == nil, !isCancelled else { break }
      looks -= 1
      await guest.catchUp()
    }
    return markers.contains(marker)
  }

  /// The number of unexpected messages that were dropped.
  var droppedMessages: Int { conversation.dropped }
}

/// The case that a guest is running.
struct RunningCase {
  let id: UInt32
  let suite: String
  let name: String
  /// The path or name of its program.
  let program: String?
  private(set) var metrics: MetricScan
  private(set) var telling = TellingLine()
  var artefacts = ArtefactRoom()
  /// The kernel's symbols, if functions are counted.
  private(set) var symbols: [UInt8] = []
  /// The number of bytes that the case has printed.
  private(set) var byteCount = 0
  /// When it is ended because one of its processes has oopsed.
  var oopsDeadline: ContinuousClock.Instant?
  private let format: Case.Format
  private var splitter = LineSplitter()
  private var parser = KTAPParser()

  init(id: UInt32, suite: String, test: Case) {
    self.id = id
    self.suite = suite
    metrics = MetricScan(test.metrics)
    name = test.name
    program = test.run.first
    format = test.format
  }

  /// Takes a piece of the kernel's symbols, of which no kernel has more than these bytes.
  mutating func note(symbols bytes: [UInt8]) { symbols += bytes.prefix((64 << 20) - symbols.count) }

  mutating func push(_ bytes: [UInt8], isError: Bool) {
    byteCount += bytes.count
    metrics.push(bytes, isError: isError)
    telling.push(bytes, isError: isError)
    guard format != .exitCode, !isError else { return }
    for line in splitter.push(bytes) { parser.push(sanitised(String(decoding: line.bytes, as: UTF8.self))) }
  }

  mutating func report() -> KTAPReport? {
    metrics.finish()
    telling.finish()
    guard format != .exitCode else { return nil }
    if let line = splitter.finish() { parser.push(sanitised(String(decoding: line.bytes, as: UTF8.self))) }
    let report = parser.finish()
    return format == .kselftest && !report.sawAnything ? nil : report
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
