import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct TargetWatchTests {
  private static func log(_ name: String) throws -> [UInt8] {
    try #require(SplatLog.fixtures.first { $0.name == name }).bytes
  }

  /// The shortest that is a splat.
  private static func shortLog() throws -> [UInt8] {
    let words = ["loaded", "cut here", "WARNING", "RIP", "Call Trace", "ioctl", "end trace", "gone"]
    let lines = String(decoding: try log("warning.log"), as: UTF8.self).split(separator: "\n")
    return Array(lines.filter { line in words.contains { line.contains($0) } }.joined(separator: "\n").utf8) + [10]
  }

  private static func watch() -> TargetWatch { TargetWatch { $0.title.contains("widget_check") } }

  /// What a run tells of the consoles of its boots.
  private struct Consoles {
    private var watches: [Int: (console: ConsoleWatch, announcer: SplatAnnouncer)] = [:]

    mutating func push(_ bytes: [UInt8], boot: Int = 0) -> [RunEvent] {
      var watch = watches[boot] ?? (ConsoleWatch(), SplatAnnouncer())
      let found = watch.console.push(bytes).compactMap { if case .splat(let splat) = $0 { splat } else { nil } }
      let events = watch.announcer.events(
        of: boot, found: found, begun: watch.console.pending, isAllowed: { _ in false })
      watches[boot] = watch
      return [.console(boot: boot, bytes: bytes)] + events
    }
  }

  private static func take(_ events: [RunEvent], _ watch: TargetWatch) async {
    for event in events { await watch.take(event) }
  }

  /// What a wait that is cut short gives: nil unless the splat has been seen by now.
  private static func seen(by watch: TargetWatch) async -> SplatSighting? {
    let waiting = Task { await watch.wait() }
    waiting.cancel()
    return await waiting.value
  }

  @Test func aSplatCutAnywhereIsSeen() async throws {
    let bytes = try Self.shortLog()
    let end = try #require(bytes.place(of: Array("---[ end trace".utf8), from: 0))
    let whole = SplatSighting(try #require(SplatLog.splats(bytes).first), isAllowed: false)
    for cut in bytes.indices {
      let watch = TargetWatch(settle: .seconds(3600)) { $0.title.contains("widget_check") }
      var consoles = Consoles()
      await Self.take(consoles.push(Array(bytes[..<cut])), watch)
      if cut <= end, cut % 16 == 0 { #expect(await Self.seen(by: watch) == nil) }
      await Self.take(consoles.push(Array(bytes[cut...])), watch)
      #expect(await watch.wait() == whole)
    }
  }

  @Test func byteByByteItIsSeenOnce() async throws {
    let bytes = try Self.shortLog()
    let calls = Calls()
    let watch = TargetWatch(settle: .seconds(3600)) {
      calls.count($0)
      return true
    }
    var consoles = Consoles()
    for byte in bytes + bytes { await Self.take(consoles.push([byte]), watch) }
    #expect(await watch.wait()?.title == "WARNING in widget_check")
    #expect(calls.titles == ["WARNING in widget_check"])
  }

  /// What the harness makes a hanging guest print looks like trouble of the kernel's own.
  @Test func whatIsProvokedIsNoTarget() async throws {
    let bytes = try Self.shortLog()
    let watch = Self.watch()
    var consoles = Consoles()
    await watch.take(.provoked(boot: 0))
    await Self.take(consoles.push(bytes), watch)
    #expect(await Self.seen(by: watch) == nil)
    // Another boot's console is its own.
    await Self.take(consoles.push(bytes, boot: 1), watch)
    #expect(await watch.wait()?.title == "WARNING in widget_check")
  }

  @Test func bootsAreNotMixed() async throws {
    let bytes = try Self.log("warning.log")
    let watch = Self.watch()
    var consoles = Consoles()
    for half in [bytes[..<300], bytes[300...]] {
      for boot in [0, 1] { await Self.take(consoles.push(Array(half), boot: boot), watch) }
    }
    #expect(await watch.wait()?.note == SplatLog.splats(bytes).first.map(SplatNote.init))
  }

  @Test func whatUserSpacePrintsIsNoSplat() async throws {
    let bytes = try Self.log("warning.log")
    // The same text without the stamps of printk.
    let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      line.hasPrefix("[") ? String(line.drop { $0 != "]" }.dropFirst().drop { $0 != "]" }.dropFirst(2)) : String(line)
    }
    #expect(text.contains { $0.hasPrefix("WARNING: ") })
    let watch = Self.watch()
    var consoles = Consoles()
    await Self.take(consoles.push(Array("[    0.1][    T1] Linux version 6.12.1\n".utf8)), watch)
    await Self.take(consoles.push(Array((text.joined(separator: "\n") + "\n").utf8)), watch)
    #expect(await Self.seen(by: watch) == nil)
    // The kernel's own afterwards is one.
    await Self.take(consoles.push(bytes), watch)
    #expect(await watch.wait() != nil)
  }

  @Test func anotherSplatIsNotTheTarget() async throws {
    let watch = Self.watch()
    var consoles = Consoles()
    await Self.take(consoles.push(try Self.log("atomic-schedule.log")), watch)
    await Self.take(consoles.push(try Self.log("warning.log")), watch)
    #expect(await watch.wait()?.title == "WARNING in widget_check")
  }

  @Test func aSplatWithoutAnEndIsTakenWhenTheConsoleIsSilent() async throws {
    let bytes = try Self.log("warning.log")
    let end = try #require(bytes.place(of: Array("---[ end trace".utf8), from: 0))
    let watch = Self.watch()
    var consoles = Consoles()
    await Self.take(consoles.push(Array(bytes[..<end])), watch)
    #expect(await watch.wait()?.title == "WARNING in widget_check")
  }

  /// A guest that talks without an end holds up no splat of another one.
  @Test func anotherConsoleIsNoReasonToWait() async throws {
    let bytes = try Self.log("warning.log")
    let end = try #require(bytes.place(of: Array("---[ end trace".utf8), from: 0))
    let watch = Self.watch()
    var consoles = Consoles()
    await Self.take(consoles.push(Array(bytes[..<end])), watch)
    let flood = Task {
      while !Task.isCancelled {
        await watch.take(.console(boot: 1, bytes: [10]))
        await Task.yield()
      }
    }
    #expect(await watch.wait()?.title == "WARNING in widget_check")
    flood.cancel()
  }

  @Test func aWaitThatIsCancelledGivesNothing() async throws {
    let watch = Self.watch()
    #expect(await Self.seen(by: watch) == nil)
    // Before it begins, too.
    let waiting = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await watch.wait()
    }
    #expect(await waiting.value == nil)
    // The watch has not been harmed.
    var consoles = Consoles()
    await Self.take(consoles.push(try Self.log("warning.log")), watch)
    #expect(await Self.seen(by: watch) != nil)
  }
}

/// What the predicate was asked.
private final class Calls: Sendable {
  private let asked = Locked<[String]>([])

  func count(_ splat: SplatSighting) { asked.with { $0.append(splat.title) } }
  var titles: [String] { asked.with { $0 } }
}
