/// Checks on the text of users' paths.
package enum PathText {
  /// Returns whether a path has control characters. One-path-per-line lists, make and apt would split such a path, and
  /// messages cannot show it as it is.
  package static func hasControls(_ path: String) -> Bool { path.unicodeScalars.contains(where: isControl) }

  /// Returns the path on one line, with its control characters in C notation.
  package static func shown(_ path: String) -> String {
    path.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count < 2 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }
}
