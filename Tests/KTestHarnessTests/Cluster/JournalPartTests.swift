import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("A worker's journal in that of the run")
struct JournalPartTests {
  private typealias Sample = JournalSample

  /// The files that the two directories have in common, with their bytes: all but what each journal says of itself.
  private func files(_ directory: String) throws -> [String: [UInt8]] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory).filter { name in
      !HostFiles.isDirectory("\(directory)/\(name)") && name.contains("/") && !name.hasPrefix("suites/")
    }
    return try Dictionary(uniqueKeysWithValues: names.map { ($0, try readFile("\(directory)/\($0)") ?? []) })
  }

  /// Records events in one journal, and passes that on into another one.
  private func expectSame(_ events: [RunEvent], isOver: Bool = true) async throws -> [String: [UInt8]] {
    try await Sample.withScratch { state in
      let worker = try Sample.journal(in: "\(state)/worker")
      for event in events { try await worker.record(event) }
      await worker.close()
      let run = try Sample.journal(in: "\(state)/run")
      try await JournalPart(directory: worker.directory).pass { event in try await run.record(event) }
      await run.close()
      let (there, here) = (try readJournal(at: worker.directory), try readJournal(at: run.directory))
      #expect(here.events.map(\.event) == there.events.map(\.event))
      #expect(here.state == there.state && (here.state == .finished) == isOver)
      let (one, other) = (here.summary, there.summary)
      #expect(one.suites == other.suites && one.boots == other.boots && one.verdict == other.verdict)
      let (mine, its) = (try files(run.directory), try files(worker.directory))
      #expect(mine.keys.sorted() == its.keys.sorted())
      for (name, bytes) in its { #expect(mine[name] == bytes, "\(name)") }
      return mine
    }
  }

  private static let bytes = (0...255).map { UInt8($0) } + Array("\r\n\u{1b}[2J".utf8) + [0, 0]

  @Test("has the same consoles, outputs, artefacts and evidence, byte for byte")
  func bytes() async throws {
    let large = Array(repeating: Self.bytes, count: 700).flatMap(\.self)
    let long = String(repeating: "n", count: 300) + ".log"
    let bytes: [RunEvent] = [
      .console(boot: 1, bytes: large), Sample.console("the end"), .console(boot: 1, bytes: Self.bytes),
      Sample.output("map", "out\0put\n"), Sample.output("map", "error\n", .stderr),
      .output(boot: 1, suite: "demo", kernel: "6.12", name: "map", stream: .stdout, bytes: large),
      Sample.artefact("a/../b c", Self.bytes), Sample.artefact("../../etc/passwd", [1]), Sample.artefact("", [2]),
      Sample.artefact(long, [3]), Sample.artefact(String(repeating: "x", count: 75) + "ä.tar.gz", [4]),
      Sample.artefact("large", large), Sample.artefact("empty", []), Sample.artefact(".hidden", [5]),
      .evidence(boot: 1, file: "registers-0.txt", bytes: Self.bytes),
      .evidence(boot: 1, file: "a b/\(long)", bytes: [6]),
    ]
    let events = Array(Sample.lines[..<7]) + bytes + Array(Sample.lines[7...])
    let files = try await expectSame(events)
    #expect(files["consoles/boot-1.log"] == large + Array("the end".utf8) + Self.bytes)
    #expect(files.keys.count { $0.hasPrefix("artefacts/6.12/demo/map/") } == 8)
    #expect(files["artefacts/6.12/demo/map/empty"] == [] && files.keys.contains { $0.hasPrefix("evidence/boot-1/") })
  }

  @Test("has all rounds, as far as they are kept")
  func rounds() async throws {
    let files = try await expectSame(RoundTests.events([.pass, .pass, .fail, .pass]))
    #expect(files.keys.contains { $0.hasPrefix("rounds/3/") })
  }

  @Test("has all attempts")
  func attempts() async throws {
    func result(_ number: Int, _ verdict: Verdict) -> CaseResult {
      var result = CaseResult(name: "map", verdict: verdict, seconds: 1, boot: number)
      if verdict == .fail { (result.reason, result.cause) = ("it failed", VerdictCause(.program)) }
      result.attempt = CaseAttempt(number: number, limit: 3, reason: "a deadline", link: "https://x/")
      return result
    }
    var events: [RunEvent] = [.runStarted(cases: 1, boots: 1)]
    for (place, verdict) in [Verdict.fail, .fail, .pass].enumerated() {
      let boot = place + 1
      events += [
        .bootStarted(boot: boot, suite: "demo", kernel: "6.12", cases: ["map"]),
        .caseStarted(boot: boot, suite: "demo", kernel: "6.12", name: "map"),
        .output(
          boot: boot, suite: "demo", kernel: "6.12", name: "map", stream: .stdout, bytes: Array("try \(boot)\n".utf8)),
        .artefact(boot: boot, suite: "demo", kernel: "6.12", name: "map", file: "x", bytes: [UInt8(boot)]),
        .caseFinished(suite: "demo", kernel: "6.12", result: result(boot, verdict)),
        .bootFinished(
          BootResult(
            id: boot, suite: "demo", kernel: "6.12", verdict: .pass, seconds: 1, console: "consoles/boot-\(boot).log")),
      ]
    }
    let files = try await expectSame(events + [.runFinished(verdict: .pass, interrupted: false, seconds: 1)])
    #expect(files["attempts/3/artefacts/6.12/demo/map/x"] == [3] && files["artefacts/6.12/demo/map/x"] == [1])
  }

  @Test("that was interrupted has what there is", arguments: 4...11)
  func interrupted(_ count: Int) async throws {
    var events = Array(Sample.lines[..<count])
    if count > 4 { events.append(Sample.console("[    1.0] as far as it came\n")) }
    if (7...9).contains(count) {
      let name = count == 9 ? "hwpoison" : "map"
      if count != 8 { events.append(Sample.output(name, "half a line")) }
    }
    let files = try await expectSame(events, isOver: false)
    #expect(count < 5 || files["consoles/boot-1.log"] != nil)
  }

  @Test("whose last line was cut is passed on without it")
  func cut() async throws {
    try await Sample.withScratch { state in
      let worker = try Sample.journal(in: state)
      for event in Sample.lines.dropLast() { try await worker.record(event) }
      await worker.close()
      let path = "\(worker.directory)/\(RunLayout.events)"
      let bytes = try #require(try readFile(path))
      try Data(bytes.dropLast(20)).write(to: URL(filePath: path))
      let events = Locked<[RunEvent]>([])
      try await JournalPart(directory: worker.directory).pass { event in events.with { $0.append(event) } }
      #expect(events.with { $0 } == Array(Sample.lines.dropLast(2)))
    }
  }

  @Test("that is no journal is an error")
  func none() async throws {
    _ = try await Sample.withScratch { state in
      await #expect(throws: JournalError.self) { try await JournalPart(directory: state).pass { _ in } }
    }
  }
}
