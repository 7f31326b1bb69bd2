/// A range of kernel versions: `>=6.13 <7.0`, `6.12`, `>=7.0-rc1`.
///
/// A version alone means everything that is called so: `6.12` is every 6.12.y and its release candidates, `6.12.3` only
/// that. There is neither `>` nor `<=`, because nobody could say whether 6.12.3 is greater than 6.12.
package struct KernelVersionRange: Sendable, Equatable, CustomStringConvertible {
  /// The first version of the range; nil for no limit.
  package private(set) var lowest: KernelVersion?
  /// The first version after the range; nil for no limit.
  package private(set) var end: KernelVersion?
  /// The range as written.
  package private(set) var description: String

  package init(parsing text: String) throws(ValueProblem) {
    description = text
    let words = text.split(separator: " ")
    guard !words.isEmpty else {
      throw ValueProblem("a range of kernel versions is empty", note: KernelVersionRange.advice)
    }
    for word in words { try add(String(word)) }
    if let lowest, let end, lowest >= end {
      throw ValueProblem("no kernel has a version that is \(Phrase.quoted(text))", note: KernelVersionRange.advice)
    }
  }

  package func contains(_ version: KernelVersion) -> Bool {
    (lowest.map { version >= $0 } ?? true) && (end.map { version < $0 } ?? true)
  }

  private static let advice = "for example \">=6.13 <7.0\" or 6.12"

  /// Narrows the range by one word.
  private mutating func add(_ word: String) throws(ValueProblem) {
    if word.hasPrefix(">=") { return narrow(from: try KernelVersionRange.version(word, after: 2).first, to: nil) }
    if word.hasPrefix("<=") || word.hasPrefix(">") || word.hasPrefix("=") {
      throw ValueProblem(
        "\(Phrase.quoted(word)) is not one of >=VERSION, <VERSION and VERSION",
        note: "write >=6.13 for what comes after 6.12.y, <6.13 for all until 6.12.y, 6.12 for 6.12.y alone")
    }
    if word.hasPrefix("<") {
      let version = try KernelVersionRange.version(word, after: 1).first
      guard version > KernelVersion(0) else {
        throw ValueProblem("no kernel has a version that is \(Phrase.quoted(word))", note: KernelVersionRange.advice)
      }
      return narrow(from: nil, to: version)
    }
    let version = try KernelVersionRange.version(word, after: 0)
    narrow(from: version.all, to: version.next)
  }

  private mutating func narrow(from low: KernelVersion?, to high: KernelVersion?) {
    if let low { lowest = lowest.map { max($0, low) } ?? low }
    if let high { end = end.map { min($0, high) } ?? high }
  }

  /// A version as written, which may leave out its last numbers.
  private struct Written {
    /// The version with zeros for what was left out.
    var first: KernelVersion
    /// The first version that is called so, and the first after those.
    var all: KernelVersion
    var next: KernelVersion
  }

  private static func version(_ word: String, after sign: Int) throws(ValueProblem) -> Written {
    var rest = Substring(word).dropFirst(sign)
    var numbers: [Int] = []
    var candidate: Int?
    repeat {
      if !numbers.isEmpty { rest = rest.dropFirst() }
      guard let number = KernelVersion.number(&rest) else { throw problem(word) }
      numbers.append(number)
    } while rest.first == "." && numbers.count < 3
    if rest.hasPrefix("-rc"), numbers.count == 2 {
      rest = rest.dropFirst(3)
      guard let number = KernelVersion.number(&rest) else { throw problem(word) }
      candidate = number
    }
    guard rest.isEmpty else { throw problem(word) }
    let (major, minor, patch) = (numbers[0], numbers.count > 1 ? numbers[1] : 0, numbers.count > 2 ? numbers[2] : 0)
    let first = KernelVersion(major, minor, patch, candidate: candidate)
    if let candidate {
      return Written(first: first, all: first, next: KernelVersion(major, minor, candidate: candidate + 1))
    }
    return switch numbers.count {
    case 1:
      Written(first: first, all: KernelVersion(major, candidate: 0), next: KernelVersion(major + 1, candidate: 0))
    case 2:
      Written(
        first: first, all: KernelVersion(major, minor, candidate: 0),
        next: KernelVersion(major, minor + 1, candidate: 0))
    default: Written(first: first, all: first, next: KernelVersion(major, minor, patch + 1, candidate: 0))
    }
  }

  private static func problem(_ word: String) -> ValueProblem {
    ValueProblem(
      "\(Phrase.quoted(word)) has no kernel version such as 6.12, 6.12.117 or 7.3-rc2", note: advice)
  }
}

extension KernelVersionRange: Codable {
  /// Decodes the range as written.
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
