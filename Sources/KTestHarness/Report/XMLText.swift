/// Text for XML 1.0. Characters that XML forbids are dropped because they cannot even be written as references.
enum XMLText {
  /// Returns text for a value in double quotes; line ends and tabs become references.
  static func attribute(_ text: String) -> String { escaped(text, inAttribute: true) }

  static func content(_ text: String) -> String { escaped(text, inAttribute: false) }

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

  /// Returns whether the scalar is in the production Char of XML 1.0, without the C1 controls, which XML only
  /// discourages but a terminal obeys.
  private static func isLegal(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xa, 0xd, 0x20...0x7e, 0x85, 0xa0...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
    default: false
    }
  }
}
