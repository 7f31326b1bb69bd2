/// Random numbers that are the same for the same seed (SplitMix64).
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  mutating func below(_ limit: Int) -> Int { limit <= 0 ? 0 : Int.random(in: 0..<limit, using: &self) }
}

/// Makes of logs what a broken serial line, a torn buffer or an enemy would.
struct Mutator {
  let logs: [[UInt8]]
  /// Longer inputs are rare: they cost as much as a hundred short ones.
  private static let limit = 64 << 10

  private static let words: [[UInt8]] =
    [
      "BUG: ", "WARNING: ", "INFO: ", "BUG: KASAN: ", "Kernel panic - not syncing: ", "Call Trace:\n", "Oops: ",
      "general protection fault",
      " foo+0x1/0x2", " fs/a.c:12 [inline]", "+0x", "/0x", " ? ", "<IRQ>", "<EOI>", "RIP: 0010:", "pc : ",
      "[<ffffffff81000000>] ",
      "---[ end trace 0 ]---\n", "** replaying previous printk message **\n", "[    1.000000]", "[  T12] ", "[   C1] ",
      "[99999999999.999999999] ", "<6>", "kern  :warn  : ", "Jan  5 12:34:56 host kernel: ",
      "2024-01-05T12:34:56,1+01:00 ",
      "Linux version 6.12\n", "======================================================\n", "\n", "\r", "\r\n", "\t",
      "\0", "\u{1b}[31m",
      "\u{1b}]0;", "\u{7}", "\u{202e}", "\u{feff}", "%s", "{frame}", "{1}", "-1", "18446744073709551616",
      "Sending NMI from CPU",
      "Allocated by task 1:\n", "unreferenced object 0x", "  backtrace (crc 0):\n", "rcu: INFO: ",
      " blocked for more than ",
    ].map { Array($0.utf8) } + [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]]

  func input(seed: UInt64) -> [UInt8] {
    var dice = Dice(state: seed)
    var bytes = logs[dice.below(logs.count)]
    for _ in 0..<(1 + dice.below(8)) { mutate(&bytes, &dice) }
    return Array(bytes.prefix(seed % 997 == 0 ? 4 << 20 : Self.limit))
  }

  private func mutate(_ bytes: inout [UInt8], _ dice: inout Dice) {
    guard !bytes.isEmpty else {
      bytes = logs[dice.below(logs.count)]
      return
    }
    let place = dice.below(bytes.count)
    let end = min(bytes.count, place + 1 + dice.below(1 << dice.below(12)))
    switch dice.below(12) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
    case 1: bytes[place] ^= 1 << UInt8(dice.below(8))
    case 2, 3: bytes.insert(contentsOf: Self.words[dice.below(Self.words.count)], at: place)
    case 4: bytes.removeSubrange(place..<end)
    case 5: bytes.insert(contentsOf: Array(bytes[place..<end]), at: dice.below(bytes.count))
    case 6: bytes.removeSubrange(place...)
    case 7:
      let other = logs[dice.below(logs.count)]
      bytes.insert(contentsOf: other[dice.below(other.count)...], at: place)
    case 8: interleave(&bytes, &dice)
    case 9: shuffle(&bytes, &dice)
    case 10:
      let times = dice.below(100) == 0 ? 1 << dice.below(20) : dice.below(40)
      let word =
        dice.below(2) == 0 ? Array(bytes[place..<min(end, place + 64)]) : Self.words[dice.below(Self.words.count)]
      bytes.insert(contentsOf: (0..<min(times, 4 << 20 / max(1, word.count))).flatMap { _ in word }, at: place)
    default:
      let gone = bytes[place]
      bytes.removeAll { $0 == gone }
    }
  }

  /// Two logs, line by line in turn, as of two CPUs.
  private func interleave(_ bytes: inout [UInt8], _ dice: inout Dice) {
    let left = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let right = logs[dice.below(logs.count)].split(separator: 10, omittingEmptySubsequences: false)
    var (mixed, l, r): ([UInt8], Int, Int) = ([], 0, 0)
    while l < left.count || r < right.count {
      if r >= right.count || l < left.count && dice.below(2) == 0 {
        mixed += left[l] + [10]
        l += 1
      } else {
        mixed += right[r] + [10]
        r += 1
      }
    }
    bytes = mixed
  }

  private func shuffle(_ bytes: inout [UInt8], _ dice: inout Dice) {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    for _ in 0..<(1 + dice.below(5)) { lines.swapAt(dice.below(lines.count), dice.below(lines.count)) }
    bytes = Array(lines.joined(separator: [10]))
  }
}
