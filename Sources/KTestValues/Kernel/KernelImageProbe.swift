/// The properties of a kernel image, read from its bytes.
package struct KernelImageProbe: Sendable, Equatable {
  package let format: KernelBuild.ImageFormat
  package let architecture: KernelBuild.Architecture
  /// The release as `uname -r` prints it, or nil if the image does not say.
  package let release: String?
  /// Whether QEMU can start the image directly; true for every `bzImage`.
  package let isBootable: Bool
  package let payload: BzImageHeader.Payload?

  /// Examines a whole image. `name` is for messages.
  ///
  /// Throws `KernelError`: `notAKernel` (text, a module, an archive, …), `wrongArchitecture`, `truncated`.
  package init(_ bytes: [UInt8], name: String) throws(KernelError) {
    self = try bytes.withUnsafeBufferPointer { bytes throws(KernelError) in
      try KernelImageProbe(UnsafeRawBufferPointer(bytes), name: name)
    }
  }

  /// Examines bytes that are not copied, for example a mapped file.
  init(_ raw: UnsafeRawBufferPointer, name: String) throws(KernelError) {
    let bytes = ByteView(raw)
    architecture = .x86_64
    if bytes.starts(with: ELFFile.magic) {
      let file = try ELFFile(kernel: bytes, name: name)
      guard file.kind == .executable || file.kind == .shared else {
        throw .notAKernel(name: name, what: file.kind == .relocatable ? "an object file or module" : "a core dump")
      }
      if file.isTruncated { throw .truncated(name: name) }
      format = .vmlinux
      // Only loaded segments are searched: debug information is ten times as large.
      release =
        file.segments.lazy.filter { $0.type == ELFFile.loadSegment }
        .compactMap { bytes.slice($0.offset, $0.size).flatMap(KernelImageProbe.banner) }.first
      isBootable = file.hasPVHEntry
      payload = nil
      // A vmlinux always has a banner; without banner and PVH entry it is some other program.
      if release == nil, !isBootable { throw .notAKernel(name: name, what: "some other x86_64 program") }
    } else if let header = try BzImageHeader(bytes, name: name) {
      guard header.is64Bit else { throw .wrongArchitecture(name: name, architecture: "an i386") }
      format = .bzImage
      release = header.release
      isBootable = true
      payload = header.payload
    } else {
      throw KernelImageProbe.complaint(about: bytes, name: name)
    }
  }

  /// Returns how many bytes of a file with this start must be examined: for an ELF file all segments but not the debug
  /// information after them, for a `bzImage` the size in its header, for anything else only these bytes.
  package static func extent(from start: [UInt8]) -> Int {
    start.withUnsafeBytes { raw in
      guard let file = try? ELFFile(kernel: ByteView(raw), name: ""), !file.segments.isEmpty else {
        let isKernel = !raw.starts(with: ELFFile.magic) && ByteView(raw).starts(with: Array("HdrS".utf8), at: 0x202)
        return isKernel ? 1 << 29 : raw.count
      }
      return file.segments.map { min($0.offset, 1 << 30) + min($0.size, 1 << 30) }.max() ?? raw.count
    }
  }

  /// Finds `Linux version 6.12.1 (user@host) …`, the constant `linux_banner`, and skips the format string with `%s`.
  private static func banner(in bytes: ByteView) -> String? {
    let start = "Linux version "
    var from = 0
    while let offset = bytes.find(start, from: from) {
      from = offset + start.utf8.count
      guard let text = bytes.text(at: from, limit: 128), let first = text.utf8.first, first >= 48, first <= 57,
        let word = text.split(separator: " ").first, word.utf8.count < 65
      else { continue }
      return String(word)
    }
    return nil
  }

  private static func complaint(about bytes: ByteView, name: String) -> KernelError {
    // arch/arm64/kernel/head.S and Documentation/arch/riscv/boot-image-header.rst: a magic number at offset 56.
    if bytes.starts(with: Array("ARM\u{64}".utf8), at: 56) {
      return .wrongArchitecture(name: name, architecture: "an aarch64")
    }
    if bytes.starts(with: Array("RSC\u{05}".utf8), at: 56) {
      return .wrongArchitecture(name: name, architecture: "a riscv")
    }
    if bytes.count == 0 { return .notAKernel(name: name, what: "an empty file") }
    let kinds: [(magic: [UInt8], what: String)] = [
      (Array("MZ".utf8), "an EFI program without a Linux boot header"),
      ([0x1f, 0x8b], "a gzip file (perhaps a compressed kernel of another architecture)"),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "an xz file"), ([0x28, 0xb5, 0x2f, 0xfd], "a zstd file"),
      (Array("!<arch>\n".utf8), "an ar archive (a package file must be named .deb)"),
      ([0x27, 0x05, 0x19, 0x56], "a U-Boot image"), (Array("070701".utf8), "a cpio archive"),
    ]
    if let kind = kinds.first(where: { bytes.starts(with: $0.magic) }) {
      return .notAKernel(name: name, what: kind.what)
    }
    let isText = bytes.bytes.prefix(512).allSatisfy { $0 >= 32 || ($0 >= 8 && $0 <= 13) || $0 == 27 }
    return .notAKernel(name: name, what: isText ? "a text file" : "data of an unknown format")
  }
}
