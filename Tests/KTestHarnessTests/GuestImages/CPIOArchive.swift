/// Reads what the kernel would: newc archives, one after the other.
struct CPIOArchive {
  struct Entry: Equatable {
    var path: String
    var mode: UInt32
    var inode: UInt32
    var links: UInt32
    var owners: [UInt32]
    var time: UInt32
    var device: [UInt32]
    var content: [UInt8]
  }

  struct Damaged: Error, CustomStringConvertible {
    var description: String
  }

  /// The entries of each archive.
  var archives: [[Entry]] = []

  var entries: [Entry] { archives.flatMap { $0 } }
  var paths: [String] { entries.map(\.path) }

  subscript(_ path: String) -> Entry? { entries.last { $0.path == path } }

  init(_ bytes: [UInt8]) throws {
    var at = 0
    var current: [Entry] = []
    while at < bytes.count {
      guard at % 4 == 0 else { throw Damaged(description: "a header at \(at) is not aligned") }
      guard bytes.count - at >= 110, bytes[at..<at + 6].elementsEqual("070701".utf8) else {
        throw Damaged(description: "no header at \(at)")
      }
      var fields: [UInt32] = []
      for index in 0..<13 {
        let start = at + 6 + 8 * index
        guard let value = UInt32(String(decoding: bytes[start..<start + 8], as: UTF8.self), radix: 16) else {
          throw Damaged(description: "no number at \(start)")
        }
        fields.append(value)
      }
      let name = at + 110
      let nameEnd = name + Int(fields[11])
      let content = (nameEnd + 3) & ~3
      let end = content + Int(fields[6])
      guard end <= bytes.count, bytes[nameEnd - 1] == 0 else { throw Damaged(description: "cut short at \(at)") }
      let path = String(decoding: bytes[name..<nameEnd - 1], as: UTF8.self)
      at = (end + 3) & ~3
      if path == "TRAILER!!!" {
        archives.append(current)
        current = []
        continue
      }
      current.append(
        Entry(
          path: path, mode: fields[1], inode: fields[0], links: fields[4], owners: [fields[2], fields[3]],
          time: fields[5], device: [fields[9], fields[10]], content: Array(bytes[content..<end])))
    }
    guard current.isEmpty else { throw Damaged(description: "no trailer at the end") }
  }
}
