/// A cursor into one mapping with known keys. Making it reports unknown and missing keys; each reading reports wrong
/// types. Nothing throws: whatever is wrong with a document is found in one pass.
///
/// ```swift
/// let diagnostics = Diagnostics(file: "images/base.yaml")
/// guard let root = YAMLReader.read(bytes: bytes, diagnostics: diagnostics),
///   let map = YAMLMapReader(root, of: "a recipe", keys: ["recipe", "layers"], required: ["recipe"], diagnostics)
/// else { return (nil, diagnostics.all) }
/// let name = map.string("recipe")
/// ```
package struct YAMLMapReader {
  /// The kind of the mapping with its article, for messages: "a case".
  package let what: String
  /// The position where the mapping begins.
  package let mark: Mark
  package let diagnostics: Diagnostics
  private let entries: [String: YAMLEntry]
  private let keys: [String]

  /// Returns nil after reporting an error if the node is not a mapping. If a `required` key is missing, this is
  /// reported, but the cursor is still created so that the other keys are checked too.
  package init?(
    _ node: YAMLNode, of what: String, keys: [String], required: [String] = [], _ diagnostics: Diagnostics
  ) {
    guard case .mapping(let list) = node.content else {
      diagnostics.expected("\(what) (a mapping)", node)
      return nil
    }
    self.what = what
    self.mark = node.mark
    self.diagnostics = diagnostics
    self.keys = keys
    var entries: [String: YAMLEntry] = [:]
    for entry in list {
      guard keys.contains(entry.key) else {
        let nearest = diagnostics.isFull ? "" : Suggestion.ending(for: entry.key, in: keys)
        diagnostics.error(
          at: entry.mark, "unknown key \(Phrase.quoted(entry.key)) in \(what)\(nearest)",
          note: nearest.isEmpty ? "known keys: \(keys.joined(separator: ", "))" : nil)
        continue
      }
      entries[entry.key] = entry
    }
    self.entries = entries
    for key in required where entries[key] == nil {
      diagnostics.error(at: node.mark, "\(what) needs the key '\(key)'")
    }
  }

  /// Returns the value of a key, or nil if the key is absent.
  package func node(_ key: String) -> YAMLNode? {
    // A key that is read but not declared would be refused in every file, which is a mistake of the caller.
    assert(keys.contains(key), "'\(key)' is not a declared key of \(what)")
    return entries[key]?.value
  }

  /// Returns whether the key is present, whatever its value.
  package func has(_ key: String) -> Bool { entries[key] != nil }

  /// Returns the position of the key, or of the mapping if the key is absent.
  package func mark(of key: String) -> Mark { entries[key]?.mark ?? mark }

  /// Reports an error at the value of a key.
  package func error(_ key: String, _ message: String, note: String? = nil) {
    diagnostics.error(at: entries[key]?.value.mark ?? mark, message, note: note)
  }

  package func string(_ key: String) -> String? { node(key).flatMap { diagnostics.string($0) } }

  package func boolean(_ key: String) -> Bool? { node(key).flatMap { diagnostics.boolean($0) } }

  /// Reads a key that may also be a word, which the caller has looked for.
  package func boolean(_ key: String, orWord word: String) -> Bool? {
    node(key).flatMap { diagnostics.boolean($0, or: " or \(word)") }
  }

  package func size(_ key: String) -> ByteSize? { node(key).flatMap { diagnostics.size($0) } }

  package func duration(_ key: String) -> DurationValue? { node(key).flatMap { diagnostics.duration($0) } }

  package func integer(_ key: String, in range: ClosedRange<Int> = 0...Int.max) -> Int? {
    node(key).flatMap { diagnostics.integer($0, in: range) }
  }

  package func choice<Choice>(_ key: String, _ type: Choice.Type) -> Choice?
  where Choice: RawRepresentable<String> & CaseIterable {
    node(key).flatMap { diagnostics.choice($0, type) }
  }

  /// Returns a value that has its own parser, for example a name.
  package func value<Value>(
    _ key: String, _ what: String, _ parse: (String) throws(ValueProblem) -> Value
  ) -> Value? {
    node(key).flatMap { diagnostics.value($0, what, parse) }
  }

  /// Returns a list of texts as written; numbers stay as they are spelt.
  package func strings(_ key: String, raw: Bool = false) -> [String]? {
    list(key, of: "strings") { diagnostics.string($0, raw: raw) }
  }

  package func integers(_ key: String, in range: ClosedRange<Int> = 0...Int.max) -> [Int]? {
    list(key, of: "whole numbers") { diagnostics.integer($0, in: range) }
  }

  /// Returns nil if the key is absent or not a list.
  package func list<Element>(
    _ key: String, of what: String, _ element: (YAMLNode) -> Element?
  ) -> [Element]? {
    node(key).flatMap { diagnostics.list($0, of: what, element) }
  }

  /// Returns a cursor into a nested mapping with known keys.
  package func map(
    _ key: String, of what: String, keys: [String], required: [String] = []
  ) -> YAMLMapReader? {
    node(key).flatMap { YAMLMapReader($0, of: what, keys: keys, required: required, diagnostics) }
  }

  /// Returns the entries of a mapping with arbitrary keys, in the order of the file.
  package func entries(_ key: String, _ what: String) -> [YAMLEntry]? {
    node(key).flatMap { diagnostics.entries($0, what) }
  }
}
