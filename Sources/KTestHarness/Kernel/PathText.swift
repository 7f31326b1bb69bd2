/// Paths of users, as far as they are text.
public enum PathText {
  /// True for a path that lists of one path a line, make and apt would take apart, and that no message can show as it is.
  public static func hasControls(_ path: String) -> Bool { path.unicodeScalars.contains(where: isControl) }

  /// The path with its control characters in the notation of C, fit for one line.
  public static func shown(_ path: String) -> String {
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
