/// A unit on the agent's channel: a magic byte, a type byte, a 32-bit little-endian payload length, and the payload.
///
/// The same frames travel over virtio-serial and, as a fallback, over the second ISA serial port.
package struct Frame: Equatable, Sendable {
  /// The first byte of every frame; anything else between frames means that the two sides are out of step.
  package static let magic: UInt8 = 0xB7
  package static let headerSize = 6
  /// The maximum payload in bytes. Longer data is sent in several frames.
  package static let maximumPayload = 1 << 20

  package var type: UInt8
  package var payload: [UInt8]

  package init(type: UInt8, payload: [UInt8]) {
    self.type = type
    self.payload = payload
  }

  package var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.bytes.reserveCapacity(Frame.headerSize + payload.count)
    writer.put(Frame.magic)
    writer.put(type)
    writer.put(payload)
    return writer.bytes
  }
}

/// The reasons why bytes on the channel are not frames.
package enum FrameError: Error, Equatable, CustomStringConvertible {
  case badMagic(UInt8)
  case payloadTooLong(Int)
  case shortPayload
  case unknownType(UInt8)
  case trailingBytes(type: UInt8)

  package var description: String {
    switch self {
    case .badMagic(let byte):
      "the agent's channel carries a byte that does not begin a frame (0x\(String(byte, radix: 16)))"
    case .payloadTooLong(let count): "a frame on the agent's channel claims \(count) bytes"
    case .shortPayload: "a frame on the agent's channel ends before its last field"
    case .unknownType(let type): "a frame on the agent's channel has the unknown type \(type)"
    case .trailingBytes(let type): "a frame of type \(type) on the agent's channel has bytes after its last field"
    }
  }
}

/// Splits a byte stream into frames, whatever the sizes of the pieces in which it arrives.
package struct FrameDecoder: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0

  package init() {}

  package mutating func push(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

  /// Returns the next complete frame, or nil if more bytes are needed. After an error the stream cannot be read any
  /// more.
  package mutating func next() throws(FrameError) -> Frame? {
    let available = buffer.count - start
    guard available >= 1 else { return nil }
    guard buffer[start] == Frame.magic else { throw .badMagic(buffer[start]) }
    guard available >= Frame.headerSize else { return nil }
    var length = 0
    for offset in (2..<Frame.headerSize).reversed() { length = (length << 8) | Int(buffer[start + offset]) }
    guard length <= Frame.maximumPayload else { throw .payloadTooLong(length) }
    guard available >= Frame.headerSize + length else { return nil }
    let first = start + Frame.headerSize
    let frame = Frame(type: buffer[start + 1], payload: Array(buffer[first..<(first + length)]))
    start = first + length
    if start > 1 << 16 || start == buffer.count {
      buffer.removeFirst(start)
      start = 0
    }
    return frame
  }
}
