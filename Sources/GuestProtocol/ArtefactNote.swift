/// The limits for files that are sent to the host. The agent observes them, and the host enforces them.
package enum ArtefactLimits {
  /// The maximum size of one file in bytes.
  package static let file: UInt64 = 256 << 20
  /// The maximum size of all files of a case together in bytes.
  package static let total: UInt64 = 512 << 20
  /// The maximum number of files of a case.
  package static let count = 1000
  /// The maximum number of notes on single files of a case; further ones are only counted.
  package static let notes = 20
}

/// A note about files of a case that were not sent to the host.
package struct ArtefactNote: Equatable, Sendable {
  package enum Kind: UInt8, Sendable {
    /// A pipe, a link, a folder, or a file that cannot be opened.
    case notPlain = 1
    /// The file is larger than ``ArtefactLimits/file``: `number` is its size in bytes, and its beginning was kept.
    case tooLarge
    /// The case's files together reached ``ArtefactLimits/total`` with this one: `number` is its size in bytes.
    case noRoom
    /// `number` files beyond ``ArtefactLimits/count`` were left.
    case tooMany
    /// There are `number` further notes.
    case more
  }

  package var kind: Kind
  /// The file's name; empty if the note is about several.
  package var name: String
  package var number: UInt64

  package init(_ kind: Kind, _ name: String = "", number: UInt64 = 0) {
    self.kind = kind
    self.name = name
    self.number = number
  }

  func write(to writer: inout ByteWriter) {
    writer.put(kind.rawValue)
    writer.put(name)
    writer.put(number)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    let kind = try reader.integer(UInt8.self)
    guard let known = Kind(rawValue: kind) else { throw .unknownType(kind) }
    self.init(known, try reader.string(), number: try reader.integer())
  }
}
