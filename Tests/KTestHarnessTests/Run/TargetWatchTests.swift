import Foundation
import Testing

@testable import KTestHarness

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

  /// What a wait that is cut short gives: nil unless the splat has been seen by now.
  private static func seen(by watch: TargetWatch) async -> Splat? {
    let waiting = Task { await watch.wait() }
    waiting.cancel()
    return await waiting.value
  }

  @Test func aSplatCutAnywhereIsSeen() async throws {
    let bytes = try Self.shortLog()
    let end = try #require(bytes.place(of: Array("---[ end trace".utf8), from: 0))
    let whole = try #require(SplatLog.splats(bytes).first)
    for cut in bytes.indices {
      let watch = Self.watch()
      await watch.take(.console(boot: 0, bytes: Array(bytes[..<cut])))
      if cut <= end, cut % 16 == 0 { #expect(await Self.seen(by: watch) == nil) }
      await watch.take(.console(boot: 0, bytes: Array(bytes[cut...])))
      #expect(await watch.wait() == whole)
    }
  }

  @Test func byteByByteItIsSeenOnce() async throws {
    let bytes = try Self.shortLog()
    let calls = Calls()
    let watch = TargetWatch {
      calls.count($0)
      return true
    }
    for byte in bytes + bytes { await watch.take(.console(boot: 0, bytes: [byte])) }
    #expect(await watch.wait()?.title == "WARNING in widget_check")
    #expect(calls.titles == ["WARNING in widget_check"])
  }

  /// What the harness makes a hanging guest print looks like trouble of the kernel's own.
  @Test func whatIsProvokedIsNoTarget() async throws {
    let bytes = try Self.shortLog()
    let watch = Self.watch()
    await watch.take(.provoked(boot: 0))
    await watch.take(.console(boot: 0, bytes: bytes))
    #expect(await Self.seen(by: watch) == nil)
    // What had begun before is the kernel's.
    let other = Self.watch()
    let end = try #require(bytes.place(of: Array("---[ end trace".utf8), from: 0))
    await other.take(.console(boot: 0, bytes: Array(bytes[..<end])))
    await other.take(.provoked(boot: 0))
    #expect(await other.wait()?.title == "WARNING in widget_check")
  }

  @Test func bootsAreNotMixed() async throws {
    let bytes = try Self.log("warning.log")
    let watch = Self.watch()
    for half in [bytes[..<300], bytes[300...]] {
      for boot in [0, 1] {
        await watch.take(.console(boot: boot, bytes: Array(half)))
      }
    }
    #expect(await watch.wait() == SplatLog.splats(bytes).first)
  }

  @Test func whatUserSpacePrintsIsNoSplat() async throws {
    let bytes = try Self.log("warning.log")
    // The same text without the stamps of printk.
    let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      line.hasPrefix("[") ? String(line.drop { $0 != "]" }.dropFirst().drop { $0 != "]" }.dropFirst(2)) : String(line)
    }
    #expect(text.contains { $0.hasPrefix("WARNING: ") })
    let watch = Self.watch()
    await watch.take(.console(boot: 0, bytes: Array("[    0.1][    T1] Linux version 6.12.1\n".utf8)))
    await watch.take(.console(boot: 0, bytes: Array((text.joined(separator: "\n") + "\n").utf8)))
    #expect(await Self.seen(by: watch) == nil)
    // The kernel's own afterwards is one.
    await watch.take(.console(boot: 0, bytes: bytes))
    #expect(await watch.wait() != nil)
  }

  @Test func anotherSplatIsNotTheTarget() async throws {
    let watch = Self.watch()
    await watch.take(.console(boot: 0, bytes: try Self.log("atomic-schedule.log")))
    await watch.take(.console(boot: 0, bytes: try Self.log("warning.log")))
    #expect(await watch.wait()?.title == "WARNING in widget_check")
  }

  @Test func aSplatWithoutAnEndIsTakenWhenTheConsoleIsSilent() async throws {
    let bytes = try Self.log("warning.log")
    let end = try #require(bytes.place(of: Array("---[ end trace".utf8), from: 0))
    let watch = Self.watch()
    await watch.take(.console(boot: 0, bytes: Array(bytes[..<end])))
    #expect(await watch.wait()?.title == "WARNING in widget_check")
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
    await watch.take(.console(boot: 0, bytes: try Self.log("warning.log")))
    #expect(await Self.seen(by: watch) != nil)
  }
}

/// What the predicate was asked.
private final class Calls: Sendable {
  private let asked = Locked<[String]>([])

  func count(_ splat: Splat) { asked.with { $0.append(splat.title) } }
  var titles: [String] { asked.with { $0 } }
}
