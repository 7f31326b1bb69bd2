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
    /// Patterns that are searched in each line that the kernel wrote.
    case line(LineMatch)
    /// The title of a splat, or one of its alternative titles.
    case splat(String)

    /// The patterns or the title, each in quotes.
    package var description: String { names.map { "'\($0)'" }.joined(separator: " or ") }

    package var names: [String] {
      switch self {
      case .line(let match): match.patterns.map(\.source)
      case .splat(let title): [title]
      }
    }
  }

  package var target: Target
  /// The allowed number of matches; nil means at least one for expected and any number for allowed entries.
  package var count: CountRange?
  /// Where the entry holds.
  package var when: Condition

  package init(_ target: Target, count: CountRange? = nil, when: Condition = .always) {
    self.target = target
    self.count = count
    self.when = when
  }

  package init(match: WildcardPattern, count: CountRange? = nil) { self.init(.line(LineMatch(match)), count: count) }

  package init(splat title: String, count: CountRange? = nil) { self.init(.splat(title), count: count) }
}

/// What is searched in a line: patterns, any of which will do. A line counts once, however many of them it matches.
package struct LineMatch: Sendable, Hashable, Codable {
  /// At least one.
  package var patterns: [WildcardPattern]

  package init(_ patterns: WildcardPattern...) { self.patterns = patterns }

  package init(anyOf patterns: [WildcardPattern]) { self.patterns = patterns }

  /// Returns whether one of the patterns matches anywhere in the line.
  package func isFound(in line: String) -> Bool { patterns.contains { $0.isFound(in: line) } }
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
