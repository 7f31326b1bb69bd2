/// A line of a Kconfig file.
public struct KconfigPlace: Sendable, Equatable, CustomStringConvertible {
  /// Relative to the top of the tree.
  public var file: String
  /// From 1.
  public var line: Int

  public var description: String { "\(file):\(line)" }
}

/// A symbol with all the places that define it.
public struct KconfigSymbol: Sendable, Equatable {
  public enum Kind: String, Sendable { case bool, tristate, int, hex, string }

  /// An expression and where it was written.
  struct Condition: Sendable, Equatable {
    var expression: KconfigExpression
    var place: KconfigPlace
  }

  /// One `config` block.
  struct Definition: Sendable, Equatable {
    var place: KconfigPlace
    /// Its own `depends on`, and those of the menus and `if`s around it.
    var depends: [Condition] = []
    var hasPrompt = false
    /// What the prompt is shown under: `bool "…" if X`, and `visible if` of the menus around.
    var promptConditions: [Condition] = []
    /// The symbols one of which is chosen are of one number.
    var choice: Int?
    /// Something gives it a value without anybody asking: `default`, `def_bool`.
    var hasDefault = false
  }

  /// `select` of another symbol's block.
  struct Selection: Sendable, Equatable {
    var by: String
    var condition: KconfigExpression?
    var place: KconfigPlace
  }

  public var name: String
  public var kind: Kind?
  var definitions: [Definition] = []
  var selections: [Selection] = []

  /// Somebody can ask for it.
  var hasPrompt: Bool { definitions.contains(where: \.hasPrompt) }
}
