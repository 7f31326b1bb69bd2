internal import Foundation
internal import GuestProtocol
internal import Synchronization

/// The place where libvirt's callbacks meet: it decodes the channel and makes sure that "ended" is the last event.
final class GuestFlow: Sendable {
  private struct State {
    var console: ConsoleSource
    var decoder = FrameDecoder()
    var channelIsBroken = false
    var openStreams = 2
    var shutDown = false
    var end: GuestEvent.End?
    var endIsOut = false
    var wasKilled = false
    var onRoom: @Sendable () -> Void = {}

    /// Handles the case that QEMU has closed all streams after the guest's own power-off: libvirt reports the end a
    /// second later. The two may be seen in either order.
    mutating func believeStreams() {
      guard openStreams == 0, end == nil else { return }
      if wasKilled { end = .killed } else if shutDown { end = .poweredOff }
    }
  }

  private let state: Mutex<State>
  let queue: GuestEventQueue

  init(consoleLog: String?) {
    let room = RoomCallback()
    queue = GuestEventQueue { room.call() }
    state = Mutex(State(console: ConsoleSource(log: consoleLog)))
    self.room = room
  }

  private final class RoomCallback: Sendable {
    private let body = Mutex<@Sendable () -> Void>({})
    func set(_ new: @escaping @Sendable () -> Void) { body.withLock { $0 = new } }
    func call() { body.withLock { $0 }() }
  }

  private let room: RoomCallback

  func onRoom(_ body: @escaping @Sendable () -> Void) { room.set(body) }

  var hasStopped: Bool { state.withLock { $0.end != nil } }

  func killed() { state.withLock { $0.wasKilled = true } }

  func console(_ bytes: [UInt8]?) -> Bool {
    guard let bytes else { return streamEnded() }
    // Pushed inside of the lock, because both ways to the console keep one order.
    return state.withLock { state in
      let new = state.console.take(bytes)
      return new.isEmpty || queue.push(.console(new))
    }
  }

  /// Pushes what QEMU wrote to the console and the pseudo-terminal lost.
  func catchUp() {
    state.withLock { state in
      while case let bytes = state.console.missing(), !bytes.isEmpty { queue.push(.console(bytes)) }
    }
  }

  func channel(_ bytes: [UInt8]?) -> Bool {
    guard let bytes else { return streamEnded() }
    let (messages, problem) = state.withLock { state -> ([GuestMessage], String?) in
      guard !state.channelIsBroken else { return ([], nil) }
      state.decoder.push(bytes)
      var messages: [GuestMessage] = []
      do {
        while let frame = try state.decoder.next() { messages.append(try GuestMessage(frame: frame)) }
      } catch {
        state.channelIsBroken = true
        return (messages, "\(error)")
      }
      return (messages, nil)
    }
    var goOn = true
    for message in messages { goOn = queue.push(.message(message)) }
    if let problem { goOn = queue.push(.channelBroken(problem)) }
    return goOn
  }

  func lifecycle(_ change: VirtDomain.Lifecycle) {
    switch change {
    case .panicked: queue.push(.panicked)
    case .shutDown:
      state.withLock { state in
        state.shutDown = true
        state.believeStreams()
      }
      pushEndIfComplete()
    case .stopped(let reason):
      state.withLock { state in
        guard state.end == nil else { return }
        if state.wasKilled {
          state.end = .killed
        } else {
          state.end = reason == .shutdown || reason == .destroyed || reason == .crashed ? .poweredOff : .failed
        }
      }
      pushEndIfComplete()
    }
  }

  private func streamEnded() -> Bool {
    state.withLock { state in
      state.openStreams -= 1
      state.believeStreams()
    }
    pushEndIfComplete()
    return false
  }

  /// Pushes the end once it is complete: libvirt may report it before the last bytes of the console have been read.
  private func pushEndIfComplete() {
    let end = state.withLock { state -> GuestEvent.End? in
      guard let end = state.end, state.openStreams == 0, !state.endIsOut else { return nil }
      state.endIsOut = true
      return end
    }
    guard let end else { return }
    catchUp()
    queue.push(.ended(end))
  }
}
