/// The messages that the kernel log must or may contain while cases run.
package struct DmesgRules: Sendable, Equatable, Codable {
  /// Messages that must appear; otherwise the case fails. They may look like a splat.
  package var expect: [DmesgEntry]
  /// Messages that may appear although they look like a splat.
  package var allow: [DmesgEntry]

  package init(expect: [DmesgEntry] = [], allow: [DmesgEntry] = []) {
    self.expect = expect
    self.allow = allow
  }
}

/// A pattern for the kernel log, and how often it must or may match.
package struct DmesgEntry: Sendable, Equatable, Codable {
  package enum Target: Sendable, Hashable, Codable, CustomStringConvertible {
    /// A pattern that is searched in each line that the kernel wrote.
    case line(WildcardPattern)
    /// The title of a splat, or one of its alternative titles.
    case splat(String)

    package var description: String {
      switch self {
      case .line(let pattern): pattern.description
      case .splat(let title): title
      }
    }
  }

  package var target: Target
  /// The allowed number of matches; nil means at least one for expected and any number for allowed entries.
  package var count: CountRange?

  package init(match: WildcardPattern, count: CountRange? = nil) {
    target = .line(match)
    self.count = count
  }

  package init(splat title: String, count: CountRange? = nil) {
    target = .splat(title)
    self.count = count
  }
}

/// A range of numbers, including both ends.
package struct CountRange: Sendable, Equatable, Codable, CustomStringConvertible {
  package var min: Int
  /// The upper bound; nil means none.
  package var max: Int?

  package init(min: Int, max: Int?) {
    self.min = min
    self.max = max
  }

  package static func exactly(_ count: Int) -> CountRange { CountRange(min: count, max: count) }
  package static func atLeast(_ count: Int) -> CountRange { CountRange(min: count, max: nil) }
  package static func atMost(_ count: Int) -> CountRange { CountRange(min: 0, max: count) }

  package func contains(_ count: Int) -> Bool { count >= min && (max.map { count <= $0 } ?? true) }

  /// The range as text: `3`, `at least 3`, `at most 3`, `1 to 3`.
  package var description: String {
    guard let max else { return "at least \(min)" }
    if min == max { return "\(min)" }
    return min == 0 ? "at most \(max)" : "\(min) to \(max)"
  }
}
