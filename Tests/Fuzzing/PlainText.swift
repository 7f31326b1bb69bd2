/// What must hold of a text that goes to a terminal.
enum PlainText {
  /// The first scalar that a terminal obeys, nil where there is none. Newlines are fine.
  static func control(in text: String) -> String? {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": continue
      case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{200e}"..."\u{200f}", "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}":
        return "U+" + String(scalar.value, radix: 16)
      default: continue
      }
    }
    return nil
  }

  /// What is wrong with a rendered text, by the name of its kind.
  static func problem(_ text: String, _ what: String, limit: Int) -> String? {
    if let control = control(in: text) { return "\(what) has the control character \(control)" }
    return text.utf8.count > limit ? "\(what) has \(text.utf8.count) bytes" : nil
  }
}
