/// A text in which `*` matches any characters, including none. `\*` is a star, `\\` a backslash. It is case-sensitive.
public struct WildcardPattern: Sendable, Equatable, Hashable, CustomStringConvertible {
  /// The maximum length in bytes.
  public static let maximumLength = 500

  /// The pattern as written.
  public let source: String
  /// The text between the stars; only the first and the last may be empty.
  let parts: [[UInt8]]

  public init(parsing text: String) throws(ValueProblem) {
    guard text.utf8.count <= Self.maximumLength else {
      throw ValueProblem("a pattern has at most \(Self.maximumLength) bytes")
    }
    var parts: [[UInt8]] = [[]]
    var isEscaped = false
    for byte in text.utf8 {
      if byte < 0x20 || byte == 0x7F {
        throw ValueProblem("a pattern is one line without control characters")
      }
      if isEscaped {
        guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\\") else {
          throw ValueProblem(
            "in the pattern \(Phrase.quoted(text)) a backslash stands before something else than '*' or '\\'",
            note: "a backslash itself is written \\\\; patterns are no regular expressions")
        }
        parts[parts.count - 1].append(byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "*") {
        if parts.count == 1 || parts.last != [] { parts.append([]) }
      } else {
        parts[parts.count - 1].append(byte)
      }
    }
    if isEscaped { throw ValueProblem("the pattern \(Phrase.quoted(text)) ends with a single backslash") }
    if parts == [[]] { throw ValueProblem("a pattern cannot be empty") }
    self.source = text
    self.parts = parts
  }

  public var description: String { source }

  /// Whether it consists only of stars and matches everything.
  public var matchesEverything: Bool { parts.allSatisfy(\.isEmpty) }

  /// Returns whether the pattern matches anywhere in one line.
  public func isFound(in line: String) -> Bool { isFound(in: Array(line.utf8)) }

  /// Returns whether the pattern matches anywhere in one line, which need not be UTF-8.
  public func isFound(in line: [UInt8]) -> Bool {
    var rest = line[...]
    return parts.allSatisfy { Self.skip(past: $0, in: &rest) }
  }

  /// Returns whether the pattern matches the whole name.
  public func matches(whole name: String) -> Bool {
    guard let first = parts.first, let last = parts.last else { return false }
    var rest = Array(name.utf8)[...]
    guard parts.count > 1 else { return rest.elementsEqual(first) }
    guard rest.starts(with: first) else { return false }
    rest = rest.dropFirst(first.count)
    guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else { return false }
    rest = rest.dropLast(last.count)
    return parts.dropFirst().dropLast().allSatisfy { Self.skip(past: $0, in: &rest) }
  }

  /// Skips to the end of the leftmost match, which is always sufficient because a star may match anything after it.
  private static func skip(past part: [UInt8], in text: inout ArraySlice<UInt8>) -> Bool {
    guard let head = part.first else { return true }
    while let index = text.firstIndex(of: head) {
      text = text[index...]
      if text.starts(with: part) {
        text = text.dropFirst(part.count)
        return true
      }
      text = text.dropFirst()
    }
    return false
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
