/// One line of a byte stream, without its line end.
package struct RawLine: Sendable, Equatable {
  /// The bytes of the line, at most as many as the splitter's limit.
  package var bytes: [UInt8]
  /// The range of the whole line in the stream, in bytes, without its line end. It is longer than `bytes` if the line
  /// was truncated.
  package var range: Range<Int>
  /// Whether the line was longer than the limit; the rest of it was dropped.
  package var truncated: Bool

  package init(bytes: [UInt8], range: Range<Int>, truncated: Bool = false) {
    self.bytes = bytes
    self.range = range
    self.truncated = truncated
  }
}

/// Splits a byte stream into lines. Line ends are `\n`, `\r\n` and a lone `\r`. The lines do not depend on how the
/// stream is cut into chunks. It holds at most `limit` bytes between two calls.
package struct LineSplitter: Sendable {
  /// The maximum number of bytes of a line that are kept.
  package let limit: Int
  /// The number of bytes pushed so far, which is the offset of the next byte in the stream.
  package private(set) var offset = 0

  private var held: [UInt8] = []
  private var start = 0
  private var afterReturn = false

  package init(limit: Int = 64 << 10) {
    precondition(limit > 0, "a line splitter must keep at least one byte of a line")
    self.limit = limit
  }

  /// Processes the next bytes and calls `body` for each line that they complete, in order.
  package mutating func push(_ bytes: some Collection<UInt8>, _ body: (RawLine) throws -> Void) rethrows {
    let contiguous: Void? = try bytes.withContiguousStorageIfAvailable { try take($0, body) }
    if contiguous == nil {
      try Array(bytes).withUnsafeBufferPointer { try take($0, body) }
    }
  }

  /// Processes the next bytes and returns the lines that they complete.
  package mutating func push(_ bytes: some Collection<UInt8>) -> [RawLine] {
    var lines: [RawLine] = []
    push(bytes) { lines.append($0) }
    return lines
  }

  /// Whether no line has begun.
  var isAtLineStart: Bool { held.isEmpty && !afterReturn && start == offset }

  /// Skips `count` bytes that are complete lines. It may be called only at the start of a line.
  mutating func skip(lines count: Int) {
    offset += count
    start = offset
  }

  /// Returns the last line if the stream does not end in a line end.
  package mutating func finish() -> RawLine? {
    defer {
      held = []
      start = offset
      afterReturn = false
    }
    guard offset > start else { return nil }
    return RawLine(bytes: held, range: start..<offset, truncated: offset - start > held.count)
  }

  private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (RawLine) throws -> Void) rethrows {
    guard !bytes.isEmpty else { return }
    let base = offset
    offset += bytes.count
    var from = 0
    if afterReturn {
      afterReturn = false
      if bytes[0] == ASCII.newline {
        from = 1
        start = base + 1
      }
    }
    while from < bytes.count {
      guard let end = Self.lineEnd(in: bytes, from: from) else {
        keep(bytes[from...])
        return
      }
      let room = limit - held.count
      let piece = bytes[from..<min(end, from + room)]
      let range = start..<(base + end)
      let content = held.isEmpty ? Array(piece) : held + piece
      held.removeAll(keepingCapacity: true)

      from = end + 1
      if bytes[end] == ASCII.carriageReturn {
        if from == bytes.count {
          afterReturn = true
        } else if bytes[from] == ASCII.newline {
          from += 1
        }
      }
      start = base + from
      try body(RawLine(bytes: content, range: range, truncated: range.count > content.count))
    }
  }

  private mutating func keep(_ piece: Slice<UnsafeBufferPointer<UInt8>>) {
    held.append(contentsOf: piece.prefix(limit - held.count))
  }

  /// Returns the offset of the next `\n` or `\r`; it checks eight bytes at a time.
  private static func lineEnd(in bytes: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
    var place = from
    let raw = UnsafeRawBufferPointer(bytes)
    while place + 8 <= bytes.count {
      let word = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      if ASCII.hasByte(word, ASCII.newline) || ASCII.hasByte(word, ASCII.carriageReturn) { break }
      place += 8
    }
    while place < bytes.count {
      if bytes[place] == ASCII.newline || bytes[place] == ASCII.carriageReturn { return place }
      place += 1
    }
    return nil
  }
}
