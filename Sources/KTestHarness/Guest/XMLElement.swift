/// A minimal XML writer for domains: text cannot become markup.
struct XMLElement: Equatable {
  var name: String
  var attributes: [(name: String, value: String)]
  var text: String?
  var children: [XMLElement]

  init(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String? = nil,
    _ children: [XMLElement] = []
  ) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value) }
    self.text = text
    self.children = children
  }

  static func == (left: XMLElement, right: XMLElement) -> Bool { left.rendered() == right.rendered() }

  func rendered(indent: Int = 0) -> String {
    let space = String(repeating: " ", count: indent)
    let opening = attributes.reduce("\(space)<\(name)") { "\($0) \($1.name)='\(XMLElement.escaped($1.value))'" }
    if let text { return "\(opening)>\(XMLElement.escaped(text))</\(name)>\n" }
    guard !children.isEmpty else { return "\(opening)/>\n" }
    let inner = children.map { $0.rendered(indent: indent + 2) }.joined()
    return "\(opening)>\n\(inner)\(space)</\(name)>\n"
  }

  /// Escapes markup and drops characters that XML does not allow (XML 1.0, 2.2 and 2.4).
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "'": result += "&apos;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += "&#\(scalar.value);"
      default:
        let isCharacter = scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
        if isCharacter { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }
}
