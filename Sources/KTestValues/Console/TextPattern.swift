import Glibc

/// A pattern for one line, written as data: literal text with placeholders. It is searched for anywhere in a line, or
/// at the line's beginning where it starts with `^`.
///
/// | placeholder | stands for | captured |
/// |---|---|---|
/// | `*` | any text, the shortest that fits | no |
/// | `<word>` | letters, `-` and `_` | yes |
/// | `<text>` | any text, the shortest that fits | yes |
/// | `<rest>` | what is left of the line | yes |
/// | `<some>` | the same, but something | yes |
/// | `<func>` | a function's name before its `.` or `+` | yes |
/// | `<src>` | `path/file.ext:line` | yes |
/// | `<n>` | decimal digits | no |
/// | `<hex>` | hexadecimal digits | no |
/// | `<pc>` | up to two addresses in brackets, if there are any | no |
/// | `$` | the end of the line, but for spaces | no |
package struct TextPattern: Sendable, ExpressibleByStringLiteral {
  private enum Token: Sendable {
    case literal([UInt8])
    case gap, word, text, rest, some, function, source, digits, hex, addresses, end
  }

  /// The pattern as written.
  let source: String
  private var tokens: [Token] = []
  private var isAnchored = false

  package init(stringLiteral pattern: String) {
    source = pattern
    var rest = Substring(pattern)
    if rest.hasPrefix("^") {
      isAnchored = true
      rest.removeFirst()
    }
    var literal: [UInt8] = []
    func flush(_ tokens: inout [Token]) {
      if !literal.isEmpty { tokens.append(.literal(literal)) }
      literal = []
    }
    let names: [(String, Token)] = [
      ("*", .gap), ("<word>", .word), ("<text>", .text), ("<rest>", .rest), ("<some>", .some), ("<func>", .function),
      ("<src>", .source),
      ("<n>", .digits), ("<hex>", .hex), ("<pc>", .addresses), ("$", .end),
    ]
    while let first = rest.first {
      if let (name, token) = names.first(where: { rest.hasPrefix($0.0) }) {
        flush(&tokens)
        tokens.append(token)
        rest.removeFirst(name.count)
      } else {
        literal += Array(String(first).utf8)
        rest.removeFirst()
      }
    }
    flush(&tokens)
  }

  /// Returns the captures of the placeholders in `line`, or nil if the pattern does not match.
  func match(_ line: [UInt8]) -> [String]? {
    var captures: [Range<Int>] = []
    if isAnchored {
      return match(0, line, 0, &captures) ? strings(captures, line) : nil
    }
    var start = 0
    while start <= line.count {
      if case .literal(let literal)? = tokens.first {
        guard let found = line.place(of: literal, from: start) else { return nil }
        start = found
      }
      captures.removeAll(keepingCapacity: true)
      if match(0, line, start, &captures) { return strings(captures, line) }
      start += 1
    }
    return nil
  }

  func isIn(_ line: [UInt8]) -> Bool { match(line) != nil }

  private func strings(_ captures: [Range<Int>], _ line: [UInt8]) -> [String] {
    captures.map { String(decoding: line[$0], as: UTF8.self) }
  }

  private func match(_ index: Int, _ line: [UInt8], _ place: Int, _ captures: inout [Range<Int>]) -> Bool {
    guard index < tokens.count else { return true }
    let next = index + 1
    switch tokens[index] {
    case .literal(let literal):
      return line.has(literal, at: place) && match(next, line, place + literal.count, &captures)
    case .gap, .text:
      var isCaptured = false
      if case .text = tokens[index] { isCaptured = true }
      let depth = captures.count
      var end = place
      while end <= max(place, line.count) {
        // Only places where the following literal occurs need to be tried.
        if next < tokens.count, case .literal(let literal) = tokens[next] {
          guard let found = line.place(of: literal, from: end) else { return false }
          end = found
        }
        if isCaptured { captures.append(place..<end) }
        if match(next, line, end, &captures) { return true }
        captures.removeLast(captures.count - depth)
        end += 1
      }
      return false
    case .rest, .some:
      if case .some = tokens[index], place == line.count { return false }
      captures.append(place..<line.count)
      return true
    case .end:
      return line[place...].allSatisfy { $0 == ASCII.space }
    case .word:
      let end = line.end(from: place) { ASCII.isLetter($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
      guard end > place else { return false }
      captures.append(place..<end)
      return match(next, line, end, &captures)
    case .digits, .hex:
      var isHex = false
      if case .hex = tokens[index] { isHex = true }
      let end = line.end(from: place, while: isHex ? ASCII.isHex : ASCII.isDigit)
      return end > place && match(next, line, end, &captures)
    case .function:
      let end = StackFrame.functionEnd(line, from: place) ?? StackFrame.symbolisedEnd(line, from: place)
      guard let end else { return false }
      captures.append(place..<end)
      return match(next, line, end, &captures)
    case .source:
      guard let end = StackFrame.sourceEnd(line, from: place) else { return false }
      captures.append(place..<end)
      return match(next, line, end, &captures)
    case .addresses:
      return match(next, line, StackFrame.addressesEnd(line, from: place), &captures)
    }
  }
}

extension [UInt8] {
  /// Returns whether `part` is at `place`.
  func has(_ part: [UInt8], at place: Int) -> Bool { withUnsafeBufferPointer { $0.has(part, at: place) } }

  /// Returns the first place of `part` at or after `place`.
  func place(of part: [UInt8], from place: Int = 0) -> Int? {
    withUnsafeBufferPointer { $0.place(of: part, from: place) }
  }

  func contains(_ part: [UInt8]) -> Bool { place(of: part) != nil }

  @inline(__always)
  func end(from place: Int, while holds: (UInt8) -> Bool) -> Int {
    withUnsafeBufferPointer { bytes in
      var end = place
      while end < bytes.count, holds(bytes[end]) { end += 1 }
      return end
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  func has(_ part: [UInt8], at place: Int) -> Bool {
    guard place >= 0, place + part.count <= count else { return false }
    return part.withUnsafeBufferPointer { part in
      for index in 0..<part.count where self[place + index] != part[index] { return false }
      return true
    }
  }

  func place(of part: [UInt8], from place: Int) -> Int? {
    guard !part.isEmpty else { return place }
    guard place >= 0, place + part.count <= count, let base = UnsafeRawPointer(baseAddress) else { return nil }
    return part.withUnsafeBytes { part in
      guard let wanted = part.baseAddress else { return nil }
      let last = count - part.count
      var place = place
      while place <= last, let hit = memchr(base + place, Int32(part[0]), last - place + 1) {
        place = UnsafeRawPointer(hit) - base
        if memcmp(hit, wanted, part.count) == 0 { return place }
        place += 1
      }
      return nil
    }
  }
}
