/// One kind of mapping in a document, with its keys in the order of the documentation. The reader's checks and the
/// printed JSON Schema both use it, so that they cannot disagree about a key.
package struct SchemaShape: Sendable, Equatable {
  /// The name in `$defs` of the JSON Schema.
  package var name: String
  /// The name with its article, for messages: "a case".
  package var what: String
  package var fields: [SchemaField]
  /// The type of arbitrary other keys, or nil if none are allowed. A reader adds the keys that it knows.
  package var others: SchemaType?

  package init(_ name: String, _ what: String, _ fields: [SchemaField], others: SchemaType? = nil) {
    self.name = name
    self.what = what
    self.fields = fields
    self.others = others
  }

  package var keys: [String] { fields.map(\.key) }
  package var required: [String] { fields.filter(\.isRequired).map(\.key) }
}

/// One key of a mapping.
package struct SchemaField: Sendable, Equatable {
  package var key: String
  package var type: SchemaType
  /// One or two sentences for the author of a file.
  package var doc: String
  /// An example value in YAML's flow form, on one line.
  package var example: String
  package var isRequired: Bool

  package init(_ key: String, _ type: SchemaType, _ doc: String, example: String, required: Bool = false) {
    self.key = key
    self.type = type
    self.doc = doc
    self.example = example
    self.isRequired = required
  }
}

/// The type of a value.
package indirect enum SchemaType: Sendable, Equatable {
  /// A text. `pattern` is an ECMA regular expression for editors; the reader has its own check.
  case text(pattern: String? = nil)
  /// A text that may look like a number or a boolean and is used as it is spelt.
  case written
  case integer(ClosedRange<Int>)
  case boolean
  case size
  case duration
  case choice([String])
  case list(SchemaType, nonEmpty: Bool = false)
  /// A mapping with arbitrary keys.
  case table(keyPattern: String, SchemaType)
  case map(SchemaShape)
  case anyOf([SchemaType])
}

extension YAMLMapReader {
  /// Returns nil after reporting an error if the node is not a mapping.
  package init?(_ node: YAMLNode, _ shape: SchemaShape, _ diagnostics: Diagnostics) {
    self.init(node, of: shape.what, keys: shape.keys, required: shape.required, diagnostics)
  }

  /// Returns a cursor into a nested mapping.
  package func map(_ key: String, _ shape: SchemaShape) -> YAMLMapReader? {
    map(key, of: shape.what, keys: shape.keys, required: shape.required)
  }
}
