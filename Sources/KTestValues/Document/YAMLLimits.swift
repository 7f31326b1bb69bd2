/// The limits above which a document is refused. A suite is a page of text; the limits leave room for a book.
package struct YAMLLimits: Sendable, Equatable {
  /// The size of the file in bytes, checked before parsing.
  package var bytes: Int
  /// The nesting depth of mappings and sequences.
  package var depth: Int
  /// The number of keys and values together.
  package var nodes: Int

  package init(bytes: Int = 1 << 20, depth: Int = 32, nodes: Int = 50_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }

  package static let standard = YAMLLimits()
}
