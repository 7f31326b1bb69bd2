/// Finds the splats of a whole console log that comes in pieces of any size. It does what ``LineSplitter`` and
/// ``SplatDetector`` do together, but skips plain lines without a header in place, which is fast. Memory use does not
/// depend on the length of the log.
package struct SplatStream: Sendable {
  private var splitter = LineSplitter()
  private var detector = SplatDetector()
  /// Splats that are over, while an older one is not.
  private var waiting: [Splat] = []

  private static let newline = [ASCII.newline]

  package init() {}

  /// The number of bytes processed so far.
  package var offset: Int { splitter.offset }

  /// Processes the next bytes and returns the splats that they end, in the order of their first lines.
  package mutating func push(_ bytes: some Collection<UInt8>) -> [Splat] {
    let contiguous: Void? = bytes.withContiguousStorageIfAvailable { take($0) }
    if contiguous == nil { Array(bytes).withUnsafeBufferPointer { take($0) } }
    return inOrder()
  }

  /// Returns the remaining splats at the end of the log.
  package mutating func finish() -> [Splat] {
    if let line = splitter.finish() { waiting += detector.feed(ConsoleLine(line)) }
    waiting += detector.finish()
    return inOrder()
  }

  /// Ends the splats that have their stack, for a log that has had no output for a while, and returns them.
  package mutating func settle() -> [Splat] {
    waiting += detector.settle()
    return inOrder()
  }

  private mutating func inOrder() -> [Splat] {
    guard !waiting.isEmpty else { return [] }
    let open = detector.openStart ?? .max
    let over = waiting.filter { $0.byteRange.lowerBound < open }
    waiting.removeAll { $0.byteRange.lowerBound < open }
    return over.sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
  }

  private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
    var place = 0
    // Of the lines from `place` on, those before this place have no header.
    var header = -1
    while place < bytes.count {
      if detector.isIdle, splitter.isAtLineStart {
        if header < place { header = detector.nextHeader(in: bytes, from: place) }
        let (end, lines) = detector.idleLines(in: bytes, from: place, header: header)
        if end > place {
          splitter.skip(lines: end - place)
          detector.skip(lines: lines)
          place = end
          continue
        }
      }
      // Feed one line; the lines after it may be skipped again.
      let newline = bytes.place(of: Self.newline, from: place) ?? bytes.count - 1
      splitter.push(bytes[place...newline]) { waiting += detector.feed(ConsoleLine($0)) }
      place = newline + 1
    }
  }
}
