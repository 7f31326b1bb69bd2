import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestValues

@Suite("The queue between libvirt's thread and a run")
struct GuestEventQueueTests {
  private func console(_ text: String) -> GuestEvent { .console(Array(text.utf8)) }
  private func later(_ seconds: Double) -> ContinuousClock.Instant { .now + .seconds(seconds) }

  @Test("events come out in the order in which they went in")
  func order() async {
    let queue = GuestEventQueue {}
    for number in 0..<3000 { queue.push(.message(.caseStarted(id: UInt32(number)))) }
    queue.push(.ended(.poweredOff))
    for number in 0..<3000 {
      #expect(await queue.next(before: nil) == .event(.message(.caseStarted(id: UInt32(number)))))
    }
    #expect(await queue.next(before: nil) == .event(.ended(.poweredOff)))
  }

  @Test("a wait that is under way gets what comes")
  func wakes() async {
    let queue = GuestEventQueue {}
    async let first = queue.next(before: later(3600))
    try? await Task.sleep(for: .milliseconds(20))
    #expect(queue.push(.panicked))
    #expect(await first == .event(.panicked))
  }

  @Test("a deadline in the past ends the wait at once, but what came before it is handed out")
  func past() async {
    let queue = GuestEventQueue {}
    #expect(await queue.next(before: .now - .seconds(1)) == .deadline)
    queue.push(.panicked)
    let deadline = ContinuousClock.now
    queue.push(console("too late"))
    #expect(await queue.next(before: deadline) == .event(.panicked))
    #expect(await queue.next(before: deadline) == .deadline)
    #expect(await queue.next(before: nil) == .event(console("too late")))
  }

  // Ends by the deadline: how late a busy machine runs it says nothing.
  @Test("a flood does not put the deadline off")
  func flood() async {
    let queue = GuestEventQueue {}
    let deadline = later(0.05)
    queue.push(console("x"))
    while await queue.next(before: deadline) != .deadline {
      queue.push(console("x"))
      queue.push(console("y"))
    }
    #expect(ContinuousClock.now >= deadline)
  }

  @Test("a deadline in the future is kept, and does not end a later wait")
  func future() async {
    let queue = GuestEventQueue {}
    #expect(await queue.next(before: later(0.02)) == .deadline)
    async let second = queue.next(before: later(3600))
    try? await Task.sleep(for: .milliseconds(50))
    queue.push(.panicked)
    #expect(await second == .event(.panicked))
  }

  @Test("cancelled before the wait: at once, though there are events")
  func cancelledBefore() async {
    let queue = GuestEventQueue {}
    queue.push(.panicked)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return await queue.next(before: nil)
    }
    task.cancel()
    #expect(await task.value == .cancelled)
    #expect(await queue.next(before: nil) == .event(.panicked))
  }

  @Test("cancelled while it waits")
  func cancelledAfter() async {
    let queue = GuestEventQueue {}
    let task = Task { await queue.next(before: nil) }
    try? await Task.sleep(for: .milliseconds(20))
    task.cancel()
    #expect(await task.value == .cancelled)
    queue.push(.panicked)
    #expect(await queue.next(before: nil) == .event(.panicked))
  }

  @Test("beyond the limit the sender is told to stop, and once there is room to go on")
  func backPressure() async {
    let drained = Locked(0)
    let queue = GuestEventQueue { drained.with { $0 += 1 } }
    let piece = GuestEvent.console([UInt8](repeating: 0x61, count: GuestEventQueue.limit / 4))
    for _ in 0..<4 { #expect(queue.push(piece)) }
    #expect(!queue.push(piece))
    #expect(!queue.push(.panicked))
    for _ in 0..<3 { _ = await queue.next(before: nil) }
    #expect(drained.with { $0 } == 0)
    _ = await queue.next(before: nil)
    #expect(drained.with { $0 } == 1)
    #expect(queue.push(.panicked))
    for _ in 0..<3 { _ = await queue.next(before: nil) }
    #expect(drained.with { $0 } == 1)
  }
}
