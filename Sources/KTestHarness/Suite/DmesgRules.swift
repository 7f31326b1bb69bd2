/// The messages that the kernel log must or may contain while cases run.
public struct DmesgRules: Sendable, Equatable, Codable {
  /// Messages that must appear; otherwise the case fails. They may look like a splat.
  public var expect: [DmesgEntry]
  /// Messages that may appear although they look like a splat.
  public var allow: [DmesgEntry]

  public init(expect: [DmesgEntry] = [], allow: [DmesgEntry] = []) {
    self.expect = expect
    self.allow = allow
  }
}

/// A pattern for the kernel log, and how often it must or may match.
public struct DmesgEntry: Sendable, Equatable, Codable {
  public enum Target: Sendable, Hashable, Codable, CustomStringConvertible {
    /// A pattern that is searched in each line that the kernel wrote.
    case line(WildcardPattern)
    /// The title of a splat, or one of its alternative titles.
    case splat(String)

    public var description: String {
      switch self {
      case .line(let pattern): pattern.description
      case .splat(let title): title
      }
    }
  }

  public var target: Target
  /// The allowed number of matches; nil means at least one for expected and any number for allowed entries.
  public var count: CountRange?

  public init(match: WildcardPattern, count: CountRange? = nil) {
    target = .line(match)
    self.count = count
  }

  public init(splat title: String, count: CountRange? = nil) {
    target = .splat(title)
    self.count = count
  }
}

/// A range of numbers, including both ends.
public struct CountRange: Sendable, Equatable, Codable, CustomStringConvertible {
  public var min: Int
  /// The upper bound; nil means none.
  public var max: Int?

  public init(min: Int, max: Int?) {
    self.min = min
    self.max = max
  }

  public static func exactly(_ count: Int) -> CountRange { CountRange(min: count, max: count) }
  public static func atLeast(_ count: Int) -> CountRange { CountRange(min: count, max: nil) }
  public static func atMost(_ count: Int) -> CountRange { CountRange(min: 0, max: count) }

  public func contains(_ count: Int) -> Bool { count >= min && (max.map { count <= $0 } ?? true) }

  /// The range as text: `3`, `at least 3`, `at most 3`, `1 to 3`.
  public var description: String {
    guard let max else { return "at least \(min)" }
    if min == max { return "\(min)" }
    return min == 0 ? "at most \(max)" : "\(min) to \(max)"
  }
}
