import Glibc

/// A file that is mapped into memory while the object lives; a vmlinux with debug information can have a gigabyte.
final class MappedFile {
  package let bytes: UnsafeRawBufferPointer

  /// Maps the file. Throws ``SymbolError``.
  init(_ path: String) throws(SymbolError) {
    let file: RegularFile
    do {
      file = try RegularFile(path)
    } catch { throw .unreadable(path: path, reason: error.reason) }
    let size = file.size
    guard size > 0 else { throw .unreadable(path: path, reason: "it is empty") }
    let mapped = withExtendedLifetime(file) { mmap(nil, size, PROT_READ, MAP_PRIVATE, file.descriptor, 0) }
    guard let base = mapped, base != MAP_FAILED else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
