/// A piece of a page. It is well-formed and safe whatever is in it, because text is escaped where it is added, and markup can
/// only come from the program itself.
struct Markup: Sendable, Equatable {
  private(set) var html = ""

  /// The scalars of one text that are shown. A kernel can print a line of a megabyte into any name.
  static let textLimit = 1000

  init() {}

  init(_ literal: StaticString) { add(literal) }

  init(text: String, limit: Int = Markup.textLimit) { add(text: text, limit: limit) }

  /// What a template has made of its values.
  init(rendered html: String) { self.html = html }

  mutating func add(_ literal: StaticString) { html += "\(literal)" }

  mutating func add(_ other: Markup) { html += other.html }

  /// Adds a text that is not markup.
  mutating func add(text: String, limit: Int = Markup.textLimit) {
    var text = text
    let isPlain = text.withUTF8 { bytes in bytes.count <= limit && bytes.allSatisfy(Markup.isPlain) }
    if isPlain {
      html += text
      return
    }
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < limit else {
        html += "…"
        return
      }
      count += 1
      Markup.append(scalar, to: &html)
    }
  }

  /// Adds the beginning of an element; the values of its attributes are texts.
  mutating func begin(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:]) {
    head(name, attributes)
    html += ">"
  }

  mutating func end(_ name: StaticString) { html += "</\(name)>" }

  /// Adds an element without content.
  mutating func single(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:]) {
    head(name, attributes)
    html += "/>"
  }

  mutating func element(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], text: String) {
    begin(name, attributes)
    add(text: text)
    end(name)
  }

  /// Adds a link to a page of the site. Without a target it is only the text.
  mutating func link(_ target: String?, text: String) {
    guard let target else { return add(text: text) }
    element("a", ["href": target], text: text)
  }

  private mutating func head(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>) {
    html += "<\(name)"
    for (key, value) in attributes {
      html += " \(key)=\""
      add(text: value)
      html += "\""
    }
  }

  /// Whether a byte stands for itself in text and in attributes.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    case 0x20...0x7e, 0x09, 0x0a: true
    default: false
    }
  }

  /// A control character is shown by its picture. What changes the direction of text, or is no character, is replaced: names
  /// must not look like others.
  private static func append(_ scalar: Unicode.Scalar, to html: inout String) {
    switch scalar {
    case "&": html += "&amp;"
    case "<": html += "&lt;"
    case ">": html += "&gt;"
    case "\"": html += "&quot;"
    case "'": html += "&#39;"
    case "\t", "\n": html.unicodeScalars.append(scalar)
    case "\0"..<" ": html.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{fffd}")
    case "\u{7f}": html += "\u{2421}"
    case "\u{80}"..."\u{9f}", "\u{61c}", "\u{200b}"..."\u{200f}", "\u{2028}"..."\u{202e}", "\u{2060}"..."\u{206f}",
      "\u{feff}", "\u{e0000}"..."\u{e0fff}":
      html += "\u{fffd}"
    default:
      let isNone = (0xfdd0...0xfdef).contains(scalar.value) || scalar.value & 0xfffe == 0xfffe
      html.unicodeScalars.append(isNone ? "\u{fffd}" : scalar)
    }
  }
}
