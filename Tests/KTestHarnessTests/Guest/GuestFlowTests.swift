import Foundation
import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestValues

@Suite("Where libvirt's callbacks meet")
struct GuestFlowTests {
  private func events(_ flow: GuestFlow) async -> [GuestEvent] {
    var events: [GuestEvent] = []
    while case .event(let event) = await flow.queue.next(before: .now) { events.append(event) }
    return events
  }

  @Test("the end is the last event, though libvirt tells it first")
  func endIsLast() async {
    let flow = GuestFlow(consoleLog: nil)
    flow.lifecycle(.stopped(.shutdown))
    #expect(flow.hasStopped)
    #expect(flow.console([1]))
    #expect(!flow.channel(nil))
    #expect(await events(flow) == [.console([1])])
    #expect(!flow.console(nil))
    flow.lifecycle(.stopped(.failed))
    #expect(await events(flow) == [.ended(.poweredOff)])
  }

  @Test(
    "who ended it",
    arguments: [
      (VirtDomain.Lifecycle.Reason.shutdown, GuestEvent.End.poweredOff), (.destroyed, .poweredOff),
      (.crashed, .poweredOff), (.failed, .failed), (.other, .failed),
    ])
  func reasons(_ reason: VirtDomain.Lifecycle.Reason, _ end: GuestEvent.End) async {
    for isOurs in [false, true] {
      let flow = GuestFlow(consoleLog: nil)
      if isOurs { flow.killed() }
      _ = flow.console(nil)
      _ = flow.channel(nil)
      // What we have ended ourselves needs no word of libvirt's.
      #expect(await events(flow) == (isOurs ? [.ended(.killed)] : []))
      flow.lifecycle(.stopped(reason))
      #expect(await events(flow) == (isOurs ? [] : [.ended(end)]))
    }
  }

  @Test("after the guest's own power-off libvirt's last word is not waited for")
  func shutDown() async {
    let flow = GuestFlow(consoleLog: nil)
    flow.lifecycle(.shutDown)
    _ = flow.channel(nil)
    _ = flow.console(nil)
    #expect(await events(flow) == [.ended(.poweredOff)])
  }

  @Test("the word of the power-off may come after the streams have ended")
  func lateShutDown() async {
    let flow = GuestFlow(consoleLog: nil)
    _ = flow.channel(nil)
    _ = flow.console(nil)
    flow.lifecycle(.shutDown)
    #expect(await events(flow) == [.ended(.poweredOff)])
  }

  @Test("the rest of a broken channel is not read")
  func brokenChannel() async {
    let flow = GuestFlow(consoleLog: nil)
    let good = GuestMessage.caseStarted(id: 1)
    #expect(flow.channel(good.frame.encoded + [0x00, 0x01]))
    #expect(flow.channel(good.frame.encoded))
    flow.lifecycle(.panicked)
    let seen = await events(flow)
    #expect(seen == [.message(good), .channelBroken(FrameError.badMagic(0).description), .panicked])
  }

  @Test("console bytes that the pseudo-terminal lost come out of the log, before the end")
  func lostConsole() async throws {
    let scratch = try Scratch()
    let log = try scratch.write("console", "first second")
    let flow = GuestFlow(consoleLog: log)
    _ = flow.console(Array("first".utf8))
    _ = flow.console(nil)
    _ = flow.channel(nil)
    flow.lifecycle(.stopped(.crashed))
    #expect(
      await events(flow) == [.console(Array("first".utf8)), .console(Array(" second".utf8)), .ended(.poweredOff)])
  }

  @Test("what the pseudo-terminal lost on the way comes once, and what it brings late does not come again")
  func catchUp() async throws {
    let scratch = try Scratch()
    let lines = (1...5).map { "[    \($0).000000] this is the line with the number \($0)\r\n" }
    let log = try scratch.write("console", lines[..<4].joined())
    let flow = GuestFlow(consoleLog: log)
    // The stream has lost the second.
    _ = flow.console(Array(lines[0].utf8))
    _ = flow.console(Array(lines[2].utf8))
    flow.catchUp()
    flow.catchUp()
    _ = flow.console(Array(lines[3].utf8))
    _ = try scratch.write("console", lines.joined())
    _ = flow.console(Array(lines[4].prefix(9).utf8))
    flow.catchUp()
    let text = await events(flow).map { event in
      if case .console(let bytes) = event { String(decoding: bytes, as: UTF8.self) } else { "?" }
    }
    #expect(text == [lines[0], lines[2], lines[3], lines[4]])
  }
}
