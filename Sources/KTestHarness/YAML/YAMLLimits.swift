/// How much of a document is read before it is refused. A suite is a page of text; these leave room for a book.
public struct YAMLLimits: Sendable, Equatable {
  /// Bytes of the file. Checked before anything is parsed.
  public var bytes: Int
  /// Mappings and sequences within each other.
  public var depth: Int
  /// Keys and values together.
  public var nodes: Int

  public init(bytes: Int = 1 << 20, depth: Int = 32, nodes: Int = 50_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }

  public static let standard = YAMLLimits()
}
