/// Finds the splats of a whole console log that comes in pieces of any size. Does what ``LineSplitter`` and
/// ``SplatDetector`` do together, and is quick where nothing happens: plain lines without a header are passed over where
/// they lie. Holds a bounded amount, however long the log is.
public struct SplatStream: Sendable {
  private var splitter = LineSplitter()
  private var detector = SplatDetector()
  /// Over, but an older one is not.
  private var waiting: [Splat] = []

  public init() {}

  /// Bytes taken so far.
  public var offset: Int { splitter.offset }

  /// Takes the next bytes; returns the splats that they show to be over, in the order of their first lines.
  public mutating func push(_ bytes: some Collection<UInt8>) -> [Splat] {
    let contiguous: Void? = bytes.withContiguousStorageIfAvailable { take($0) }
    if contiguous == nil { Array(bytes).withUnsafeBufferPointer { take($0) } }
    return inOrder()
  }

  /// What is left at the end of the log.
  public mutating func finish() -> [Splat] {
    if let line = splitter.finish() { waiting += detector.feed(ConsoleLine(line)) }
    waiting += detector.finish()
    return inOrder()
  }

  /// The splats that have their stack and whose log has fallen silent, though nothing shows that they are over.
  public mutating func settle() -> [Splat] {
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
    while place < bytes.count {
      if detector.isIdle, splitter.isAtLineStart {
        let (end, lines) = detector.idleLines(in: bytes, from: place)
        if end > place {
          splitter.skip(lines: end - place)
          detector.skip(lines: lines)
          place = end
          continue
        }
      }
      // One line at a time: the next one may be quick again.
      let newline = bytes[place...].firstIndex(of: ASCII.newline) ?? bytes.count - 1
      splitter.push(bytes[place...newline]) { waiting += detector.feed(ConsoleLine($0)) }
      place = newline + 1
    }
  }
}
