/// The setup header of a `bzImage`.
///
/// Source: `Documentation/arch/x86/boot.rst`.
package struct BzImageHeader: Sendable, Equatable {
  package enum Compression: String, Sendable, CaseIterable {
    case gzip, xz, lzma, bzip2, lz4, zstd, lzo

    fileprivate var magic: [UInt8] {
      switch self {
      case .gzip: [0x1f, 0x8b]
      case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
      case .lzma: [0x5d, 0x00, 0x00]
      case .bzip2: Array("BZh".utf8)
      case .lz4: [0x02, 0x21, 0x4c, 0x18]
      case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
      case .lzo: [0x89, 0x4c, 0x5a, 0x4f]
      }
    }
  }

  /// The compressed `vmlinux` inside the image.
  package struct Payload: Sendable, Equatable {
    package var compression: Compression
    /// The offset from the start of the file, in bytes.
    package var offset: Int
    /// The size of the compressed stream in bytes.
    package var length: Int
    /// The size after decompression in bytes, which the build appends to the stream.
    package var unpackedSize: Int
  }

  /// The release as `uname -r` prints it, or nil if the image does not say.
  var release: String?
  /// Whether the image starts a 64-bit kernel.
  var is64Bit: Bool
  /// The compressed kernel, or nil if its compression is unknown or the file is older than protocol 2.08.
  var payload: Payload?

  /// Parses the header. Returns nil for bytes without it; throws `truncated` if the file is shorter than the header
  /// says.
  init?(_ bytes: ByteView, name: String) throws(KernelError) {
    guard bytes.u16(0x1fe) == 0xaa55, bytes.starts(with: Array("HdrS".utf8), at: 0x202),
      let version = bytes.u16(0x206), let sectors = bytes.u8(0x1f1), let text = bytes.u16(0x20e)
    else { return nil }
    let setup = (Int(sectors == 0 ? 4 : sectors) + 1) * 512
    // syssize counts 16-byte units after the setup part.
    guard let paragraphs = bytes.u32(0x1f4), bytes.count >= setup + paragraphs * 16 - 15 else {
      throw .truncated(name: name)
    }
    release = text == 0 ? nil : bytes.text(at: text + 0x200, limit: 256).flatMap(BzImageHeader.firstWord)
    is64Bit = version >= 0x20c && (bytes.u16(0x236) ?? 0) & 1 == 1
    if version >= 0x208, let start = bytes.u32(0x248), let length = bytes.u32(0x24c) {
      payload = try BzImageHeader.payload(in: bytes, offset: setup + start, length: length, name: name)
    }
  }

  private static func payload(
    in bytes: ByteView, offset: Int, length: Int, name: String
  ) throws(KernelError) -> Payload? {
    guard length > 4 else { return nil }
    guard let slice = bytes.slice(offset, length), let size = slice.u32(length - 4) else {
      throw .truncated(name: name)
    }
    guard let compression = Compression.allCases.first(where: { slice.starts(with: $0.magic) }) else { return nil }
    // The size follows the stream and is not part of it. Only for gzip, the stream's own trailer is this number.
    return Payload(
      compression: compression, offset: offset, length: compression == .gzip ? length : length - 4, unpackedSize: size)
  }

  private static func firstWord(_ text: String) -> String? {
    text.split(separator: " ").first.map(String.init)
  }
}
