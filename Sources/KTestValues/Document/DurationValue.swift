/// A time span as written in a suite: `500ms`, `60s`, `2m`, `1h`. It always has a unit and is never zero.
package struct DurationValue: Sendable, Equatable, Hashable, Comparable, CustomStringConvertible {
  /// The maximum. No case needs more, and later multiplications (the TCG factor) stay far from overflow.
  package static let maximum = DurationValue(milliseconds: 7 * 24 * 3_600_000)

  package var milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package static func seconds(_ count: Int64) -> DurationValue { DurationValue(milliseconds: count * 1000) }

  package var duration: Duration { .milliseconds(milliseconds) }
  package var seconds: Double { Double(milliseconds) / 1000 }

  package static func < (left: DurationValue, right: DurationValue) -> Bool { left.milliseconds < right.milliseconds }

  /// Parses a whole number with a unit (ms, s, m, h), from 1ms to ``maximum``.
  package init(parsing text: String) throws(ValueProblem) {
    let example = "for example 500ms, 60s, 2m or 1h"
    if text.hasPrefix("-") { throw ValueProblem("a duration cannot be negative, found \(Phrase.quoted(text))") }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard !digits.isEmpty else {
      throw ValueProblem("expected a duration, found \(Phrase.quoted(text))", note: example)
    }
    guard !unit.isEmpty else {
      throw ValueProblem("the duration \(Phrase.quoted(text)) has no unit; did you mean '\(digits)s'?", note: example)
    }
    guard let factor = Self.units[String(unit)] else {
      throw ValueProblem("\(Phrase.quoted(text)) is not a whole number with the unit ms, s, m or h", note: example)
    }
    guard let number = Int64(digits), number <= Self.maximum.milliseconds / factor else {
      throw ValueProblem("\(Phrase.quoted(text)) is longer than 7 days")
    }
    guard number > 0 else { throw ValueProblem("a duration must be more than zero", note: example) }
    milliseconds = number * factor
  }

  private static let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]

  /// The exact value in the largest unit that divides it: `1h`, `90s`, `1500ms`.
  package var description: String {
    for (factor, unit) in [(3_600_000, "h"), (60_000, "m"), (1000, "s")] as [(Int64, String)]
    where milliseconds != 0 && milliseconds % factor == 0 {
      return "\(milliseconds / factor)\(unit)"
    }
    return "\(milliseconds)ms"
  }
}

extension DurationValue: Codable {
  /// Decodes a plain number of milliseconds.
  package init(from decoder: any Decoder) throws {
    milliseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
}
