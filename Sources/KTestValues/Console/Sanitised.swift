/// Returns the text in a form that is safe for a terminal or an XML file. Terminal sequences, NULs and other control
/// characters are removed; invalid UTF-8 and characters that change the text direction become U+FFFD. Tabs and newlines
/// stay. Clean text is returned unchanged.
package func sanitised(_ text: String) -> String {
  String(decoding: sanitised(Array(text.utf8), keepingNewlines: true), as: UTF8.self)
}

/// Sanitises bytes; the result is valid UTF-8. Without `keepingNewlines`, line ends are removed as well.
func sanitised(_ bytes: [UInt8], keepingNewlines: Bool = false) -> [UInt8] {
  guard let dirty = firstUnplain(bytes) else { return bytes }
  var clean = Array(bytes[..<dirty])
  clean.reserveCapacity(bytes.count)
  var place = dirty
  while place < bytes.count {
    let byte = bytes[place]
    if byte == ASCII.escape {
      place = endOfSequence(bytes, from: place)
    } else if byte < 0x80 {
      let stays = byte >= ASCII.space && byte != ASCII.delete || byte == ASCII.tab
      if stays || keepingNewlines && byte == ASCII.newline { clean.append(byte) }
      place += 1
    } else if let length = scalarLength(bytes, at: place) {
      clean.append(contentsOf: bytes[place..<place + length])
      place += length
    } else {
      clean.append(contentsOf: [0xef, 0xbf, 0xbd])
      place += skippedLength(bytes, at: place)
    }
  }
  return clean
}

/// Returns the offset of the first byte that is not printable ASCII.
private func firstUnplain(_ bytes: [UInt8]) -> Int? {
  let place = bytes.withUnsafeBytes { firstUnplain($0, from: 0) }
  return place < bytes.count ? place : nil
}

/// Returns the offset of the first byte from `from` on that is not printable ASCII, or the end.
func firstUnplain(_ raw: UnsafeRawBufferPointer, from: Int) -> Int {
  var place = from
  while place + 8 <= raw.count, ASCII.isPlain(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) { place += 8 }
  while place < raw.count, raw[place] >= ASCII.space, raw[place] < ASCII.delete { place += 1 }
  return place
}

/// Returns the end of the terminal sequence that begins at `from` with ESC: CSI (`ESC [ … final`), the string kinds
/// (OSC, DCS, SOS, PM, APC up to BEL or ST), else ESC, intermediates and one final byte (ECMA-48, 5.4 and 5.6).
private func endOfSequence(_ bytes: [UInt8], from: Int) -> Int {
  var place = from + 1
  guard place < bytes.count else { return place }
  switch bytes[place] {
  case UInt8(ascii: "["):
    place += 1
    while place < bytes.count, (0x20...0x3f).contains(bytes[place]) { place += 1 }
    if place < bytes.count, (0x40...0x7e).contains(bytes[place]) { place += 1 }
  case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
    // An unterminated string would swallow the rest of the line, including kernel output: then only the introducer is
    // removed.
    var end = place + 1
    while end < bytes.count, bytes[end] != ASCII.bell, bytes[end] != ASCII.escape { end += 1 }
    guard end < bytes.count else { return place + 1 }
    if bytes[end] == ASCII.bell { return end + 1 }
    let closed = end + 1 < bytes.count && bytes[end + 1] == UInt8(ascii: "\\")
    return closed ? end + 2 : end
  default:
    while place < bytes.count, (0x20...0x2f).contains(bytes[place]) { place += 1 }
    if place < bytes.count, (0x30...0x7e).contains(bytes[place]) { place += 1 }
  }
  return place
}

/// Returns the length of the well-formed, harmless UTF-8 scalar at `place`, or nil if there is none (Unicode 15, table
/// 3-7).
private func scalarLength(_ bytes: [UInt8], at place: Int) -> Int? {
  let lead = bytes[place]
  let length: Int
  switch lead {
  case 0xc2...0xdf: length = 2
  case 0xe0...0xef: length = 3
  case 0xf0...0xf4: length = 4
  default: return nil
  }
  guard place + length <= bytes.count else { return nil }
  var scalar = UInt32(lead & (0x7f >> UInt8(length)))
  for next in bytes[(place + 1)..<(place + length)] {
    guard next & 0xc0 == 0x80 else { return nil }
    scalar = scalar << 6 | UInt32(next & 0x3f)
  }
  let least: [UInt32] = [0, 0, 0x80, 0x800, 0x10000]
  guard scalar >= least[length], Unicode.Scalar(scalar) != nil, !isHarmful(scalar) else { return nil }
  return length
}

/// Returns how many bytes become one U+FFFD: all bytes of a well-formed but harmful scalar, else one byte.
private func skippedLength(_ bytes: [UInt8], at place: Int) -> Int {
  let continuations = bytes[(place + 1)...].prefix(3).prefix { $0 & 0xc0 == 0x80 }.count
  switch bytes[place] {
  case 0xc2...0xdf where continuations >= 1: return 2
  case 0xe0...0xef where continuations >= 2: return 3
  case 0xf0...0xf4 where continuations >= 3: return 4
  default: return 1
  }
}

/// Returns whether the scalar is a C1 control, a bidirectional control or a non-character: legal UTF-8 that a terminal
/// obeys or XML forbids.
private func isHarmful(_ scalar: UInt32) -> Bool {
  switch scalar {
  case 0x80...0x9f, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfdd0...0xfdef, 0xfeff: true
  default: scalar & 0xfffe == 0xfffe
  }
}
