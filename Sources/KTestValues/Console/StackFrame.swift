/// One frame of a stack trace as the kernel prints it, in the formats of all architectures.
package struct StackFrame: Sendable, Hashable {
  /// The function without its offset and without compiler suffixes (`.isra.0`, `.cold`).
  package var function: String
  /// The `path/file.c:line`, if the log is symbolised.
  package var source: String?
  /// Whether the compiler inlined the function into the next one; only debug information shows this.
  package var isInlined = false

  /// Parses the frames of a line: ` foo+0x1/0x2`, ` [<ffffffff81>] foo+0x1/0x2`, ARM's `[<c01>] (foo) from [<c02>]
  /// (bar+0x1/0x2)` (two frames), and the symbolised ` foo+0x1/0x2 fs/a.c:1`, ` foo fs/a.c:1 [inline]` and, of
  /// scripts/decode_stacktrace.sh, ` foo (fs/a.c:1)`. Returns nothing if the line is not a frame.
  static func read(_ line: [UInt8]) -> [StackFrame] {
    let start = line.end(from: 0) { $0 == ASCII.space || $0 == ASCII.tab }
    let place = addressesEnd(line, from: start)
    if place < line.count, line[place] == UInt8(ascii: "<"), let rust = rustFrame(line, from: place) { return [rust] }
    if let end = functionEnd(line, from: place) {
      let function = String(decoding: line[place..<end], as: UTF8.self)
      return [StackFrame(function: Mangling.readable(function), source: source(line, from: end))]
    }
    if let end = decodedEnd(line, from: place) {
      let function = String(decoding: line[place..<end], as: UTF8.self)
      return [StackFrame(function: Mangling.readable(function), source: source(line, from: end))]
    }
    if place > start, place < line.count, line[place] == UInt8(ascii: "(") { return armFrames(line, from: place) }
    return inlined(line, from: place).map { [$0] } ?? []
  }

  /// Returns whether ``read(_:)`` finds a frame.
  static func isFrame(_ line: [UInt8]) -> Bool {
    let start = line.end(from: 0) { $0 == ASCII.space || $0 == ASCII.tab }
    let place = addressesEnd(line, from: start)
    return functionEnd(line, from: place) != nil || !read(line).isEmpty
  }

  /// Parses ` foo fs/a.c:1 [inline]`, which only a symbolised log has.
  private static func inlined(_ line: [UInt8], from place: Int) -> StackFrame? {
    let end = line.end(from: place, while: ASCII.isSymbol)
    guard end > place, end < line.count, line[end] == ASCII.space, line.contains(inlineMark),
      let source = source(line, from: end)
    else { return nil }
    return StackFrame(function: String(decoding: line[place..<end], as: UTF8.self), source: source, isInlined: true)
  }

  private static func rustFrame(_ line: [UInt8], from place: Int) -> StackFrame? {
    guard let end = line.place(of: offset, from: place), let path = line.place(of: colons, from: place),
      path < end
    else { return nil }
    return StackFrame(function: String(decoding: line[place..<end], as: UTF8.self), source: source(line, from: end))
  }

  private static func armFrames(_ line: [UInt8], from place: Int) -> [StackFrame] {
    let end = line.end(from: place + 1) { ASCII.isSymbol($0) || $0 == UInt8(ascii: ".") }
    guard end > place + 1, line.has(caller, at: end) else { return [] }
    let second = addressesEnd(line, from: end + caller.count)
    guard second < line.count, line[second] == UInt8(ascii: "("), let last = functionEnd(line, from: second + 1) else {
      return []
    }
    return [place + 1..<end, second + 1..<last].map {
      StackFrame(function: String(decoding: line[$0], as: UTF8.self), source: nil)
    }
  }

  /// Returns the end of a function's name that begins at `place` and is followed by `+` or `.`.
  static func functionEnd(_ line: [UInt8], from place: Int) -> Int? {
    let end = line.end(from: place, while: ASCII.isSymbol)
    guard end > place, end < line.count, line[end] == UInt8(ascii: "+") || line[end] == UInt8(ascii: ".") else {
      return nil
    }
    return end
  }

  /// Returns the end of a function's name in a symbolised header `foo fs/a.c:12 [inline]`.
  static func symbolisedEnd(_ line: [UInt8], from place: Int) -> Int? {
    let end = line.end(from: place, while: ASCII.isSymbol)
    guard end > place, end < line.count, line[end] == ASCII.space, sourceEnd(line, from: end + 1) != nil else {
      return decodedEnd(line, from: place)
    }
    return end
  }

  /// Returns the end of a function's name that scripts/decode_stacktrace.sh has written: `foo (fs/a.c:12)`, or
  /// `foo.isra.0 (fs/a.c:12 include/linux/b.h:3)`.
  static func decodedEnd(_ line: [UInt8], from place: Int) -> Int? {
    let end = line.end(from: place, while: ASCII.isSymbol)
    let whole = line.end(from: end) { ASCII.isSymbol($0) || $0 == UInt8(ascii: ".") }
    guard end > place, line.has(parenthesis, at: whole), sourceEnd(line, from: whole + parenthesis.count) != nil else {
      return nil
    }
    return end
  }

  private static let parenthesis = Array(" (".utf8)
  private static let (inlineMark, caller) = (Array("[inline]".utf8), Array(") from ".utf8))
  private static let (offset, colons) = (Array("+0x".utf8), Array("::".utf8))

  /// Returns the end of one or two `[<ffffffff81000000>] ` that begin at `place`.
  static func addressesEnd(_ line: [UInt8], from place: Int) -> Int {
    var place = place
    for _ in 0..<2 {
      var next = place
      guard next < line.count, line[next] == UInt8(ascii: "[") else { break }
      next += 1
      if next < line.count, line[next] == UInt8(ascii: "<") { next += 1 }
      if next + 1 < line.count, line[next] == 0x30, line[next + 1] == 0x78 { next += 2 }
      let digits = line.end(from: next, while: ASCII.isHex)
      guard digits > next else { break }
      next = digits
      if next < line.count, line[next] == UInt8(ascii: ">") { next += 1 }
      guard next < line.count, line[next] == UInt8(ascii: "]") else { break }
      next += 1
      let spaces = line.end(from: next) { $0 == ASCII.space }
      guard spaces > next else { break }
      place = spaces
    }
    return place
  }

  /// Returns the end of `path/file.c:12` if it begins at `place`.
  static func sourceEnd(_ line: [UInt8], from place: Int) -> Int? {
    let end = line.end(from: place, while: isPath)
    guard end > place, end < line.count, line[end] == UInt8(ascii: ":"),
      let dot = line[place..<end].lastIndex(of: UInt8(ascii: ".")), dot > place, dot + 1 < end,
      line[(dot + 1)..<end].allSatisfy(ASCII.isLetter)
    else { return nil }
    let digits = line.end(from: end + 1, while: ASCII.isDigit)
    return digits > end + 1 ? digits : nil
  }

  private static func isPath(_ byte: UInt8) -> Bool {
    ASCII.isSymbol(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  /// Whether a line may name a source file: it has a letter, a colon and a digit in a row.
  static func mayHaveSource(_ line: [UInt8], from place: Int = 0) -> Bool {
    line.withUnsafeBufferPointer { line in
      var place = place + 1
      while let colon = line.place(of: colon, from: place) {
        if ASCII.isLetter(line[colon - 1]), colon + 1 < line.count, ASCII.isDigit(line[colon + 1]) { return true }
        place = colon + 1
      }
      return false
    }
  }

  private static let colon = [UInt8(ascii: ":")]

  /// Returns the first `path/file.c:12` in the line.
  static func source(_ line: [UInt8], from place: Int = 0) -> String? {
    guard mayHaveSource(line, from: place) else { return nil }
    var place = place
    while place < line.count {
      let end = line.end(from: place, while: isPath)
      if end > place, let last = sourceEnd(line, from: place) {
        return String(decoding: line[place..<last], as: UTF8.self)
      }
      place = end + 1
    }
    return nil
  }
}
