/// Makes of good inputs what a broken line, a torn buffer, a full disk or an enemy would.
struct Mutator: Sendable {
  /// None of them empty.
  let seeds: [[UInt8]]
  /// What the reader under test looks for.
  let words: [[UInt8]]
  /// Whether the inputs have lines, numbers in digits and texts in quotes; else they have numbers in bytes.
  let isText: Bool
  /// Longer inputs are rare: they cost as much as a hundred short ones.
  static let limit = 64 << 10
  static let rareLimit = 4 << 20

  init(seeds: [[UInt8]], words: [String], isText: Bool = true) {
    self.seeds = seeds.filter { !$0.isEmpty }
    self.words = words.map { Array($0.utf8) } + Self.badWords
    self.isText = isText
    precondition(!self.seeds.isEmpty, "a mutator needs something to mutate")
  }

  private static let badWords: [[UInt8]] =
    ["\0", "\u{1b}[31m", "\u{1b}]0;", "\u{7}", "\u{85}", "\u{202e}", "\u{2028}", "\u{feff}", "\u{fffe}", "\r", "%s"]
    .map { Array($0.utf8) } + [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]]

  private static let numbers = [
    "0", "-1", "1", "64", "65535", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
    "-9223372036854775808", "9223372036854775808", "18446744073709551615", "99999999999999999999", "1e308", "1e309",
    "-1e308", "5e-324", "0.1", "nan", "inf", "0x7fffffffffffffff", "00000000000000000001",
  ].map { Array($0.utf8) }

  private static let texts: [[UInt8]] =
    [
      "", " ", "..", "../../../etc/passwd", "/dev/zero", "latest", "pass", "crash", "\\u0000", "\\u001b[31m", "\\u202e",
      "\\ud800", "\\n", "\\\\", "]]>", "<a b='c'>&amp;</a>", "-->", "# TODO", "--help", "$(X)",
    ].map { Array($0.utf8) } + [Array(repeating: UInt8(ascii: "x"), count: 5000)]

  func input(seed: UInt64) -> [UInt8] {
    var dice = Dice(seed: seed)
    var bytes = dice.pick(seeds)
    // Now and then the input as it is: a reader that accepts nothing would find nothing.
    for _ in 0..<dice.below(9) { mutate(&bytes, &dice) }
    return Array(bytes.prefix(seed % 997 == 0 ? Self.rareLimit : Self.limit))
  }

  private func mutate(_ bytes: inout [UInt8], _ dice: inout Dice) {
    guard !bytes.isEmpty else {
      bytes = dice.pick(seeds)
      return
    }
    let place = dice.below(bytes.count)
    let end = min(bytes.count, place + 1 + dice.below(1 << dice.below(12)))
    switch dice.below(18) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
    case 1: bytes[place] ^= 1 << UInt8(dice.below(8))
    case 2, 3: bytes.insert(contentsOf: dice.pick(words), at: place)
    case 4: bytes.removeSubrange(place..<end)
    case 5: bytes.insert(contentsOf: Array(bytes[place..<end]), at: dice.below(bytes.count))
    case 6: bytes.removeSubrange(place...)
    case 7:
      let other = dice.pick(seeds)
      bytes.insert(contentsOf: other[dice.below(other.count)...], at: place)
    case 8: interleave(&bytes, &dice)
    case 9: shuffle(&bytes, &dice)
    case 10: again(&bytes, place..<end, &dice)
    case 11:
      let gone = bytes[place]
      bytes.removeAll { $0 == gone }
    case 12, 13, 14: if isText { number(&bytes, from: place, &dice) } else { integer(&bytes, at: place, &dice) }
    case 15, 16: if isText { text(&bytes, from: place, &dice) } else { integer(&bytes, at: place, &dice) }
    default: line(&bytes, at: place, &dice)
    }
  }

  /// A piece, or a word, many times.
  private func again(_ bytes: inout [UInt8], _ range: Range<Int>, _ dice: inout Dice) {
    let times = dice.below(20) == 0 ? 1 << dice.below(20) : dice.below(40)
    let word = dice.below(2) == 0 ? Array(bytes[range].prefix(64)) : dice.pick(words)
    let copies = min(times, Self.rareLimit / max(1, word.count))
    bytes.insert(contentsOf: (0..<copies).flatMap { _ in word }, at: range.lowerBound)
  }

  /// Another number in the place of the next one.
  private func number(_ bytes: inout [UInt8], from place: Int, _ dice: inout Dice) {
    let isDigit = { (byte: UInt8) in byte >= 48 && byte <= 57 }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: dice.pick(Self.numbers))
  }

  /// Another text between the next quotes.
  private func text(_ bytes: inout [UInt8], from place: Int, _ dice: inout Dice) {
    guard let open = bytes[place...].firstIndex(of: UInt8(ascii: "\"")),
      let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "\""))
    else { return }
    bytes.replaceSubrange((open + 1)..<close, with: dice.pick(Self.texts))
  }

  /// Another number over two, four or eight bytes.
  private func integer(_ bytes: inout [UInt8], at place: Int, _ dice: inout Dice) {
    let width = [1, 2, 4, 8][dice.below(4)]
    // Headers are at the front, and their fields are aligned.
    let place = min(dice.below(2) == 0 ? place : dice.below(1024), bytes.count - 1) / width * width
    let count = bytes.count
    let values: [UInt64] = [
      0, 1, 4, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, .max,
      UInt64(count), UInt64(count) &- 1, UInt64(count) + 1, .max - 7, .max - 63, UInt64(Int.max) - 63,
    ]
    let value = dice.pick(values)
    for offset in 0..<width where place + offset < count {
      bytes[place + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset))
    }
  }

  /// The line at a place is gone, or there again, or somewhere else.
  private func line(_ bytes: inout [UInt8], at place: Int, _ dice: inout Dice) {
    let start = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let end = bytes[place...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
    let line = Array(bytes[start..<end])
    switch dice.below(3) {
    case 0: bytes.removeSubrange(start..<end)
    case 1: bytes.insert(contentsOf: line, at: end)
    default:
      let other = dice.below(bytes.count)
      let target = bytes[..<other].lastIndex(of: 10).map { $0 + 1 } ?? 0
      bytes.insert(contentsOf: line, at: target)
    }
  }

  /// Two inputs, line by line in turn, as of two CPUs.
  private func interleave(_ bytes: inout [UInt8], _ dice: inout Dice) {
    let left = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let right = dice.pick(seeds).split(separator: 10, omittingEmptySubsequences: false)
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
