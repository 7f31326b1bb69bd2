/// An initramfs archive in cpio's `newc` format (Documentation/driver-api/early-userspace/buffer-format.rst).
///
/// The same entries give the same bytes: entries are sorted by path, inode numbers count from 1, times, uid and gid are
/// 0, and missing parent directories are added with mode 0755. Archives may be concatenated; the kernel unpacks them
/// one after the other.
package struct CPIO: Sendable, Equatable {
  package enum Body: Sendable, Equatable {
    case directory
    case file(Content)
    case symlink(String)
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
  }

  /// The content of an entry. A large file stays on disk until the archive is written.
  package enum Content: Sendable, Equatable {
    case bytes([UInt8])
    /// A file. `size` in bytes is part of the archive's header: it is an error if the file has another size when it is
    /// written.
    case file(path: String, size: Int)

    package var size: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .file(_, let size): size
      }
    }
  }

  package struct Entry: Sendable, Equatable {
    /// The path relative to the guest's root, without a leading slash.
    package var path: String
    /// The permission bits, for example 0o755.
    package var mode: UInt32
    package var body: Body

    package init(path: String, mode: UInt32, body: Body) {
      self.path = String(path.drop { $0 == "/" })
      self.mode = mode & 0o7777
      self.body = body
    }
  }

  /// One piece of the archive: bytes, or a file whose content goes here.
  package enum Piece: Sendable, Equatable {
    case bytes([UInt8])
    case file(path: String, size: Int)
  }

  /// The entries, sorted by path and complete with parent directories; a later entry with the same path replaces an
  /// earlier one.
  package private(set) var entries: [Entry]

  package init(_ entries: [Entry]) {
    var byPath: [String: Entry] = [:]
    for entry in entries where !entry.path.isEmpty { byPath[entry.path] = entry }
    for entry in entries {
      for (index, character) in zip(entry.path.indices, entry.path) where character == "/" {
        let parent = String(entry.path[..<index])
        if byPath[parent] == nil { byPath[parent] = Entry(path: parent, mode: 0o755, body: .directory) }
      }
    }
    // Compare bytes, not characters: the order must not depend on Unicode tables. A parent sorts before its content.
    self.entries = byPath.values.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Returns the archive in order. Small neighbouring pieces are joined; files stay references.
  package func pieces() -> [Piece] {
    var pieces: [Piece] = []
    var pending: [UInt8] = []
    for (index, entry) in entries.enumerated() {
      pending += header(of: entry, inode: UInt32(index + 1))
      guard case .file(let content) = entry.body else {
        if case .symlink(let target) = entry.body {
          pending += Array(target.utf8)
          pending += CPIO.padding(target.utf8.count)
        }
        continue
      }
      switch content {
      case .bytes(let bytes): pending += bytes
      case .file(let path, let size):
        pieces.append(.bytes(pending))
        pieces.append(.file(path: path, size: size))
        pending = []
      }
      pending += CPIO.padding(content.size)
    }
    pending += CPIO.header(path: "TRAILER!!!", inode: 0, mode: 0, links: 1, size: 0, device: (0, 0))
    pieces.append(.bytes(pending))
    return pieces
  }

  /// Returns the whole archive if all contents are in memory; nil if one is a file on disk.
  package func bytes() -> [UInt8]? {
    var all: [UInt8] = []
    for piece in pieces() {
      guard case .bytes(let bytes) = piece else { return nil }
      all += bytes
    }
    return all
  }

  private func header(of entry: Entry, inode: UInt32) -> [UInt8] {
    let (type, size, device): (UInt32, Int, (UInt32, UInt32)) =
      switch entry.body {
      case .directory: (0o040000, 0, (0, 0))
      case .file(let content): (0o100000, content.size, (0, 0))
      case .symlink(let target): (0o120000, target.utf8.count, (0, 0))
      case .characterDevice(let major, let minor): (0o020000, 0, (major, minor))
      case .blockDevice(let major, let minor): (0o060000, 0, (major, minor))
      }
    let links: UInt32 = entry.body == .directory ? 2 : 1
    return CPIO.header(
      path: entry.path, inode: inode, mode: type | entry.mode, links: links, size: size, device: device)
  }

  private static func header(
    path: String, inode: UInt32, mode: UInt32, links: UInt32, size: Int, device: (UInt32, UInt32)
  ) -> [UInt8] {
    let name = Array(path.utf8) + [0]
    let fields: [UInt32] = [
      inode, mode, 0, 0, links, 0, UInt32(truncatingIfNeeded: size), 0, 0, device.0, device.1, UInt32(name.count), 0,
    ]
    var header = Array("070701".utf8)
    for field in fields {
      for shift in stride(from: 28, through: 0, by: -4) {
        let digit = UInt8((field >> UInt32(shift)) & 15)
        header.append(digit < 10 ? 48 + digit : 87 + digit)
      }
    }
    header += name
    return header + padding(header.count)
  }

  /// Returns zeros up to the next multiple of four.
  private static func padding(_ count: Int) -> [UInt8] { Array(repeating: 0, count: (4 - count % 4) % 4) }
}
