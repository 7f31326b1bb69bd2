/// Converts arbitrary text for one line of a terminal.
enum TerminalText {
  /// Returns the text as one line without control characters: a tab or newline becomes a space, a control sequence
  /// (`ESC [ … final`, ECMA-48 5.4: mostly colours) is removed, and any other control character (C0, C1, direction
  /// marks) becomes its code in brackets, for example `<7>`; invalid UTF-8 is already U+FFFD. At most `limit` scalars
  /// are examined.
  static func line(_ text: String, limit: Int = 4000) -> String {
    if text.utf8.count <= limit, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
    var line = ""
    var rest = text.unicodeScalars.prefix(limit)
    let wasCut = rest.endIndex != text.unicodeScalars.endIndex
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\u{1b}" where rest.first == "[":
        let end = rest.dropFirst().drop { (" "..."?").contains($0) }
        // An unterminated sequence would swallow the rest of the line.
        if let final = end.first, ("@"..."~").contains(final) { rest = end.dropFirst() } else { line += "<1b>" }
      case "\n", "\t": line += " "
      case "\r": break
      case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{200e}"..."\u{200f}", "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}",
        "\u{feff}", "\u{fff0}"..."\u{fffb}", "\u{e0000}"..."\u{e0fff}":
        line += "<" + String(scalar.value, radix: 16) + ">"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return wasCut ? line + "…" : line
  }

  /// Returns the last lines of a stream for a terminal, without a line whose beginning was cut off. Of many consecutive
  /// lines that begin with the same word and a colon, as in a library's log, only the last is kept.
  static func lastLines(of bytes: [UInt8], count: Int, columns: Int?) -> [String] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let whole = bytes.count >= ByteTail.capacity && lines.count > 1 ? lines.dropFirst() : lines[...]
    let texts = whole.map { line(String(decoding: $0, as: UTF8.self)) }
    return folded(texts).suffix(count).map { clipped($0, to: columns ?? 200) }
  }

  /// The number of consecutive lines with the same prefix that make a log.
  private static let logLength = 4

  private static func folded(_ lines: [String]) -> [String] {
    var folded: [String] = []
    var start = lines.startIndex
    while start < lines.endIndex {
      let speaker = speaker(of: lines[start])
      let run = lines[start...].prefix { speaker != nil && self.speaker(of: $0) == speaker }
      if let speaker, run.count >= logLength, let last = run.last {
        folded += ["… \(run.count - 1) lines that begin with '\(speaker):'", last]
        start = run.endIndex
      } else {
        folded.append(lines[start])
        start += 1
      }
    }
    return folded
  }

  private static func speaker(of line: String) -> Substring? {
    guard let colon = line.firstIndex(of: ":"), colon != line.startIndex, !line[..<colon].contains(" ") else {
      return nil
    }
    return line[..<colon]
  }

  /// Returns the number of columns of a sanitised text.
  static func width(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // Unicode's East Asian Width W and F, by block.
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }

  /// Returns the text, with its end replaced by `…` if it is wider than `columns`.
  static func clipped(_ text: String, to columns: Int) -> String {
    guard width(text) > columns else { return text }
    guard columns > 1 else { return columns == 1 ? "…" : "" }
    var clip = ""
    var used = 0
    for scalar in text.unicodeScalars {
      used += width(scalar)
      guard used < columns else { break }
      clip.unicodeScalars.append(scalar)
    }
    return clip + "…"
  }

  static func padded(_ text: String, to columns: Int) -> String {
    text + spaces(columns - width(text))
  }

  static func rightAligned(_ text: String, to columns: Int) -> String {
    spaces(columns - width(text)) + text
  }

  static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  /// Returns the text on as many lines as necessary, broken between words, and within words that are longer than a
  /// line.
  static func wrapped(_ text: String, columns: Int?) -> [String] {
    guard let columns, width(text) > columns else { return [text] }
    let room = max(columns, 20)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ").flatMap({ pieces(of: $0, columns: room) }) {
      if line.isEmpty {
        line = word
      } else if width(line) + 1 + width(word) <= room {
        line += " " + word
      } else {
        lines.append(line)
        line = word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  private static func pieces(of word: Substring, columns: Int) -> [String] {
    guard width(String(word)) > columns else { return [String(word)] }
    var pieces = [""]
    var used = 0
    for scalar in word.unicodeScalars {
      let width = width(scalar)
      if used + width > columns {
        pieces.append("")
        used = 0
      }
      pieces[pieces.count - 1].unicodeScalars.append(scalar)
      used += width
    }
    return pieces
  }

  /// Returns a duration as `3.1 s`, `2 min 05 s` or `1 h 02 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds > 0 else { return "0.0 s" }
    let tenths = Int(min(seconds, 1e9) * 10 + 0.5)
    if tenths < 1000 { return "\(tenths / 10).\(tenths % 10) s" }
    let whole = Int(min(seconds, 1e9) + 0.5)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole / 60 % 60)) min"
  }

  /// Returns `1 case` or `2 cases`.
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
