import KTestValues

/// A kernel image that was read and recognised.
struct ImageFile: Sendable {
  let path: String
  let probe: KernelImageProbe
  private let bytes: [UInt8]
  /// The maximum size of a `vmlinux` in bytes; the largest kernels, with KASAN and the like, have a fifth of it.
  private static let largest = 1 << 29

  /// Reads the part of the file that the kernel itself fills, without debug information after it.
  ///
  /// Throws `KernelError`: `notFound`, `unreadable`, and the errors of `KernelImageProbe`.
  init(_ path: String) throws(KernelError) {
    let start = try KernelFiles.read(path, limit: 1 << 20)
    let extent = KernelImageProbe.extent(from: start)
    bytes = extent <= start.count ? start : try KernelFiles.read(path, limit: extent)
    self.path = path
    probe = try KernelImageProbe(bytes, name: path)
  }

  /// Writes the `vmlinux` inside a `bzImage` to `target`: QEMU starts it faster, especially without KVM, where the
  /// guest would have to decompress it.
  ///
  /// Returns false, and writes nothing, if this is not possible: no PVH entry, an unknown compression, or the
  /// decompressor is not installed. Throws `KernelError`: `badImage` and `tooLarge` if the image contradicts its own
  /// header, `cacheUnwritable` for a full disk and the like.
  func extractVmlinux(to target: String) async throws -> Bool {
    guard let payload = probe.payload, let tool = payload.compression.tool,
      payload.unpackedSize > 0, payload.unpackedSize <= ImageFile.largest,
      payload.offset + payload.length <= bytes.count
    else { return false }
    let stream = Array(bytes[payload.offset..<payload.offset + payload.length])
    do {
      let result = try await tool.filter(
        stream, arguments: payload.compression.arguments, into: target, limit: payload.unpackedSize, subject: path,
        purpose: "decompress a kernel")
      guard result.succeeded else {
        throw KernelError.badImage(
          name: path, reason: "\(tool.name) cannot unpack its content: \(result.reason)")
      }
      let size = HostFiles.size(of: target) ?? 0
      guard size == payload.unpackedSize else {
        KernelFiles.remove(target)
        throw KernelError.badImage(
          name: path, reason: "it unpacks to \(size) bytes, but its header says \(payload.unpackedSize)")
      }
      if let unpacked = try? ImageFile(target), unpacked.probe.format == .vmlinux, unpacked.probe.isBootable,
        unpacked.probe.release == nil || probe.release == nil || unpacked.probe.release == probe.release
      {
        return true
      }
    } catch KernelError.toolMissing {
      // The bzImage works as well, only slower.
    }
    KernelFiles.remove(target)
    return false
  }
}

extension BzImageHeader.Compression {
  /// The decompressor. lzo has no stream format of its own here, and bzip2 and lzma are not worth a dependency.
  fileprivate var tool: Tool? {
    switch self {
    case .gzip: Tool(name: "gzip", package: "gzip")
    case .xz: Tool(name: "xz", package: "xz-utils")
    case .lz4: Tool(name: "lz4", package: "lz4")
    case .zstd: Tool(name: "zstd", package: "zstd")
    case .lzma, .bzip2, .lzo: nil
    }
  }

  fileprivate var arguments: [String] {
    self == .zstd ? ["-q", "-d", "-c", "--long=31"] : ["-q", "-d", "-c"]
  }
}
