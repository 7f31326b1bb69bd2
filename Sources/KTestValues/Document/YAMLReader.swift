/// Reads a YAML document into nodes with positions, using libyaml's events.
///
/// It deliberately accepts less than YAML: one document, text as keys, unique keys, no anchors, aliases or tags, and
/// limits on size, depth and count. So the cost of a file is bounded by its length, and the content is exactly what is
/// visible.
package enum YAMLReader {
  /// Returns the document's root, or nil with at least one error in `diagnostics`. There may be errors even if there is
  /// a root.
  package static func read(
    bytes: [UInt8], limits: YAMLLimits = .standard, diagnostics: Diagnostics
  ) -> YAMLNode? {
    guard bytes.count <= limits.bytes else {
      diagnostics.error(
        at: nil, "the file has \(bytes.count) bytes; the limit is \(limits.bytes)", note: "is it the right file?")
      return nil
    }
    guard SourceScreening.accepts(bytes, diagnostics: diagnostics) else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      // If the encoding is set, libyaml takes a byte order mark for the first character of the first key.
      let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
      guard let events = YAMLEvents(UnsafeBufferPointer(rebasing: buffer[(isMarked ? 3 : 0)...])) else {
        diagnostics.error(at: nil, "out of memory")
        return nil
      }
      var builder = YAMLTreeBuilder(limits: limits, diagnostics: diagnostics)
      do throws(YAMLTreeBuilder.Stop) {
        return try builder.document(events)
      } catch {
        switch error {
        case .syntax(let error): SyntaxHint.report(error, in: bytes, to: diagnostics)
        case .reported: break
        }
        return nil
      }
    }
  }

  /// Returns the root together with the diagnostics.
  package static func read(
    bytes: [UInt8], file: String, limits: YAMLLimits = .standard
  ) -> (node: YAMLNode?, diagnostics: [Diagnostic]) {
    let diagnostics = Diagnostics(file: file)
    let node = read(bytes: bytes, limits: limits, diagnostics: diagnostics)
    return (node, diagnostics.all)
  }
}
