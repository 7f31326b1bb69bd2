/// JSON to be written, with its keys in the order in which they were given: the same value is always the same text.
enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  static func == (left: JSONValue, right: JSONValue) -> Bool { left.line == right.line }

  static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  static func optional(_ number: Int?) -> JSONValue { number.map { .int($0) } ?? .null }
  /// A duration, rounded to milliseconds.
  static func seconds(_ seconds: Double) -> JSONValue { .double((seconds * 1000).rounded() / 1000) }
  static func optional(_ number: Double?) -> JSONValue { number.map { .double($0) } ?? .null }

  /// The value on one line, without a newline.
  var line: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  /// The value over several lines, indented by two spaces, with a newline at the end.
  var page: String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    // JSON knows neither infinity nor NaN, and a duration that is either was never measured.
    case .double(let value): text += value.isFinite ? value.description : "0.0"
    case .string(let value): JSONValue.write(value, to: &text)
    case .array(let values):
      JSONValue.group(values, "[", "]", &text, indent) { value, text, indent in value.write(to: &text, indent: indent) }
    case .object(let fields):
      JSONValue.group(fields, "{", "}", &text, indent) { field, text, indent in
        JSONValue.write(field.key, to: &text)
        text += indent == nil ? ":" : ": "
        field.value.write(to: &text, indent: indent)
      }
    }
  }

  private static func group<Member>(
    _ members: [Member], _ open: String, _ close: String, _ text: inout String, _ indent: Int?,
    _ write: (Member, inout String, Int?) -> Void
  ) {
    text += open
    for (place, member) in members.enumerated() {
      if place > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
      write(member, &text, indent.map { $0 + 1 })
    }
    if let indent, !members.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  /// Control characters of either kind (C0 and C1) are escaped, so that JSON printed on a terminal commands nothing.
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
