/// A line of a Kconfig file.
public struct KconfigPlace: Sendable, Equatable, CustomStringConvertible {
  /// The path relative to the top of the tree.
  public var file: String
  /// The line number, from 1.
  public var line: Int

  public var description: String { "\(file):\(line)" }
}

/// A symbol with all its definitions.
public struct KconfigSymbol: Sendable, Equatable {
  public enum Kind: String, Sendable { case bool, tristate, int, hex, string }

  /// An expression with its position.
  struct Condition: Sendable, Equatable {
    var expression: KconfigExpression
    var place: KconfigPlace
  }

  /// One `config` block.
  struct Definition: Sendable, Equatable {
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

  public var name: String
  public var kind: Kind?
  var definitions: [Definition] = []
  var selections: [Selection] = []

  /// Whether it can be requested.
  var hasPrompt: Bool { definitions.contains(where: \.hasPrompt) }
}
