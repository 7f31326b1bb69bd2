/// What the kernel log must and may say while cases run.
public struct DmesgRules: Sendable, Equatable, Codable {
  /// Must appear; missing, the case fails. Also allowed, where it looks like a splat.
  public var expect: [DmesgEntry]
  /// May appear, although it looks like a splat.
  public var allow: [DmesgEntry]

  public init(expect: [DmesgEntry] = [], allow: [DmesgEntry] = []) {
    self.expect = expect
    self.allow = allow
  }
}

/// What is looked for in the kernel log, and how often.
public struct DmesgEntry: Sendable, Equatable, Codable {
  public enum Target: Sendable, Hashable, Codable, CustomStringConvertible {
    /// A pattern, looked for in each line that the kernel wrote.
    case line(WildcardPattern)
    /// A splat, by its title or one of its other titles.
    case splat(String)

    public var description: String {
      switch self {
      case .line(let pattern): pattern.description
      case .splat(let title): title
      }
    }
  }

  public var target: Target
  /// nil: at least once where it is expected, any number where it is allowed.
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

/// How many of something, both ends included.
public struct CountRange: Sendable, Equatable, Codable, CustomStringConvertible {
  public var min: Int
  /// nil: no upper bound.
  public var max: Int?

  public init(min: Int, max: Int?) {
    self.min = min
    self.max = max
  }

  public static func exactly(_ count: Int) -> CountRange { CountRange(min: count, max: count) }
  public static func atLeast(_ count: Int) -> CountRange { CountRange(min: count, max: nil) }
  public static func atMost(_ count: Int) -> CountRange { CountRange(min: 0, max: count) }

  public func contains(_ count: Int) -> Bool { count >= min && (max.map { count <= $0 } ?? true) }

  /// `3`, `at least 3`, `at most 3`, `1 to 3`.
  public var description: String {
    guard let max else { return "at least \(min)" }
    if min == max { return "\(min)" }
    return min == 0 ? "at most \(max)" : "\(min) to \(max)"
  }
}
