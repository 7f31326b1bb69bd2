/// The expression after `depends on` or `if` in a Kconfig file.
///
/// Source: `Documentation/kbuild/kconfig-language.rst`, "Menu dependencies".
package indirect enum KconfigExpression: Sendable, Equatable {
  case symbol(String)
  /// A constant, with or without quotes: `y`, `"x86"`, `120000`.
  case constant(String)
  /// A macro such as `$(cc-option,…)`, which only Kconfig itself can evaluate.
  case macro(String)
  case not(KconfigExpression)
  case and(KconfigExpression, KconfigExpression)
  case or(KconfigExpression, KconfigExpression)
  /// A comparison with `=`, `!=`, `<`, `<=`, `>` or `>=`.
  case compare(KconfigExpression, String, KconfigExpression)

  /// Returns nil if the text is not an expression.
  init?(_ text: some StringProtocol) {
    var parser = KconfigExpressionParser(text)
    guard let expression = parser.disjunction(), parser.isAtEnd else { return nil }
    self = expression
  }

  /// Returns the value of the expression under a configuration: 0 no, 1 module, 2 yes; nil if it cannot be computed.
  func value(_ config: KernelConfig) -> Int? {
    switch self {
    case .symbol(let name): return config.tristate(of: name)
    case .constant(let text): return text == "y" ? 2 : text == "m" ? 1 : 0
    case .macro: return nil
    case .not(let operand): return operand.value(config).map { 2 - $0 }
    case .and(let left, let right):
      let (one, other) = (left.value(config), right.value(config))
      if one == 0 || other == 0 { return 0 }
      return one.flatMap { one in other.map { min(one, $0) } }
    case .or(let left, let right):
      let (one, other) = (left.value(config), right.value(config))
      if one == 2 || other == 2 { return 2 }
      return one.flatMap { one in other.map { max(one, $0) } }
    case .compare(let left, let comparison, let right):
      guard let one = left.text(config), let other = right.text(config) else { return nil }
      return KconfigExpression.compare(one, comparison, other) ? 2 : 0
    }
  }

  /// The operands of a chain of `&&`.
  var conjuncts: [KconfigExpression] {
    guard case .and(let left, let right) = self else { return [self] }
    return left.conjuncts + right.conjuncts
  }

  private func text(_ config: KernelConfig) -> String? {
    switch self {
    case .constant(let text): text
    case .symbol(let name):
      switch config.value(of: name) {
      case .string(let text), .number(let text): text
      case let value: value.text
      }
    default: nil
    }
  }

  private static func compare(_ left: String, _ comparison: String, _ right: String) -> Bool {
    // Kconfig also compares as numbers if both are numbers.
    let numbers = number(left).flatMap { left in number(right).map { (left, $0) } }
    switch comparison {
    case "=": return numbers.map { $0 == $1 } ?? (left == right)
    case "!=": return numbers.map { $0 != $1 } ?? (left != right)
    case "<": return numbers.map { $0 < $1 } ?? (left < right)
    case "<=": return numbers.map { $0 <= $1 } ?? (left <= right)
    case ">": return numbers.map { $0 > $1 } ?? (left > right)
    default: return numbers.map { $0 >= $1 } ?? (left >= right)
    }
  }

  private static func number(_ text: String) -> Int? {
    text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
  }
}

extension KconfigExpression: CustomStringConvertible {
  package var description: String {
    switch self {
    case .symbol(let name), .constant(let name), .macro(let name): name
    case .not(let operand): "!\(operand.inBrackets)"
    case .and(let left, let right): "\(left.besideAnd) && \(right.besideAnd)"
    case .or(let left, let right): "\(left) || \(right)"
    case .compare(let left, let comparison, let right): "\(left) \(comparison) \(right)"
    }
  }

  private var inBrackets: String {
    switch self {
    case .and, .or, .compare: "(\(self))"
    default: "\(self)"
    }
  }

  private var besideAnd: String {
    if case .or = self { "(\(self))" } else { "\(self)" }
  }
}

extension KernelConfig {
  /// Returns 0 for no, 1 for module, 2 for yes. As in Kconfig, a text or number is no.
  func tristate(of symbol: String) -> Int {
    switch value(of: symbol) {
    case .yes: 2
    case .module: 1
    default: 0
    }
  }
}

/// A recursive descent parser; `||` has the lowest precedence.
private struct KconfigExpressionParser {
  private var tokens: ArraySlice<String>
  private var depth = 0

  /// The maximum number of tokens. Expressions of Linux 6.12 have about thirty. The depth of an expression grows with
  /// its length, and evaluation recurses.
  private static let tokenLimit = 1000

  init(_ text: some StringProtocol) {
    let all = KconfigExpressionParser.tokens(Array(text.utf8))
    tokens = all.count <= Self.tokenLimit ? all[...] : []
  }

  var isAtEnd: Bool { tokens.isEmpty }

  mutating func disjunction() -> KconfigExpression? {
    guard depth < 64, var left = conjunction() else { return nil }
    while tokens.first == "||" {
      tokens.removeFirst()
      guard let right = conjunction() else { return nil }
      left = .or(left, right)
    }
    return left
  }

  private mutating func conjunction() -> KconfigExpression? {
    guard var left = factor() else { return nil }
    while tokens.first == "&&" {
      tokens.removeFirst()
      guard let right = factor() else { return nil }
      left = .and(left, right)
    }
    return left
  }

  private mutating func factor() -> KconfigExpression? {
    guard let token = tokens.popFirst() else { return nil }
    depth += 1
    defer { depth -= 1 }
    if token == "!" { return depth < 64 ? factor().map { .not($0) } : nil }
    if token == "(" {
      guard let inner = disjunction(), tokens.popFirst() == ")" else { return nil }
      return inner
    }
    guard let left = atom(token) else { return nil }
    guard let comparison = tokens.first, ["=", "!=", "<", "<=", ">", ">="].contains(comparison) else { return left }
    tokens.removeFirst()
    guard let right = tokens.popFirst().flatMap(atom) else { return nil }
    return .compare(left, comparison, right)
  }

  private func atom(_ token: String) -> KconfigExpression? {
    guard let first = token.utf8.first else { return nil }
    switch first {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .constant(String(token.dropFirst().dropLast()))
    case UInt8(ascii: "$"): return .macro(token)
    case UInt8(ascii: ")"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "="), UInt8(ascii: "<"),
      UInt8(ascii: ">"):
      return nil
    default:
      let isConstant = ["y", "m", "n"].contains(token) || token.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
      return isConstant || token.hasPrefix("0x") ? .constant(token) : .symbol(token)
    }
  }

  private static func tokens(_ text: [UInt8]) -> [String] {
    var tokens: [String] = []
    var place = 0
    func take(_ count: Int) {
      tokens.append(String(decoding: text[place..<min(text.count, place + count)], as: UTF8.self))
      place += count
    }
    while place < text.count {
      let byte = text[place]
      let next = place + 1 < text.count ? text[place + 1] : 0
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): place += 1
      case UInt8(ascii: "#"): return tokens
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "="): take(1)
      case UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"): take(next == UInt8(ascii: "=") ? 2 : 1)
      case UInt8(ascii: "&"), UInt8(ascii: "|"): take(next == byte ? 2 : 1)
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let end = text[(place + 1)...].firstIndex(of: byte) ?? text.count - 1
        take(end - place + 1)
      case UInt8(ascii: "$") where next == UInt8(ascii: "("): take(macroLength(text[place...]))
      default:
        let word = text[place...].prefix { !Array(" \t()=!<>&|\"'#".utf8).contains($0) }
        take(max(1, word.count))
      }
    }
    return tokens
  }

  /// Returns the length up to the bracket that closes `$(`.
  private static func macroLength(_ text: ArraySlice<UInt8>) -> Int {
    var open = 0
    for (offset, byte) in text.enumerated() {
      if byte == UInt8(ascii: "(") { open += 1 }
      if byte == UInt8(ascii: ")") {
        open -= 1
        if open == 0 { return offset + 1 }
      }
    }
    return text.count
  }
}
