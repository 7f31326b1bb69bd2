/// A day of the Gregorian calendar, in UTC, as written in a file: `2027-01-31`.
package struct CalendarDay: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package var number: Int

  package init(number: Int) { self.number = number }

  /// The day of a time in milliseconds since 1970.
  package init(milliseconds: Int64) { number = Int((Double(milliseconds) / 86_400_000).rounded(.down)) }

  package static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }

  /// The pattern of its text, for schemas.
  package static let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

  /// Parses `YYYY-MM-DD`. Days that no calendar has are refused.
  package init(parsing text: String) throws(ValueProblem) {
    let example = "for example 2027-01-31"
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { throw ValueProblem("expected a date as YYYY-MM-DD, found \(Phrase.quoted(text))", note: example) }
    number = CalendarDay.number(year, month, day)
    guard (1...12).contains(month), description == text else {
      throw ValueProblem("there is no day \(Phrase.quoted(text))", note: example)
    }
  }

  package var description: String {
    // Counted from the first of March of the year 0, a leap day is the last one of its year, and of four hundred years.
    let days = number + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let ofEra = days - era * 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * ofYear + 2) / 153
    let day = ofYear - (153 * month + 2) / 5 + 1
    let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
    func digits(_ number: Int, _ count: Int) -> String {
      let text = String(abs(number))
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return (year < 0 ? "-" : "")
      + "\(digits(year, 4))-\(digits(month < 10 ? month + 3 : month - 9, 2))-\(digits(day, 2))"
  }

  private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month > 2 ? year : year - 1
    let era = (year >= 0 ? year : year - 399) / 400
    let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let yearOfEra = year - era * 400
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear - 719_468
  }
}

extension CalendarDay: Codable {
  /// Decodes `2027-01-31`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(ValueProblem) {
      try self.init(parsing: text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
