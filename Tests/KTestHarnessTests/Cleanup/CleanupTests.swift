import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("What goes when runs and cache are too large")
struct CleanupTests {
  private static let items: [Cleanup.Item] = [
    .init(kind: .kernel, name: "old", lastUse: 1000, bytes: 300),
    .init(kind: .run, name: "r2", lastUse: 93_000, bytes: 200),
    .init(kind: .image, name: "new", lastUse: 90_000, bytes: 100),
    .init(kind: .leftover, name: "rest", lastUse: 99_000, bytes: 50),
    .init(kind: .run, name: "r3", lastUse: 200_000, bytes: 200),
  ]

  @Test("leftovers first, then what was used longest ago, and of one hour the run")
  func order() {
    #expect(Cleanup.order(Self.items).map { Self.items[$0].name } == ["rest", "old", "r2", "new", "r3"])
  }

  @Test("it stops when the rest fits, and passes over what is in use")
  func budget() {
    func names(_ budget: Int, without held: Set<String> = []) -> (removed: [String], held: [String], left: Int) {
      var cleanup = Cleanup(budget: budget, before: 1000)
      cleanup.reduce(Self.items) { !held.contains(Self.items[$0].name) }
      return (cleanup.removed.map(\.name), cleanup.held.map(\.name), cleanup.left)
    }
    #expect(names(2000).removed == ["rest"] && names(700).removed == ["rest", "old"])
    #expect(names(649).removed == ["rest", "old", "r2"])
    let held = names(650, without: ["old"])
    #expect(held.removed == ["rest", "r2", "new"] && held.held == ["old"] && held.left == 650)
    #expect(names(0).left == 150 && names(0).removed.count == 5)
  }

  @Test("files for other hosts go, but not what a run there may use")
  func sent() async throws {
    let tree = try TemporaryTree()
    func put(_ folder: String, _ letter: Character, daysAgo: Int) throws {
      let path = try tree.put(
        "\(folder)/files/\(String(repeating: letter, count: 64))", [UInt8](repeating: 1, count: 9000))
      var times = Array(repeating: timespec(tv_sec: Int(time(nil)) - daysAgo * 86_400, tv_nsec: 0), count: 2)
      try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
    }
    try put("cache/elsewhere", "a", daysAgo: 3)
    try put("cache/elsewhere", "b", daysAgo: 0)
    try put("state/elsewhere/shared", "c", daysAgo: 3)
    try put("state/elsewhere/shared", "d", daysAgo: 1)
    try WorkRun.make("\(tree.path)/state/elsewhere/shared/run")
    let mark = "\(tree.path)/state/elsewhere/shared/run/\(WorkFolder.mark)"
    var times = Array(repeating: timespec(tv_sec: Int(time(nil)) - 2 * 86_400, tv_nsec: 0), count: 2)
    try #require(utimensat(AT_FDCWD, mark, &times, 0) == 0)
    for isDry in [true, false] {
      let cleanup = try await cleanUp(state: "\(tree.path)/state", cache: "\(tree.path)/cache", budget: 0, isDry: isDry)
      #expect(
        cleanup.removed.map { $0.name.prefix(1) } == ["a", "c"] && cleanup.removed.allSatisfy { $0.kind == .sent })
      #expect(Set(cleanup.held.map { $0.name.prefix(1) }) == ["b", "d"])
      #expect(cleanupReport(cleanup, style: .plain).contains("2 files for other hosts\n"))
      #expect(HostFiles.names(in: "\(tree.path)/cache/elsewhere/files").count == (isDry ? 2 : 1))
    }
  }

  @Test("the report and its JSON")
  func report() {
    var cleanup = Cleanup(budget: 100, before: 1000)
    cleanup.reduce(Self.items) { Self.items[$0].name != "old" }
    #expect(
      cleanupReport(cleanup, style: .plain) == """
        size   last used   what
        200 B  1970-01-02  consoles, output and artefacts of run r2
        200 B  1970-01-03  consoles, output and artefacts of run r3
        100 B  1970-01-02  1 image
        50 B   1970-01-02  rest, left by a killed process

        removed 550 B: 450 B are left, the budget is 100 B
        it does not fit: 300 B are in use or cannot be removed, and verdicts are always kept

        """)
    #expect(cleanupJSON(cleanup).contains("\"left\": 450"))
    #expect(
      cleanupReport(Cleanup(budget: 20 << 30, before: 3 << 29, isDry: true), style: .plain)
        == "would remove nothing: 1.5 GiB would be left, the budget is 20 GiB\n")
    var hostile = Cleanup(budget: 0, before: 10)
    hostile.reduce([.init(kind: .source, name: "x\u{1b}[2J\u{9b}y", lastUse: 0, bytes: 10)]) { _ in true }
    #expect(!cleanupReport(hostile, style: .plain).contains("\u{1b}"))
  }

  /// A finished run with a console and an output.
  private static func run(_ state: String, _ place: Int, isFinished: Bool = true) async throws -> String {
    let time = WallTime(milliseconds: 1_795_256_102_250 + Int64(place) * 3_600_000)
    let journal = try JournalSample.journal(in: state, clock: { time })
    for event in JournalSample.lines.dropLast() { try await journal.record(event) }
    try await journal.record(JournalSample.console("a console\n"))
    try await journal.record(JournalSample.output("hwpoison", "an output\n"))
    try await journal.record(JournalSample.artefact("trace", [1, 2]))
    if isFinished {
      try await journal.record(.runFinished(verdict: .crash, interrupted: false, seconds: 11.5))
      await journal.close()
    }
    return journal.directory
  }

  @Test("verdicts stay, and a run whose console is gone is shown")
  func verdicts() async throws {
    try await JournalSample.withScratch { state in
      let directory = try await Self.run(state, 0)
      let running = try await Self.run(state, 1, isFinished: false)
      let (before, index) = (try readJournal(at: directory), try await openHistory(in: state))
      #expect(terminalReport(before, style: .plain).contains("an output"))
      for isDry in [true, false] {
        let cleanup = try await cleanUp(state: state, cache: state + "/cache", budget: 0, isDry: isDry)
        #expect(cleanup.removed.map(\.kind) == [.run] && cleanup.freed > 0 && cleanup.left > 0)
        #expect(HostFiles.exists(directory + "/consoles") == isDry)
      }
      #expect(
        HostFiles.names(in: directory).sorted() == [
          "events.jsonl", "manifest.json", "pruned", "suites", "summary.json",
        ])
      #expect(HostFiles.exists(running + "/consoles"))
      let after = try readJournal(at: directory)
      #expect(after.summary == before.summary && after.events == before.events && after.isPruned)
      let report = terminalReport(after, style: .plain)
      #expect(report.contains("boot-1.log (removed by ktest gc)") && !report.contains("an output"))
      #expect(try await index.store.update() == HistoryStore.Update())
      // Nothing more can go.
      #expect(try await cleanUp(state: state, cache: state + "/cache", budget: 0, isDry: false).removed.isEmpty)
    }
  }

  @Test("kernels, builds, sources and images go, and what somebody uses stays")
  func cache() async throws {
    try await JournalSample.withScratch { state in
      let cache = state + "/cache"
      for folder in [
        "kernels/linux-1", "kernels/linux-2", "kernels/.partial-linux-3", "kernels/.locks", "builds/abc", "builds/logs",
        "builds/.locks", "sources/linux-source", "images/base", "images/ready", "images/layers", "images/blobs",
        "images/sysroots/libc", "libvirt/0", "probes", "builds/.gc-1-1",
      ] as [String] {
        try HostFiles.makeDirectory("\(cache)/\(folder)")
        try Data(count: 5000).write(to: URL(filePath: "\(cache)/\(folder)/file"))
      }
      for file in ["images/base/x.cpio", "images/ready/y.cpio", "images/ready/y.cpio.sha256", "images/blobs/00ff"] {
        try Data(count: 5000).write(to: URL(filePath: "\(cache)/\(file)"))
      }
      CacheUse(cache).note("kernels/linux-2")
      let cleanup = try await cleanUp(state: state + "/state", cache: cache, budget: 0, isDry: false)
      #expect(
        cleanup.removed.map(\.name).sorted()
          == [".gc-1-1", ".partial-linux-3", "abc", "linux-1", "linux-source", "x.cpio", "y.cpio"])
      // Parts of images wait until nobody uses the cache.
      #expect(cleanup.held.map(\.name).sorted().contains("linux-2") && cleanup.held.contains { $0.kind == .part })
      let left = ["kernels/linux-2/file", "images/blobs/00ff", "libvirt/0/file", "builds/logs/file", "probes/file"]
      #expect(left.allSatisfy { HostFiles.exists("\(cache)/\($0)") })
      let gone = [
        "kernels/linux-1", "builds/abc", "sources/linux-source", "images/ready/y.cpio.sha256", "builds/.gc-1-1",
      ]
      #expect(!gone.contains { HostFiles.exists("\(cache)/\($0)") })
    }
  }
}
