/// The small change of messages.
enum Phrase {
  /// The text in single quotes, cut where it is long. Control characters are left for the renderer to draw.
  static func quoted(_ text: String) -> String {
    let limit = 60
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
      end != scalars.endIndex
    else { return "'\(text)'" }
    return "'\(String(scalars[..<end]))…'"
  }

  /// `a`, `a or b`, `a, b or c`.
  static func anyOf(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }

  /// `1 node`, `2 nodes`.
  static func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
