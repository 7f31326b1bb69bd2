/// An element of an XML 1.0 document to write. Text is escaped, so that it cannot become markup.
package struct XMLElement: Equatable {
  package var name: String
  package var attributes: [(name: String, value: String)]
  /// The text, in place of children.
  package var text: String?
  package var children: [XMLElement]

  package init(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String? = nil,
    _ children: [XMLElement] = []
  ) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value) }
    self.text = text
    self.children = children
  }

  package static func == (left: XMLElement, right: XMLElement) -> Bool { left.rendered() == right.rendered() }

  /// The element as the root of a document.
  package var document: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + rendered() }

  package func rendered(indent: Int = 0) -> String {
    let space = String(repeating: " ", count: indent)
    var xml = "\(space)<\(name)"
    for (name, value) in attributes { xml += " \(name)=\"\(XMLElement.escaped(value, inAttribute: true))\"" }
    if let text { return "\(xml)>\(XMLElement.escaped(text, inAttribute: false))</\(name)>\n" }
    guard !children.isEmpty else { return "\(xml)/>\n" }
    xml += ">\n"
    for child in children { xml += child.rendered(indent: indent + 2) }
    return "\(xml)\(space)</\(name)>\n"
  }

  /// Characters that XML forbids are left out: they cannot be written even as references. In attributes, line ends and
  /// tabs survive as references (XML 1.0, 2.11 and 3.3.3).
  private static func escaped(_ text: String, inAttribute: Bool) -> String {
    var xml = ""
    for scalar in text.unicodeScalars where isLegal(scalar) {
      switch scalar {
      case "&": xml += "&amp;"
      case "<": xml += "&lt;"
      case ">": xml += "&gt;"
      case "\"" where inAttribute: xml += "&quot;"
      case "\n" where inAttribute, "\t" where inAttribute, "\r": xml += "&#\(scalar.value);"
      default: xml.unicodeScalars.append(scalar)
      }
    }
    return xml
  }

  /// The production Char of XML 1.0, without the C1 controls, which it only discourages but a terminal obeys.
  private static func isLegal(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xa, 0xd, 0x20...0x7e, 0x85, 0xa0...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
    default: false
    }
  }
}
