internal import GuestProtocol
internal import Synchronization

/// The queue between libvirt's event thread, which must never wait, and the one task that follows a guest.
///
/// It holds unread events. `push` returns false when there are too many, and `drained` is called when there is room
/// again: a guest that floods its console is slowed down, not buffered.
final class GuestEventQueue: Sendable {
  private struct State {
    var events: [(event: GuestEvent, came: ContinuousClock.Instant)] = []
    var head = 0
    package var bytes = 0
    package var isFull = false
    var waiter: CheckedContinuation<GuestWait, Never>?
    /// The number of the current wait, so that a late timer does not end the wrong one.
    var ticket = 0
    /// An outcome that came before its wait had really begun.
    var early: (ticket: Int, outcome: GuestWait)?
  }

  private let state = Mutex(State())
  private let drained: @Sendable () -> Void
  /// The number of bytes of unread events above which the streams pause.
  static let limit = 4 << 20

  init(drained: @escaping @Sendable () -> Void) { self.drained = drained }

  /// - Returns: false if the sender should pause until `drained` is called.
  @discardableResult
  package func push(_ event: GuestEvent) -> Bool {
    let (waiter, goOn) = state.withLock { state -> (CheckedContinuation<GuestWait, Never>?, Bool) in
      if let waiter = state.waiter {
        state.waiter = nil
        return (waiter, true)
      }
      state.events.append((event, ContinuousClock.now))
      state.bytes += event.size
      if state.bytes > GuestEventQueue.limit { state.isFull = true }
      return (nil, !state.isFull)
    }
    waiter?.resume(returning: .event(event))
    return goOn
  }

  /// Returns the next event. Events from before the deadline are returned even after it, so that a slow reader misses
  /// nothing. Later events are not, so that a flooding guest cannot postpone the deadline forever.
  func next(before deadline: ContinuousClock.Instant?) async -> GuestWait {
    if Task.isCancelled { return .cancelled }
    if let event = take(before: deadline) { return .event(event) }
    if let deadline, deadline <= ContinuousClock.now { return .deadline }
    let ticket = state.withLock { state in
      state.ticket += 1
      return state.ticket
    }
    let timer = deadline.map { deadline in
      Task { [weak self] in
        try? await Task.sleep(until: deadline, clock: .continuous)
        if !Task.isCancelled { self?.finish(ticket, .deadline) }
      }
    }
    defer { timer?.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in wait(ticket, with: continuation) }
    } onCancel: {
      finish(ticket, .cancelled)
    }
  }

  private func take(before deadline: ContinuousClock.Instant?) -> GuestEvent? {
    let (event, hasRoom) = state.withLock { state -> (GuestEvent?, Bool) in
      guard state.head < state.events.count else { return (nil, false) }
      let (event, came) = state.events[state.head]
      if let deadline, came > deadline { return (nil, false) }
      state.head += 1
      state.bytes -= event.size
      if state.head == state.events.count || state.head > 1024 {
        state.events.removeFirst(state.head)
        state.head = 0
      }
      let hasRoom = state.isFull && state.bytes < GuestEventQueue.limit / 2
      if hasRoom { state.isFull = false }
      return (event, hasRoom)
    }
    if hasRoom { drained() }
    return event
  }

  private func wait(_ ticket: Int, with continuation: CheckedContinuation<GuestWait, Never>) {
    enum Step {
      case event, outcome(GuestWait), wait
    }
    let step = state.withLock { state -> Step in
      // An event may have arrived since `next` looked: all three outcomes are decided under one lock.
      if state.head < state.events.count { return .event }
      if let early = state.early, early.ticket == ticket { return .outcome(early.outcome) }
      state.waiter = continuation
      return .wait
    }
    switch step {
    case .event: continuation.resume(returning: take(before: nil).map(GuestWait.event) ?? .cancelled)
    case .outcome(let outcome): continuation.resume(returning: outcome)
    case .wait: break
    }
  }

  private func finish(_ ticket: Int, _ outcome: GuestWait) {
    let waiter = state.withLock { state -> CheckedContinuation<GuestWait, Never>? in
      guard state.ticket == ticket else { return nil }
      guard let waiter = state.waiter else {
        state.early = (ticket, outcome)
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume(returning: outcome)
  }
}

extension GuestEvent {
  var size: Int {
    switch self {
    case .console(let bytes): bytes.count
    case .message(let message): 64 + message.size
    default: 64
    }
  }
}

extension GuestMessage {
  /// The approximate size of the payload in bytes, so that a guest with long messages is slowed down as well.
  fileprivate var size: Int {
    switch self {
    case .output(_, _, let bytes), .kernelLog(_, _, let bytes): bytes.count
    case .artefact(_, let name, let bytes, _): name.utf8.count + bytes.count
    case .notice(let text): text.utf8.count
    case .moduleLoaded(let name, let error): name.utf8.count + error.utf8.count
    case .prepared(let failures): failures.reduce(0) { $0 + 16 + $1.utf8.count }
    case .hello(let hello): hello.cpuFlags.reduce(0) { $0 + 16 + $1.utf8.count }
    case .sysrqDone(_, let failure): failure.utf8.count
    case .artefactNotes(_, let notes): notes.reduce(0) { $0 + 32 + $1.name.utf8.count }
    case .caseEnded(let end): if case .notStarted(let reason) = end.outcome { reason.utf8.count } else { 0 }
    case .caseStarted, .caseLate: 0
    }
  }
}
