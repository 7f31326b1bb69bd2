/// A value of a YAML document with its position.
package struct YAMLNode: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// The entries in the order of the file; keys are unique.
    case mapping([YAMLEntry])
    /// A node that was already reported as an error, for example an alias. Readers skip it silently.
    case refused
  }

  package var content: Content
  package var mark: Mark

  package init(_ content: Content, at mark: Mark) {
    self.content = content
    self.mark = mark
  }

  /// Whether it is an unquoted empty value, `~` or `null`.
  package var isNull: Bool {
    guard case .scalar(let scalar) = content else { return false }
    return scalar.isNull
  }

  /// Whether it is this word, without quotes.
  package func isWord(_ word: String) -> Bool {
    guard case .scalar(let scalar) = content else { return false }
    return scalar.isPlain && scalar.text == word
  }

  /// The name of the kind for messages: "expected a list, found …".
  package var found: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .refused: "a value that was refused"
    case .scalar(let scalar): scalar.isNull ? "nothing" : Phrase.quoted(scalar.text)
    }
  }
}

/// A key of a mapping with its value.
package struct YAMLEntry: Sendable, Equatable {
  package var key: String
  package var mark: Mark
  package var value: YAMLNode

  package init(key: String, mark: Mark, value: YAMLNode) {
    self.key = key
    self.mark = mark
    self.value = value
  }
}

/// A text as written, after quotes and escapes. The caller decides what it means (a number, a size, a name):
/// `0x40000000` as a module parameter stays these ten characters.
package struct YAMLScalar: Sendable, Equatable {
  package var text: String
  /// Whether it is written without quotes and not as a block (`|`, `>`).
  package var isPlain: Bool

  package init(_ text: String, isPlain: Bool) {
    self.text = text
    self.isPlain = isPlain
  }

  /// Whether it is null in the core schema of YAML 1.2; a quoted `""` or `"null"` is text.
  package var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}
