internal import GuestProtocol

/// The messages that the agent may send at the moment. A program that has taken over the agent's channel can send
/// anything at any time: unexpected messages are dropped and never kept for later.
struct Conversation {
  private var hasGreeted = false
  /// The case that was requested and has not ended.
  private(set) var request: CaseRequest?
  private var modules: [String] = []
  private var awaitsPreparation = false
  private var keys: Set<UInt8> = []
  /// The number of unexpected messages.
  private(set) var dropped = 0

  mutating func sent(_ message: HostMessage) {
    switch message {
    case .runCase(let request): self.request = request
    case .loadModules(let list): modules = list.map(\.name)
    case .prepare: awaitsPreparation = true
    case .sysrq(let key): keys.insert(key)
    case .wake: hasGreeted = false
    case .stopCase, .continueCase, .exitAgent, .powerOff, .ready: break
    }
  }

  /// Returns whether the message is a pending answer.
  mutating func accepts(_ message: GuestMessage) -> Bool {
    let isOwed = isOwed(message)
    if !isOwed { dropped += 1 }
    return isOwed
  }

  private mutating func isOwed(_ message: GuestMessage) -> Bool {
    switch message {
    case .hello:
      defer { hasGreeted = true }
      return !hasGreeted
    case .moduleLoaded(let name, _):
      guard modules.first == name else { return false }
      modules.removeFirst()
      return true
    case .prepared:
      defer { awaitsPreparation = false }
      return awaitsPreparation
    case .caseStarted(let id), .output(let id, _, _), .artefact(let id, _, _, _), .artefactNotes(let id, _),
      .caseLate(let id):
      return request?.id == id
    case .kernelLog(let id, let key, _): return request?.id == id && request?.secrets.key == key
    case .caseEnded(let end):
      guard let request, request.id == end.id, request.secrets.key == end.key else { return false }
      self.request = nil
      return true
    case .sysrqDone(let key, _): return keys.remove(key) != nil
    case .notice: return true
    }
  }
}

extension GuestMessage {
  /// A name for people, without the message's content.
  var title: String {
    switch self {
    case .hello: "hello"
    case .moduleLoaded: "a module is loaded"
    case .prepared: "the guest is prepared"
    case .caseStarted(let id): "case \(id) has started"
    case .output(let id, _, _): "output of case \(id)"
    case .artefact(let id, _, _, _): "an artefact of case \(id)"
    case .artefactNotes(let id, _): "what was left of the artefacts of case \(id)"
    case .caseEnded(let end): "case \(end.id) has ended"
    case .notice: "a notice"
    case .caseLate(let id): "case \(id) is late"
    case .sysrqDone: "a key of SysRq is done"
    case .kernelLog(let id, _, _): "the kernel's log of case \(id)"
    }
  }
}
