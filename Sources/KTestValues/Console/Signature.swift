/// Identifies a failure: two failures with matching signatures are the same bug to an expert who reads both logs.
package struct Signature: Sendable, Hashable, Codable {
  package var title: String
  /// Other titles of the same bug.
  package var alternatives: [String]
  /// The innermost functions, for a finer comparison than by title; empty for a test's own failure.
  package var frames: [String]

  private static let framesKept = 3

  package init(title: String, alternatives: [String] = [], frames: [String] = []) {
    self.title = title
    self.alternatives = alternatives
    self.frames = frames
  }

  package init(_ splat: Splat) {
    self.init(
      title: splat.title, alternatives: splat.alternatives, frames: Array(splat.frames.prefix(Self.framesKept)))
  }

  /// Creates the signature of a failed subtest: its id, and its diagnostic lines with the numbers removed.
  package init(_ subtest: KTAPSubtest) {
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

  /// Returns whether the two are the same bug: they share a title. Unrelated bugs share a title that names no function
  /// (`… in corrupted`), so such a title counts only if it is the main title of both.
  package func matches(_ other: Signature) -> Bool {
    if title == other.title { return true }
    return !titles.isDisjoint(with: other.titles)
  }

  /// Returns whether the innermost functions agree as well, as far as both are known.
  package func matchesClosely(_ other: Signature) -> Bool {
    guard matches(other) else { return false }
    let count = min(frames.count, other.frames.count)
    return frames.prefix(count) == other.frames.prefix(count)
  }

  private var titles: Set<String> {
    Set(([title] + alternatives).filter { !$0.hasSuffix(" in corrupted") })
  }
}
