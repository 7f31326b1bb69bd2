/// One kind of mapping in a document: its keys, in the order in which people are told of them. The reader's checks
/// and the printed JSON Schema both come from here, so they cannot disagree about a key.
public struct SchemaShape: Sendable, Equatable {
  /// In `$defs` of the JSON Schema.
  public var name: String
  /// With its article, for messages: "a case".
  public var what: String
  public var fields: [SchemaField]
  /// What other keys, which are the writer's own, may hold; nil where there are none. A reader adds those it knows.
  public var others: SchemaType?

  public init(_ name: String, _ what: String, _ fields: [SchemaField], others: SchemaType? = nil) {
    self.name = name
    self.what = what
    self.fields = fields
    self.others = others
  }

  public var keys: [String] { fields.map(\.key) }
  public var required: [String] { fields.filter(\.isRequired).map(\.key) }
}

/// One key of a mapping.
public struct SchemaField: Sendable, Equatable {
  public var key: String
  public var type: SchemaType
  /// One or two sentences for the writer of a file.
  public var doc: String
  /// A value in YAML's flow form on one line.
  public var example: String
  public var isRequired: Bool

  public init(_ key: String, _ type: SchemaType, _ doc: String, example: String, required: Bool = false) {
    self.key = key
    self.type = type
    self.doc = doc
    self.example = example
    self.isRequired = required
  }
}

/// What a value may be.
public indirect enum SchemaType: Sendable, Equatable {
  /// `pattern` is an ECMA regular expression for editors; the reader has its own check.
  case text(pattern: String? = nil)
  /// Text that may look like a number or a boolean and is taken as it is spelt.
  case written
  case integer(ClosedRange<Int>)
  case boolean
  case size
  case duration
  case choice([String])
  case list(SchemaType, nonEmpty: Bool = false)
  /// A mapping whose keys are the writer's own.
  case table(keyPattern: String, SchemaType)
  case map(SchemaShape)
  case anyOf([SchemaType])
}

extension YAMLMapReader {
  /// nil, and reported, when the node is no mapping.
  public init?(_ node: YAMLNode, _ shape: SchemaShape, _ diagnostics: Diagnostics) {
    self.init(node, of: shape.what, keys: shape.keys, required: shape.required, diagnostics)
  }

  /// A mapping within this one.
  public func map(_ key: String, _ shape: SchemaShape) -> YAMLMapReader? {
    map(key, of: shape.what, keys: shape.keys, required: shape.required)
  }
}
