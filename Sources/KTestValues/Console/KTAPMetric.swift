/// A diagnostic line `# metric NAME VALUE UNIT lower|higher`: a number that a test measured. This is ktest's own
/// convention; every other reader sees a diagnostic line.
package struct KTAPMetric: Sendable, Equatable, Codable {
  package var name: String
  package var value: Double
  package var unit: String
  package var lowerIsBetter: Bool
  /// The id of the result that follows the line, or nil after the last result.
  package var subtest: String?

  /// Returns nil if the line is not a metric. If it looks like one but cannot be parsed, `problem` says why.
  init?(_ text: String, problem: inout String?) {
    let words = text.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 5, words[0] == "metric", words[4] == "lower" || words[4] == "higher" else { return nil }
    guard let value = KTAPMetric.number(String(words[2])) else {
      problem = "the metric \(words[1]) has no number: '\(words[2])'"
      return nil
    }
    guard words[1].utf8.count <= 64, words[3].utf8.count <= 16, KTAPMetric.isName(words[1]) else {
      problem = "the line '\(text.prefix(120))' is not a valid metric: a name consists of A-Z a-z 0-9 . _ / + -"
      return nil
    }
    name = String(words[1])
    self.value = value
    unit = String(words[3])
    lowerIsBetter = words[4] == "lower"
  }

  /// Parses a finite decimal number. `Double` alone would also accept `nan`, `inf` and hexadecimal.
  package static func number(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite,
      text.utf8.allSatisfy({ ASCII.isDigit($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) })
    else { return nil }
    return value
  }

  private static func isName(_ name: Substring) -> Bool {
    name.utf8.allSatisfy { byte in
      ASCII.isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || [0x2E, 0x5F, 0x2F, 0x2B, 0x2D].contains(byte)
    }
  }
}
