import GuestProtocol
import Synchronization
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// What one guest does: when it is switched on, and in answer to each message of the host.
struct GuestScript: Sendable {
  var start: [GuestEvent]
  var answer: @Sendable (_ message: HostMessage, _ running: CaseRequest?) -> [GuestEvent]
  /// The monitor's answer and what the guest does then; nil where a guest cannot be looked into that way.
  var probe: @Sendable (GuestProbe) -> (answer: String, events: [GuestEvent])? = { _ in nil }

  /// Seconds that the guest's processor has waited for one of the host, at each time it is asked, and what the guest comes
  /// to say by then; the last is repeated.
  var waits: [(seconds: Double, events: [GuestEvent])] = []

  /// Why the guest cannot become a template; nil if it can.
  var freezing: String?

  /// What QEMU's plugin has written at the end of a case; nil without a plugin.
  var functionCounts: [UInt8]?

  /// What the guest says again and again while a case runs, until the host begins to ask what hangs.
  var talk: GuestEvent?

  /// What the console's stream loses, and only a look at QEMU's log brings.
  var loses: @Sendable (GuestEvent, CaseRequest?) -> Bool = { _, _ in false }

  static let hello = GuestEvent.message(
    .hello(
      Hello(
        version: Hello.currentVersion, release: "6.12.0", uptimeMilliseconds: 900, cpuFlags: ["fpu"], channel: "virtio")
    ))

  /// A guest that does its duty, but for the cases that `play` has something else for.
  init(
    start: [GuestEvent] = [GuestScript.hello],
    play: @escaping @Sendable (_ request: CaseRequest) -> [GuestEvent]? = { _ in nil },
    modules: @escaping @Sendable (ModuleLoad) -> [GuestEvent]? = { _ in nil },
    sysrq: @escaping @Sendable (UInt8) -> [GuestEvent] = { _ in [] },
    stop: @escaping @Sendable (CaseRequest) -> [GuestEvent] = { _ in [] },
    more: @escaping @Sendable (CaseRequest) -> [GuestEvent] = { _ in [] },
    ready: @escaping @Sendable (String) -> [GuestEvent] = { [GuestScript.kernel(Marker.ready.line(token: $0))] },
    powerOff: [GuestEvent] = [], wakes: Bool = true
  ) {
    self.start = start
    answer = { message, running in
      switch message {
      case .loadModules(let list):
        list.flatMap { modules($0) ?? [.message(.moduleLoaded(name: $0.name, error: ""))] }
      case .runCase(let request):
        play(request) ?? GuestScript.run(request, output: "KTAP version 1\n1..1\nok 1 it\n")
      case .sysrq(let key): sysrq(key)
      case .stopCase: running.map(stop) ?? []
      case .continueCase: running.map(more) ?? []
      case .ready(let token): ready(token)
      case .powerOff: powerOff + [.ended(.poweredOff)]
      case .wake: wakes ? [GuestScript.hello] : []
      default: []
      }
    }
  }

  /// Kernel lines, as with `printk.time=1`.
  static func kernel(_ lines: String..., seconds: String = "    4.400000") -> GuestEvent {
    .console(Array(lines.map { "[\(seconds)] \($0)\r\n" }.joined().utf8))
  }

  /// A case from its start to its end; `inside` before the end's marker, `after` behind the agent's word.
  static func run(
    _ request: CaseRequest, output: String = "", _ inside: [GuestEvent] = [], end: CaseEnd? = nil,
    after: [GuestEvent] = []
  ) -> [GuestEvent] {
    let said = GuestMessage.output(id: request.id, isError: false, bytes: Array(output.utf8))
    return [begin(request), .message(.caseStarted(id: request.id)), .message(said)] + inside + [
      .message(.caseEnded(end ?? CaseEnd(id: request.id, outcome: .exited(status: 0)))), GuestScript.end(request),
    ] + after
  }

  /// The agent's lines in the kernel log.
  static func begin(_ request: CaseRequest) -> GuestEvent {
    kernel(Marker.begin(case: request.id).line(token: request.secrets.begin))
  }

  static func end(_ request: CaseRequest) -> GuestEvent {
    kernel(Marker.end(case: request.id).line(token: request.secrets.end))
  }

  static let warning = kernel(
    "------------[ cut here ]------------", "WARNING: CPU: 0 PID: 77 at mm/gup.c:10 gup_leaf+0x10/0x20",
    "Modules linked in:", "RIP: 0010:gup_leaf+0x10/0x20", "Call Trace:", " <TASK>", " do_gup+0x1/0x20",
    " __x64_sys_gup+0x3/0x20", " </TASK>", "---[ end trace 0000000000000000 ]---")

  static let oops = kernel(
    "BUG: unable to handle page fault for address: ffffea0004000000", "Oops: Oops: 0000 [#1] SMP",
    "RIP: 0010:dmirror_fops_unlocked_ioctl+0x5/0x10", "Call Trace:", " <TASK>", " __x64_sys_ioctl+0x1/0x2", " </TASK>",
    "---[ end trace 0000000000000000 ]---")

  static func panic(_ why: String = "sysrq triggered crash") -> GuestEvent {
    kernel("Kernel panic - not syncing: \(why)", "---[ end Kernel panic - not syncing: \(why) ]---")
  }
}

/// Guests that play a script. Time does not pass: where nothing is left to happen, every deadline has come.
final class ScriptedHost: GuestHost {
  private let scripts: [GuestScript]
  private let failure: (any Error)?
  let forkRefusal: String?
  private let anticipations = Mutex<[GuestDescription]>([])
  private let state = Mutex<(descriptions: [GuestDescription], guests: [ScriptedGuest], running: Int)>(([], [], 0))

  /// - Parameter scripts: of the first guest, the second and so on; the last one is repeated.
  convenience init(_ scripts: GuestScript..., failure: (any Error)? = nil, forkRefusal: String? = "scripted") {
    self.init(scripts, failure: failure, forkRefusal: forkRefusal)
  }

  init(_ scripts: [GuestScript], failure: (any Error)? = nil, forkRefusal: String? = "scripted") {
    self.forkRefusal = forkRefusal
    self.scripts = scripts.isEmpty ? [GuestScript()] : scripts
    self.failure = failure
  }

  /// The clones that were to be made ready.
  var anticipated: [GuestDescription] { anticipations.withLock { $0 } }

  func anticipate(_ clone: GuestDescription, needed: @Sendable () -> Int) async {
    if needed() > 0 { anticipations.withLock { $0.append(clone) } }
  }

  var descriptions: [GuestDescription] { state.withLock { $0.descriptions } }
  var guests: [ScriptedGuest] { state.withLock { $0.guests } }
  /// Guests whose body has not returned.
  var running: Int { state.withLock { $0.running } }

  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    if let failure { throw failure }
    let guest = state.withLock { state in
      let guest = ScriptedGuest(scripts[min(state.guests.count, scripts.count - 1)], description)
      state.descriptions.append(description)
      state.guests.append(guest)
      state.running += 1
      return guest
    }
    defer { state.withLock { $0.running -= 1 } }
    return try await body(guest)
  }
}

final class ScriptedGuest: Guest {
  private let origin: GuestDescription.Origin
  private let description: GuestDescription
  private let script: GuestScript
  private let state:
    Mutex<
      (
        waiting: [GuestEvent], sent: [HostMessage], running: CaseRequest?, hasEnded: Bool, wasKilled: Bool,
        probes: [GuestProbe], asked: Int, lost: [GuestEvent]
      )
    >

  init(_ script: GuestScript, _ description: GuestDescription) {
    self.script = script
    origin = description.origin
    self.description = description
    var start = script.start
    if case .clone = origin { start = [] }
    state = Mutex((start, [], nil, false, false, [], 0, []))
  }

  var sent: [HostMessage] { state.withLock { $0.sent } }
  var wasKilled: Bool { state.withLock { $0.wasKilled } }

  func next(before deadline: ContinuousClock.Instant?) async -> GuestWait {
    if Task.isCancelled { return .cancelled }
    await Task.yield()
    return state.withLock { state in
      while let event = state.waiting.first, script.loses(event, state.running) {
        state.lost.append(state.waiting.removeFirst())
      }
      if state.waiting.isEmpty, let talk = script.talk, let running = state.running,
        !state.sent.contains(.stopCase(id: running.id)), !state.sent.contains(where: \.isSysRq),
        deadline.map({ $0 > .now }) ?? true
      {
        return .event(talk)
      }
      guard !state.waiting.isEmpty else { return .deadline }
      let event = state.waiting.removeFirst()
      if case .ended = event {
        state.hasEnded = true
        state.waiting = []
      }
      // An end in a script that says no key is the agent's own.
      if case .message(.caseEnded(var end)) = event, end.key == 0, let running = state.running {
        end.key = running.secrets.key
        return .event(.message(.caseEnded(end)))
      }
      return .event(event)
    }
  }

  func send(_ message: HostMessage) async throws {
    let script = script
    let isGone = state.withLock { state in
      if state.hasEnded { return true }
      state.sent.append(message)
      if case .runCase(let request) = message { state.running = request }
      state.waiting += script.answer(message, state.running)
      return false
    }
    if isGone { throw GuestError.gone(name: "scripted") }
  }

  func freeze(within limit: Duration) async throws(GuestError) -> GuestTemplate {
    if let reason = script.freezing { throw .noFork(reason) }
    if wasKilled { throw .noFork("its QEMU has ended") }
    guard case .template = origin else { throw .noFork("it is no template") }
    state.withLock { $0.waiting.append(.ended(.killed)) }
    return GuestTemplate(description, directory: "/nonexistent/scripted")
  }

  /// In the order in which it was looked into.
  var probes: [GuestProbe] { state.withLock { $0.probes } }

  func probe(_ probe: GuestProbe, within limit: Duration) async throws -> String {
    guard let (answer, events) = script.probe(probe) else { throw GuestError.noProbe("scripted") }
    state.withLock { state in
      state.probes.append(probe)
      state.waiting += events
    }
    return answer
  }

  func catchUp() async {
    state.withLock { state in
      let lost = state.lost
      state.lost = []
      guard !lost.isEmpty else { return }
      // They come as one piece that no script loses.
      let bytes = lost.reduce(into: [UInt8]()) { if case .console(let piece) = $1 { $0 += piece } }
      state.waiting.append(.console(Array("[    4.500000] late\r\n".utf8) + bytes))
    }
  }

  func takeFunctionCounts() async -> [UInt8]? { script.functionCounts }

  func processorWaits() async -> [Int32: Double]? {
    guard !script.waits.isEmpty else { return nil }
    return state.withLock { state in
      let place = state.asked
      state.asked += 1
      guard place < script.waits.count else { return [1: script.waits[script.waits.count - 1].seconds] }
      state.waiting += script.waits[place].events
      return [1: script.waits[place].seconds]
    }
  }

  func kill() async {
    state.withLock { state in
      state.wasKilled = true
      if !state.hasEnded { state.waiting.append(.ended(.killed)) }
    }
  }
}

/// Runs a plan against a script and keeps what was told.
struct ScriptedRun {
  var events: [RunEvent]
  var verdict: Verdict
  var interrupted: Bool

  static func kernel(_ config: String = "") -> KernelBuild {
    KernelBuild(
      label: "k", release: "6.12.0", imagePath: "/k/vmlinux", imageFormat: .vmlinux,
      config: config.isEmpty ? nil : KernelConfig(parsing: config), identity: "0", source: .path("/test"))
  }

  static func plan(
    _ cases: [Case], setup: [[String]] = [], dmesg: DmesgRules = DmesgRules(), modules: [ModuleLoad] = [],
    caseModules: [String: [ModuleLoad]] = [:], skips: [String: String] = [:],
    isolation: Suite.Isolation = .shared, forks: Bool = false
  ) throws -> Plan {
    var suite = Suite(name: "s", dmesg: dmesg, setup: setup, cases: cases)
    suite.isolation = isolation
    let planned = PlannedSuite(
      suite: suite, kernel: kernel(), initramfs: "/i.cpio", commandLine: try guestCommandLine(of: suite.guest),
      modules: modules, caseModules: caseModules,
      cases: cases.map { PlannedCase($0, skip: skips[$0.name].map { VerdictReason(.missingModule, $0) }) })
    var settings = RunSettings(accelerator: .kvm, settle: .milliseconds(1))
    settings.forks = forks
    return Plan(suites: [planned], settings: settings)
  }

  static func go(_ plan: Plan, name: String = "t", on host: some GuestHost) async throws -> ScriptedRun {
    let events = Locked<[RunEvent]>([])
    let outcome = try await run(plan, name: name, on: host) { event in events.with { $0.append(event) } }
    let run = ScriptedRun(events: events.with { $0 }, verdict: outcome.verdict, interrupted: outcome.interrupted)
    // Whatever happens: no words without a cause.
    for result in run.results { #expect((result.reason == nil) == (result.cause == nil), "\(result)") }
    for boot in run.boots { #expect((boot.reason == nil) == (boot.cause == nil), "\(boot)") }
    return run
  }

  var results: [CaseResult] {
    events.compactMap { event in
      guard case .caseFinished(_, _, let result) = event else { return nil }
      return result
    }
  }

  var boots: [BootResult] {
    events.compactMap { event in
      guard case .bootFinished(let result) = event else { return nil }
      return result
    }
  }

  /// `name:verdict` of each case, in the order in which they were told.
  var told: [String] { results.map { "\($0.name):\($0.verdict)" } }

  /// What other hosts have answered.
  var groups: [AnsweredGroup] {
    events.compactMap { if case .groupAnswered(let group) = $0 { group } else { nil } }
  }

  /// Events without bytes, as words.
  var words: [String] {
    events.compactMap { event in
      switch event {
      case .runStarted(let cases, let boots): "run \(cases) \(boots)"
      case .roundStarted(let round, let planned): "round \(round) of \(planned)"
      case .bootStarted(let boot, _, _, let cases): "boot \(boot) \(cases.joined(separator: ","))"
      case .bootReady(let boot, _): "ready \(boot)"
      case .caseStarted(let boot, _, _, let name): "case \(boot.map(String.init) ?? "-") \(name)"
      case .caseFinished(_, _, let result): "\(result.verdict) \(result.name)"
      case .bootFinished(let result): "end \(result.id) \(result.verdict)"
      case .runFinished(let verdict, let interrupted, _): "over \(verdict)\(interrupted ? " interrupted" : "")"
      case .notice(let text): "notice \(text)"
      case .commandLine(let boot, _): "line \(boot)"
      case .suitePlanned(let suite, _, let cases): "plan \(suite) \(cases.joined(separator: ","))"
      case .caseAbsent(_, _, let test): "absent \(test.name) \(test.reason)"
      case .splat(let boot, let splat): "splat \(boot) \(splat.title)"
      case .console, .output, .artefact, .evidence, .provoked, .splatPending, .underWay, .groupAnswered: nil
      }
    }
  }
}

extension HostMessage {
  fileprivate var isSysRq: Bool { if case .sysrq = self { true } else { false } }
}
