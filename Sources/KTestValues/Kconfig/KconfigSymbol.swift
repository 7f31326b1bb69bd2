/// A line of a Kconfig file.
package struct KconfigPlace: Sendable, Equatable, CustomStringConvertible {
  /// The path relative to the top of the tree.
  package var file: String
  /// The line number, from 1.
  package var line: Int

  package var description: String { "\(file):\(line)" }
}

/// A symbol with all its definitions.
package struct KconfigSymbol: Sendable, Equatable {
  package enum Kind: String, Sendable { case bool, tristate, int, hex, string }

  /// An expression with its position.
  struct Condition: Sendable, Equatable {
    var expression: KconfigExpression
    var place: KconfigPlace
  }

  /// One `config` block.
  package struct Definition: Sendable, Equatable {
    var place: KconfigPlace
    /// Its own `depends on`, and those of the surrounding menus and `if`s.
    var depends: [Condition] = []
    var hasPrompt = false
    /// The conditions of the prompt: `bool "…" if X`, and `visible if` of the surrounding menus.
    var promptConditions: [Condition] = []
    /// The number of the choice that it belongs to; symbols with the same number exclude each other.
    var choice: Int?
    /// Whether it can get a value without being requested: `default`, `def_bool`.
    var hasDefault = false
  }

  /// A `select` in another symbol's block.
  struct Selection: Sendable, Equatable {
    var by: String
    var condition: KconfigExpression?
    var place: KconfigPlace
  }

  package var name: String
  package var kind: Kind?
  package var definitions: [Definition] = []
  var selections: [Selection] = []

  /// Whether it can be requested.
  var hasPrompt: Bool { definitions.contains(where: \.hasPrompt) }
}
