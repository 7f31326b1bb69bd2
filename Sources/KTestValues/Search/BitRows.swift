/// A square bit matrix: row `r` is a set of columns. Ten thousand commits take 12.5 MB.
package struct BitRows: Sendable, Equatable {
  package let wordsPerRow: Int
  package private(set) var words: [UInt64]

  init(count: Int) {
    wordsPerRow = (count + 63) / 64
    words = [UInt64](repeating: 0, count: wordsPerRow * count)
  }

  func contains(_ row: Int, _ column: Int) -> Bool {
    words[row * wordsPerRow + column >> 6] >> UInt64(column & 63) & 1 == 1
  }

  mutating func insert(_ row: Int, _ column: Int) {
    words[row * wordsPerRow + column >> 6] |= 1 << UInt64(column & 63)
  }

  mutating func formUnion(_ row: Int, with other: Int) {
    for word in 0..<wordsPerRow { words[row * wordsPerRow + word] |= words[other * wordsPerRow + word] }
  }

  func count(_ row: Int) -> Int {
    words[row * wordsPerRow..<(row + 1) * wordsPerRow].reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// Calls `body` with every column of the row in ascending order.
  func forEach(_ row: Int, _ body: (Int) -> Void) {
    for word in 0..<wordsPerRow { Self.forEach(words[row * wordsPerRow + word], word, body) }
  }

  /// Calls `body` with every column that is in `row` and not in `other`.
  func forEach(_ row: Int, without other: Int, _ body: (Int) -> Void) {
    for word in 0..<wordsPerRow {
      let bits = words[row * wordsPerRow + word] & ~words[other * wordsPerRow + word]
      Self.forEach(bits, word, body)
    }
  }

  private static func forEach(_ word: UInt64, _ index: Int, _ body: (Int) -> Void) {
    var rest = word
    while rest != 0 {
      body(index << 6 + rest.trailingZeroBitCount)
      rest &= rest - 1
    }
  }
}
