/// Writes the primitive values of a message: little-endian, with a 32-bit length before strings and lists.
struct ByteWriter {
  package var bytes: [UInt8] = []

  mutating func put<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func put(_ value: [UInt8]) {
    put(UInt32(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func put(_ value: String) { put(Array(value.utf8)) }

  mutating func put<Element>(_ list: [Element], _ each: (inout ByteWriter, Element) -> Void) {
    put(UInt32(list.count))
    for element in list { each(&self, element) }
  }
}

/// Reads what ``ByteWriter`` wrote. The other side may be a corrupted guest, so every length is checked.
struct ByteReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(FrameError) -> T {
    let size = MemoryLayout<T>.size
    guard bytes.count - position >= size else { throw .shortPayload }
    var value: T = 0
    for offset in (0..<size).reversed() { value = (value << 8) | T(truncatingIfNeeded: bytes[position + offset]) }
    position += size
    return value
  }

  mutating func bool() throws(FrameError) -> Bool { try integer(UInt8.self) != 0 }

  mutating func blob() throws(FrameError) -> [UInt8] {
    let count = Int(try integer(UInt32.self))
    guard bytes.count - position >= count else { throw .shortPayload }
    defer { position += count }
    return Array(bytes[position..<(position + count)])
  }

  mutating func string() throws(FrameError) -> String { String(decoding: try blob(), as: UTF8.self) }

  mutating func list<Element>(
    _ each: (inout ByteReader) throws(FrameError) -> Element
  ) throws(FrameError) -> [Element] {
    let count = Int(try integer(UInt32.self))
    // An element takes at least one byte: a greater count is refused before memory is allocated.
    guard count <= bytes.count - position else { throw .shortPayload }
    var elements: [Element] = []
    elements.reserveCapacity(min(count, 1024))
    for _ in 0..<count { elements.append(try each(&self)) }
    return elements
  }
}
