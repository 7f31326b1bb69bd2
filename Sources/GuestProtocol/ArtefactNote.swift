/// How much of what a case leaves behind is brought to the host. The agent keeps to it, and the host sees to it.
public enum ArtefactLimits {
  /// Bytes of one file.
  public static let file: UInt64 = 256 << 20
  /// Bytes of all files of a case.
  public static let total: UInt64 = 512 << 20
  /// Files of a case.
  public static let count = 1000
  /// Notes on single files of a case; what more there are to say is counted.
  public static let notes = 20
}

/// What was not brought to the host of the files that a case left.
public struct ArtefactNote: Equatable, Sendable {
  public enum Kind: UInt8, Sendable {
    /// A pipe, a link, a folder, or not to be opened.
    case notPlain = 1
    /// Larger than ``ArtefactLimits/file``: `number` is its size in bytes, and its beginning was kept.
    case tooLarge
    /// The case's files together reached ``ArtefactLimits/total`` in this one: `number` is its size in bytes.
    case noRoom
    /// `number` files beyond ``ArtefactLimits/count`` were left.
    case tooMany
    /// `number` further notes.
    case more
  }

  public var kind: Kind
  /// The file's name; empty where it is about several.
  public var name: String
  public var number: UInt64

  public init(_ kind: Kind, _ name: String = "", number: UInt64 = 0) {
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
