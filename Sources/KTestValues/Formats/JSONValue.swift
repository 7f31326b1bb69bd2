/// JSON for writing, with keys in the given order: the same value always gives the same text.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(Members)

  package typealias Members = [(key: String, value: JSONValue)]

  package static func == (left: JSONValue, right: JSONValue) -> Bool { left.line == right.line }

  package static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
  package static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  package static func optional(_ number: Int?) -> JSONValue { number.map { .int($0) } ?? .null }
  /// A duration, rounded to milliseconds.
  package static func seconds(_ seconds: Double) -> JSONValue { .double((seconds * 1000).rounded() / 1000) }
  package static func optional(_ number: Double?) -> JSONValue { number.map { .double($0) } ?? .null }

  /// The value on one line, without a newline.
  package var line: String {
    var text = ""
    write(to: &text, .line)
    return text
  }

  /// The value on several lines, indented by two spaces, with a newline at the end. A short group of plain values stays
  /// on one line.
  package var page: String {
    var text = ""
    write(to: &text, .page(indent: 0))
    return text + "\n"
  }

  private var isPlain: Bool {
    switch self {
    case .array(let values): values.isEmpty
    case .object(let fields): fields.isEmpty
    default: true
    }
  }

  private var isShort: Bool {
    switch self {
    case .array(let values): values.count <= 8 && values.allSatisfy(\.isPlain) && line.utf8.count < 80
    case .object(let fields): fields.count <= 4 && fields.allSatisfy(\.value.isPlain) && line.utf8.count < 80
    default: true
    }
  }

  /// The separators of a group.
  private enum Layout {
    case line
    case spacedLine
    case page(indent: Int)

    package var inner: Layout { if case .page(let indent) = self { .page(indent: indent + 2) } else { self } }
    package var colon: String { if case .line = self { ":" } else { ": " } }
    package var edge: String {
      if case .page(let indent) = self { "\n" + String(repeating: " ", count: indent) } else { "" }
    }
    package var comma: String {
      switch self {
      case .line: ","
      case .spacedLine: ", "
      case .page: "," + edge
      }
    }
  }

  private func write(to text: inout String, _ layout: Layout) {
    var layout = layout
    if case .page = layout, isShort { layout = .spacedLine }
    let inner = layout.inner
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    // JSON has neither infinity nor NaN, and such a duration was never measured.
    case .double(let value): text += value.isFinite ? value.description : "0.0"
    case .string(let value): JSONValue.write(value, to: &text)
    case .array(let values):
      text += "["
      for (place, value) in values.enumerated() {
        text += place == 0 ? inner.edge : inner.comma
        value.write(to: &text, inner)
      }
      text += (values.isEmpty ? "" : layout.edge) + "]"
    case .object(let fields):
      text += "{"
      for (place, field) in fields.enumerated() {
        text += place == 0 ? inner.edge : inner.comma
        JSONValue.write(field.key, to: &text)
        text += layout.colon
        field.value.write(to: &text, inner)
      }
      text += (fields.isEmpty ? "" : layout.edge) + "}"
    }
  }

  /// Escapes control characters (C0 and C1), so that JSON printed on a terminal has no effect on it.
  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
