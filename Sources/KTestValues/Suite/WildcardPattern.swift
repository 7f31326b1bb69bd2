package import GuestProtocol

/// A pattern as a suite has it: a ``Wildcard`` with the text that was written, on one line.
package struct WildcardPattern: Sendable, Equatable, Hashable, CustomStringConvertible {
  /// The maximum length in bytes.
  package static let maximumLength = 500

  /// The pattern as written.
  package let source: String
  package let wildcard: Wildcard

  package init(parsing text: String) throws(ValueProblem) {
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

  package var description: String { source }

  /// What stands between the stars.
  package var parts: [[UInt8]] { wildcard.parts }

  /// Whether it consists only of stars and matches everything.
  package var matchesEverything: Bool { wildcard.matchesEverything }

  /// Returns whether the pattern matches anywhere in one line.
  package func isFound(in line: String) -> Bool { wildcard.isFound(in: Array(line.utf8)) }

  /// Returns whether the pattern matches anywhere in one line, which need not be UTF-8.
  package func isFound(in line: [UInt8]) -> Bool { wildcard.isFound(in: line) }

  /// Returns whether the pattern matches the whole name.
  package func matches(whole name: String) -> Bool { wildcard.matches(whole: name) }
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
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(ValueProblem) {
      try self.init(parsing: text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(source)
  }
}
