/// Reads one YAML document into nodes that know their place, through libyaml's events.
///
/// Less than YAML on purpose: one document, text as keys, no key twice, no anchors, aliases or tags, and limits on
/// size, depth and count. So the cost of a file is bounded by its length, and what is read is what can be seen.
public enum YAMLReader {
  /// The document's root, or nil with at least one error in `diagnostics`. Also with a root there may be errors.
  public static func read(
    bytes: [UInt8], limits: YAMLLimits = .standard, diagnostics: Diagnostics
  ) -> YAMLNode? {
    guard bytes.count <= limits.bytes else {
      diagnostics.error(
        at: nil, "the file has \(bytes.count) bytes; at most \(limits.bytes) are read", note: "is it the right file?")
      return nil
    }
    guard SourceScreening.accepts(bytes, diagnostics: diagnostics) else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      // With the encoding set, libyaml takes a byte order mark for the first character of the first key.
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

  /// The same with the list of diagnostics as a value.
  public static func read(
    bytes: [UInt8], file: String, limits: YAMLLimits = .standard
  ) -> (node: YAMLNode?, diagnostics: [Diagnostic]) {
    let diagnostics = Diagnostics(file: file)
    let node = read(bytes: bytes, limits: limits, diagnostics: diagnostics)
    return (node, diagnostics.all)
  }
}
