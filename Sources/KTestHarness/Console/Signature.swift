/// What makes two failures the same: an expert who reads both logs would call them one bug.
public struct Signature: Sendable, Hashable, Codable {
  public var title: String
  /// Other titles that mean the same bug.
  public var alternatives: [String]
  /// The innermost functions, for a finer view than the title's; empty for a test's own failure.
  public var frames: [String]

  private static let framesKept = 3

  public init(title: String, alternatives: [String] = [], frames: [String] = []) {
    self.title = title
    self.alternatives = alternatives
    self.frames = frames
  }

  public init(_ splat: Splat) {
    self.init(
      title: splat.title, alternatives: splat.alternatives, frames: Array(splat.frames.prefix(Self.framesKept)))
  }

  /// The signature of a failed subtest: its id, and what it printed of its failure with the numbers taken out.
  public init(_ subtest: KTAPSubtest) {
    let words = ["fail", "expect", "assert", "error", "not equal", "mismatch"]
    let lines = subtest.diagnostics
    let telling = lines.first { line in
      let lower = line.lowercased()
      return words.contains { lower.utf8.count >= $0.utf8.count && Array(lower.utf8).contains(Array($0.utf8)) }
    }
    let line = telling ?? (subtest.detail.isEmpty ? lines.last : subtest.detail) ?? ""
    let normal = SplatTitle.normalised(line)
    self.init(title: normal.isEmpty ? subtest.id : subtest.id + ": " + normal)
  }

  /// Whether the two mean the same bug: they share a title. A title that names no function (`… in corrupted`) is shared
  /// by bugs that have nothing else in common, so it is the same only as itself.
  public func matches(_ other: Signature) -> Bool {
    if title == other.title { return true }
    return !titles.isDisjoint(with: other.titles)
  }

  /// Whether the innermost functions agree as well, as far as both are known.
  public func matchesClosely(_ other: Signature) -> Bool {
    guard matches(other) else { return false }
    let count = min(frames.count, other.frames.count)
    return frames.prefix(count) == other.frames.prefix(count)
  }

  private var titles: Set<String> {
    Set(([title] + alternatives).filter { !$0.hasSuffix(" in corrupted") })
  }
}
