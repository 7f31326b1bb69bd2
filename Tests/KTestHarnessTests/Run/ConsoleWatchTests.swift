import GuestProtocol
import KTestGuests
import Testing

@testable import KTestHarness
@testable import KTestValues

/// What is found in the console of a boot, however it comes in pieces.
@Suite("The console of a boot") struct ConsoleWatchTests {
  private static func watch(_ lines: [String], piece: Int, _ prepare: (inout ConsoleWatch) -> Void = { _ in })
    -> (watch: ConsoleWatch, sightings: [ConsoleWatch.Sighting])
  {
    var watch = ConsoleWatch()
    prepare(&watch)
    var sightings: [ConsoleWatch.Sighting] = []
    let bytes = Array(lines.map { $0 + "\r\n" }.joined().utf8)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      sightings += watch.push(Array(bytes[start..<min(bytes.count, start + piece)]))
    }
    return (watch, sightings)
  }

  @Test(
    "an expected line of the agent is seen once, also behind what a program began to write", arguments: [1, 7, 4096])
  func markers(piece: Int) {
    let lines = [
      "[    1.000000] ktest[abc]: ready 0", "login: [    1.100000][  T12] ktest[def]: begin 3",
      "[    1.200000] ktest[abc]: ready 0", "ktest[ghi]: end 3", "[    1.300000] ktest[: end 3",
    ]
    let (watch, sightings) = Self.watch(lines, piece: piece) {
      $0.await(["abc": .ready, "def": .begin(case: 3), "ghi": .end(case: 3)])
    }
    #expect(sightings == [.marker(.ready), .marker(.begin(case: 3))])
    #expect(watch.foreignMarkers == 1, "the line without a time is a program's, and one was seen already")
  }

  @Test("the last lines are kept clean of terminal sequences, and lost messages are noticed", arguments: [3, 4096])
  func lines(piece: Int) {
    let lines =
      (0..<20).map { "[    \($0).000000] \u{1b}[31mline\u{1b}[0m \($0)" } + ["** 12 printk messages dropped **"]
    var (watch, _) = Self.watch(lines, piece: piece)
    #expect(watch.hasDropped && watch.tail.count == ConsoleWatch.tailLength)
    #expect(watch.tail.suffix(2) == ["[    19.000000] line 19", "** 12 printk messages dropped **"])
    #expect(!Self.watch(["** 12 printk messages dropped ** or so"], piece: piece).watch.hasDropped)
    watch.count([])
    #expect(!watch.hasDropped)
  }

  @Test("messages are counted by line, and only the kernel's")
  func counts() throws {
    let match = LineMatch(try WildcardPattern(parsing: "mm: * freed"), try WildcardPattern(parsing: "freed"))
    let lines = [
      "[    1.000000] mm: page freed, freed", "mm: page freed", "[    1.100000] mm: freed", "[    1.2] other",
    ]
    #expect(Self.watch(lines, piece: 5) { $0.count([match]) }.watch.count(of: match) == 2)
  }

  @Test("a splat is pending until it ends, and the end of a panic is seen")
  func splats() {
    let begun = ["[    1.000000] WARNING: CPU: 0 PID: 1 at mm/slub.c:12 foo+0x1/0x2", "[    1.000000] Call Trace:"]
    let first = Self.watch(begun, piece: 9).watch
    #expect(first.isInsideSplat && first.pending?.title.hasPrefix("WARNING in ") == true && !first.sawPanicEnd)
    let ended = begun + ["[    1.0]  foo+0x1/0x2", "[    1.000000] ---[ end trace 0000000000000000 ]---"]
    let (watch, sightings) = Self.watch(ended, piece: 9)
    #expect(!watch.isInsideSplat && watch.pending == nil)
    guard case .splat(let splat)? = sightings.first else {
      Issue.record("no splat in \(sightings)")
      return
    }
    #expect(splat.title == "WARNING in foo")
    let panic = ["[    2.000000] ---[ end Kernel panic - not syncing: Attempted to kill init! ]---"]
    #expect(Self.watch(panic, piece: 9).watch.sawPanicEnd)
    #expect(!Self.watch(["---[ end Kernel panic - not syncing: a program ]---"], piece: 9).watch.sawPanicEnd)
  }

  @Test("what was requested is captured, and is neither tail nor splat")
  func provoked() {
    let lines = [
      "[    1.000000] sysrq: Show State", "[    1.000000] WARNING: CPU: 0 PID: 1 at mm/slub.c:12 foo+0x1/0x2",
    ]
    var (watch, sightings) = Self.watch(lines, piece: 11) { _ = $0.beginProvoked(.taskDump) }
    sightings += watch.endProvoked()
    #expect(String(decoding: watch.captured, as: UTF8.self) == lines.map { $0 + "\n" }.joined())
    #expect(watch.tail.isEmpty && watch.tasks.isAnswered)
  }
}
