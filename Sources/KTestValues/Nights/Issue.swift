/// Failures with one splat title, or of one test without a splat, over all runs, kernels and hosts.
package struct Issue: Sendable, Equatable {
  /// Where an issue stands; the most urgent first.
  package enum State: String, Sendable, Codable, CaseIterable, Comparable {
    /// It was closed, and has been seen again lately.
    case back
    /// It was first seen lately.
    case opened
    /// It was seen lately, and before.
    case still
    /// It has not been seen lately, in too few runs to say that it is gone.
    case silent
    /// It was not seen in as many runs as would have shown it with 99 %.
    case closed

    package static func < (left: State, right: State) -> Bool { left.place < right.place }
    private var place: Int { State.allCases.firstIndex(of: self) ?? 0 }
  }

  /// One failure that shows the issue.
  package struct Sighting: Sendable, Equatable {
    package var run: String
    /// In milliseconds since 1970.
    package var started: Int64
    /// The label of the kernel.
    package var kernel: String
    package var release: String
    package var series: SeriesKey
    package var verdict: Verdict
    package var reason: String
  }

  /// The issue in one series.
  package struct Part: Sendable, Equatable {
    package var series: SeriesKey
    package var first: Sighting
    package var last: Sighting
    /// The first sighting since the issue was closed here; that of all if it never was.
    package var since: Sighting
    /// How many results show it.
    package var seen: Int
    /// The results from the first sighting on that show it or passed.
    package var runs: Int
    /// How often it was closed here and seen again.
    package var returns: Int
    /// The runs that passed since the last sighting.
    package var cleanRuns: Int
    /// After how many of these it is closed; nil if no number is enough.
    package var neededRuns: Int?
    package var isClosed: Bool
    /// Since when the series has had no result that counts, in milliseconds since 1970; nil if it is tested.
    package var untestedSince: Int64?
    /// The worst verdict since ``since``.
    package var worst: Verdict
  }

  package var key: IssueKey
  package var id: String
  package var state: State
  /// By their series.
  package var parts: [Part]
  /// The sightings of all series: the first of all, the first since it was opened or came back, and the last.
  package var first: Sighting
  package var since: Sighting
  package var last: Sighting
  /// The labels of the kernels that showed it, the last one last.
  package var kernels: [String]
  package var excuse = Excuses.Answer.none

  package var title: String { key.title }
  package var isOpen: Bool { state != .closed }
  package var seen: Int { parts.reduce(0) { $0 + $1.seen } }
  package var runs: Int { parts.reduce(0) { $0 + $1.runs } }
  package var returns: Int { parts.reduce(0) { $0 + $1.returns } }
  package var worst: Verdict { parts.map(\.worst).max() ?? .fail }
  /// Processors and memory of the hosts that saw it.
  package var hosts: [String] { Set(parts.map(\.series.host)).filter { !$0.isEmpty }.sorted() }

  /// The fewest clean runs of an open series, and how many it needs; nil for a closed issue.
  package var silence: (clean: Int, needed: Int?)? {
    parts.filter { !$0.isClosed }.min { $0.cleanRuns < $1.cleanRuns }.map { ($0.cleanRuns, $0.neededRuns) }
  }

  /// Since when no open series has been tested; nil if one is.
  package var untestedSince: Int64? {
    let open = parts.filter { !$0.isClosed }
    guard !open.isEmpty, open.allSatisfy({ $0.untestedSince != nil }) else { return nil }
    return open.compactMap(\.untestedSince).max()
  }

  /// Whether the excuse counts now.
  package var isExcused: Bool { if case .holds = excuse { true } else { false } }

  /// Whether it is more urgent than another: by state, the excused last, crashes first, then what fails most often.
  package static func isMoreUrgent(_ left: Issue, _ right: Issue) -> Bool {
    if left.isOpen != right.isOpen { return left.isOpen }
    if left.isExcused != right.isExcused { return right.isExcused }
    if left.state != right.state { return left.state < right.state }
    if left.worst != right.worst { return left.worst > right.worst }
    let (one, other) = (left.seen * right.runs, right.seen * left.runs)
    if one != other { return one > other }
    if left.last.started != right.last.started { return left.last.started > right.last.started }
    return left.title < right.title
  }
}

extension [Issue] {
  /// Returns the issues that a text names: by its id or the beginning of it, or by its title, in which `*` stands for anything.
  package func named(_ text: String) -> [Issue] {
    let byID = filter { $0.id == text || text.utf8.count >= 4 && $0.id.hasPrefix(text) }
    if !byID.isEmpty { return byID }
    let byTitle = filter { $0.title == text }
    if !byTitle.isEmpty { return byTitle }
    guard let pattern = try? WildcardPattern(parsing: text) else { return [] }
    return filter { pattern.matches(whole: $0.title) }
  }
}
