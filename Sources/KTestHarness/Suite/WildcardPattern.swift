public import GuestProtocol

/// A pattern as a suite has it: a ``Wildcard`` with the text that was written, on one line.
public struct WildcardPattern: Sendable, Equatable, Hashable, CustomStringConvertible {
  /// The maximum length in bytes.
  public static let maximumLength = 500

  /// The pattern as written.
  public let source: String
  public let wildcard: Wildcard

  public init(parsing text: String) throws(ValueProblem) {
    guard text.utf8.count <= Self.maximumLength else {
      throw ValueProblem("a pattern can have at most \(Self.maximumLength) bytes")
    }
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw ValueProblem("a pattern must be one line without control characters")
    }
    do throws(Wildcard.Problem) {
      wildcard = try Wildcard(text)
    } catch {
      throw ValueProblem(error, in: text)
    }
    source = text
  }

  public var description: String { source }

  /// What stands between the stars.
  var parts: [[UInt8]] { wildcard.parts }

  /// Whether it consists only of stars and matches everything.
  public var matchesEverything: Bool { wildcard.matchesEverything }

  /// Returns whether the pattern matches anywhere in one line.
  public func isFound(in line: String) -> Bool { wildcard.isFound(in: Array(line.utf8)) }

  /// Returns whether the pattern matches anywhere in one line, which need not be UTF-8.
  public func isFound(in line: [UInt8]) -> Bool { wildcard.isFound(in: line) }

  /// Returns whether the pattern matches the whole name.
  public func matches(whole name: String) -> Bool { wildcard.matches(whole: name) }
}

extension ValueProblem {
  init(_ problem: Wildcard.Problem, in pattern: String) {
    switch problem {
    case .empty: self.init("a pattern cannot be empty")
    case .escapesNothing:
      self.init(
        "in the pattern \(Phrase.quoted(pattern)) a backslash precedes a character other than '*' or '\\'",
        note: "write \\\\ for a backslash; patterns are not regular expressions")
    case .endsWithBackslash:
      self.init("the pattern \(Phrase.quoted(pattern)) ends with a single backslash")
    }
  }
}

extension WildcardPattern: Codable {
  /// Decodes the pattern as written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(ValueProblem) {
      try self.init(parsing: text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(source)
  }
}
