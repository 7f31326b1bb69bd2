/// Text fragments for messages.
package enum Phrase {
  /// Returns the text in single quotes, truncated if it is long. The renderer handles control characters.
  package static func quoted(_ text: String) -> String {
    let limit = 60
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
      end != scalars.endIndex
    else { return "'\(text)'" }
    return "'\(String(scalars[..<end]))…'"
  }

  /// Returns `a`, `a or b`, or `a, b or c`.
  package static func anyOf(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }

  /// Returns `1 node` or `2 nodes`.
  package static func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
