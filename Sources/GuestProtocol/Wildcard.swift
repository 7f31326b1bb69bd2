/// A text in which `*` matches any characters, or none. `\*` is a star, `\\` a backslash. Case matters.
///
/// Host and guest read patterns with this one type.
package struct Wildcard: Sendable, Hashable {
  /// The reasons why a text is not a pattern.
  package enum Problem: Error, Sendable, Equatable {
    case empty
    /// A backslash precedes a character other than `*` or `\`.
    case escapesNothing
    case endsWithBackslash
  }

  /// The texts between the stars; only the first and the last can be empty.
  package let parts: [[UInt8]]

  package init(_ text: String) throws(Problem) {
    var parts: [[UInt8]] = [[]]
    var isEscaped = false
    for byte in text.utf8 {
      if isEscaped {
        guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\\") else { throw .escapesNothing }
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
    if isEscaped { throw .endsWithBackslash }
    if parts == [[]] { throw .empty }
    self.parts = parts
  }

  /// Whether it consists only of stars, so that it matches everything.
  package var matchesEverything: Bool { parts.allSatisfy(\.isEmpty) }

  /// Returns whether the pattern matches anywhere in one line, which need not be UTF-8.
  package func isFound(in line: [UInt8]) -> Bool {
    var rest = line[...]
    return parts.allSatisfy { Wildcard.skip(past: $0, in: &rest) }
  }

  /// Returns whether the pattern matches the whole name.
  package func matches(whole name: String) -> Bool {
    guard let first = parts.first, let last = parts.last else { return false }
    var rest = Array(name.utf8)[...]
    guard parts.count > 1 else { return rest.elementsEqual(first) }
    guard rest.starts(with: first) else { return false }
    rest = rest.dropFirst(first.count)
    guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else { return false }
    rest = rest.dropLast(last.count)
    return parts.dropFirst().dropLast().allSatisfy { Wildcard.skip(past: $0, in: &rest) }
  }

  /// The leftmost match is always good enough, because a star matches anything.
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
