import KTestValues

/// Console logs through the search for splats, in two ways that must agree.
struct ConsoleFuzz: FuzzTarget {
  static let name = "console"
  private let mutator: Mutator

  init(_ files: SeedFiles) {
    mutator = Mutator(
      seeds: files.contents(below: "Tests/KTestHarnessTests/Fixtures/Console", "../shared/corpus"), words: Self.words)
  }

  private static let words = [
    "BUG: ", "WARNING: ", "INFO: ", "BUG: KASAN: ", "Kernel panic - not syncing: ", "Call Trace:\n", "Oops: ",
    "general protection fault",
    " foo+0x1/0x2", " fs/a.c:12 [inline]", "+0x", "/0x", " ? ", "<IRQ>", "<EOI>", "RIP: 0010:", "pc : ",
    "[<ffffffff81000000>] ",
    "---[ end trace 0 ]---\n", "** replaying previous printk message **\n", "[    1.000000]", "[  T12] ", "[   C1] ",
    "[99999999999.999999999] ", "<6>", "kern  :warn  : ", "Jan  5 12:34:56 host kernel: ",
    "2024-01-05T12:34:56,1+01:00 ",
    "Linux version 6.12\n", "======================================================\n", "\n", "\r\n", "\t",
    "{frame}", "{1}", "-1", "18446744073709551616",
    "Sending NMI from CPU",
    "Allocated by task 1:\n", "unreferenced object 0x", "  backtrace (crc 0):\n", "rcu: INFO: ",
    " blocked for more than ",
  ]

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with bytes: [UInt8], _ dice: inout Dice) -> String? {
    let found = slowly(bytes)
    guard quickly(bytes, &dice) == found else { return "the two ways differ" }
    for splat in found {
      guard splat.byteRange.lowerBound >= 0, splat.byteRange.upperBound <= bytes.count else {
        return "range \(splat.byteRange)"
      }
      let texts = [splat.title, splat.file ?? ""] + splat.alternatives + splat.lines + splat.frames
      guard texts.allSatisfy({ sanitised($0) == $0 && !$0.contains("\n") }) else { return "controls in \(splat.title)" }
      guard splat.title.utf8.count <= 1000, !splat.title.isEmpty else {
        return "a title of \(splat.title.utf8.count) bytes"
      }
    }
    return nil
  }

  private func slowly(_ bytes: [UInt8]) -> [Splat] {
    var splitter = LineSplitter()
    var detector = SplatDetector()
    var found: [Splat] = []
    splitter.push(bytes) { found += detector.feed(ConsoleLine($0)) }
    if let last = splitter.finish() { found += detector.feed(ConsoleLine(last)) }
    found += detector.finish()
    return found.sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
  }

  private func quickly(_ bytes: [UInt8], _ dice: inout Dice) -> [Splat] {
    var stream = SplatStream()
    var found: [Splat] = []
    var place = 0
    let longest = 1 << dice.below(18)
    while place < bytes.count {
      let end = min(bytes.count, place + 1 + dice.below(longest))
      found += stream.push(bytes[place..<end])
      place = end
    }
    return found + stream.finish()
  }
}
