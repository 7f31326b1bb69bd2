import Glibc

/// Little-endian reads from untrusted bytes; reads outside of them return nil.
package struct ByteView {
  package let bytes: UnsafeRawBufferPointer

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  package var count: Int { bytes.count }

  package func u8(_ offset: Int) -> UInt8? { load(offset) }
  package func u16(_ offset: Int) -> Int? { load(offset).map { Int(UInt16(littleEndian: $0)) } }
  package func u32(_ offset: Int) -> Int? { load(offset).map { Int(UInt32(littleEndian: $0)) } }
  /// Returns 64 bits, for example a kernel's address, which does not fit into `Int`.
  package func word(_ offset: Int) -> UInt64? { load(offset).map { UInt64(littleEndian: $0) } }
  /// Returns 64 bits as an offset, or nil if the value cannot be an offset in a file.
  package func u64(_ offset: Int) -> Int? { load(offset).flatMap { Int(exactly: UInt64(littleEndian: $0)) } }

  package func slice(_ offset: Int, _ length: Int) -> ByteView? {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
    return ByteView(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
  }

  package func starts(with prefix: [UInt8], at offset: Int = 0) -> Bool {
    slice(offset, prefix.count).map { $0.bytes.elementsEqual(prefix) } ?? false
  }

  /// Returns the bytes from `offset` up to a NUL, at most `limit`.
  package func text(at offset: Int, limit: Int) -> String? {
    guard offset >= 0, offset < count else { return nil }
    return String(decoding: bytes[offset..<min(count, offset + limit)].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Returns the offset of the first occurrence at or after `start`. It uses memchr(3) and memcmp(3) because a kernel
  /// has 50 MB and debug builds run this as well.
  package func find(_ needle: String, from start: Int = 0) -> Int? {
    var needle = needle
    return needle.withUTF8 { needle in
      guard let base = bytes.baseAddress, let pattern = needle.baseAddress, start >= 0 else { return nil }
      var offset = start
      while offset <= count - needle.count {
        guard let hit = memchr(base + offset, Int32(needle[0]), count - needle.count - offset + 1) else { return nil }
        offset = UnsafeRawPointer(hit) - base
        if memcmp(hit, pattern, needle.count) == 0 { return offset }
        offset += 1
      }
      return nil
    }
  }

  private func load<Integer: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Integer? {
    guard offset >= 0, offset <= count - MemoryLayout<Integer>.size else { return nil }
    return bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
  }
}
