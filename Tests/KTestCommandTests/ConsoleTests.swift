import Foundation
import SystemPackage
import TestGate
import Testing

/// `ktest console`, as its readers use it.
@Suite(.gated()) struct ConsoleTests {
  private static let splat = """
    [    1.000000] BUG: unable to handle page fault for address: ffffffffc0000000
    [    1.000000] RIP: 0010:widget_read+0x10/0x240
    [    1.000000] Call Trace:
    [    1.000000]  widget_read+0x10/0x240
    [    1.000000]  vfs_read+0x1b2/0x9a0
    [    1.000000] ---[ end trace 0000000000000000 ]---

    """
  private static let title = "BUG: unable to handle kernel paging request in widget_read"

  private struct Finding: Decodable {
    var title: String
    var start: Int
    var end: Int
  }

  private static func findings(_ outcome: Outcome) throws -> [Finding] {
    try JSONDecoder().decode([Finding].self, from: Data(outcome.stdout.utf8))
  }

  @Test func findingsAreAnArrayInTheOrderOfTheLog() async throws {
    try await Workplace.with { place in
      try place.write("log", "[    0.500000] all is well\n" + Self.splat + Self.splat)
      let outcome = try await place.ktest("console", "log", "--format", "json")
      #expect(outcome.code == 0)
      let found = try Self.findings(outcome)
      #expect(found.map(\.title) == [Self.title, Self.title])
      #expect(found[0].start == 27 && found[1].start == 27 + Self.splat.utf8.count)
      let text = try await place.ktest("console", "log")
      #expect(text.code == 0 && text.stdout.hasPrefix("\(Self.title) at 1.0 s, bytes 27-"), "\(text)")
    }
  }

  @Test func nothingIsAnEmptyArray() async throws {
    try await Workplace.with { place in
      try place.write("log", "[    0.500000] all is well\n")
      let outcome = try await place.ktest("console", "log", "--format", "json")
      #expect(outcome.code == 0 && outcome.stdout == "[]\n", "\(outcome)")
    }
  }

  @Test func gzipIsReadFromAFileAndFromAPipe() async throws {
    try await Workplace.with { place in
      try place.write("log", Self.splat)
      #expect(try await execute(["gzip", "log"], in: place.path).code == 0)
      #expect(try Self.findings(await place.ktest("console", "log.gz", "--format", "json")).count == 1)
      let words = ["sh", "-c", "cat log.gz | \"$0\" console - --format json", Built.ktest]
      #expect(try Self.findings(await execute(words, in: place.path)).count == 1)
    }
  }

  @Test func whatCannotBeReadIs64() async throws {
    try await Workplace.with { place in
      try place.write("text", "no kernel")
      for words in [["."], ["missing"], ["text", "--symbolize", "text"], ["text", "--source", "."]] {
        let outcome = try await execute([Built.ktest, "console"] + words, in: place.path)
        #expect(outcome.code == 64 && outcome.stdout.isEmpty && !outcome.stderr.isEmpty, "\(outcome)")
      }
    }
  }

  @Test func aReaderThatHasSeenEnoughIsNoFailure() async throws {
    try await Workplace.with { place in
      try place.write("log", String(repeating: Self.splat, count: 5000))
      let words = ["bash", "-c", "\"$0\" console log | head -1; exit ${PIPESTATUS[0]}", Built.ktest]
      let outcome = try await execute(words, in: place.path)
      #expect(outcome.code == 0 && outcome.stderr.isEmpty, "\(outcome)")
      #expect(outcome.stdout.hasPrefix(Self.title))
    }
  }

  @Test func aGrowingLogIsFollowedUntilItIsInterrupted() async throws {
    try await Workplace.with { place in
      try place.write("log", "[    0.500000] all is well\n")
      let output = try FileDescriptor.open(
        "\(place.path)/out", .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
      let outcome = try await execute(
        [Built.ktest, "console", "log", "--follow", "--format", "json"], in: place.path, stdout: output
      ) { running in
        let log = try FileHandle(forWritingTo: URL(filePath: "\(place.path)/log"))
        try log.seekToEnd()
        try log.write(contentsOf: Data(Self.splat.utf8))
        try await eventually("a splat") { try place.read("out").contains("widget_read") }
        running.signal(SIGINT)
      }
      #expect(outcome.code == 0, "\(outcome)")
      #expect(try JSONDecoder().decode([Finding].self, from: Data(place.read("out").utf8)).count == 1)
    }
  }
}
