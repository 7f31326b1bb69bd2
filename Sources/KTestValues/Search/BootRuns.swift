/// The runs of one boot that speak: clones of one guest, or the only run of a guest that was booted for it.
///
/// What was decided at boot is the same in all of them, so they are one piece of evidence.
package struct BootRuns: Sendable, Hashable, Comparable {
  package var seen: Int
  package var clean: Int

  package init(seen: Int, clean: Int) { (self.seen, self.clean) = (max(0, seen), max(0, clean)) }

  /// The most runs of one boot in a search.
  package static let most = 64

  var count: Int { seen + clean }

  package static func < (one: BootRuns, other: BootRuns) -> Bool {
    (one.seen, one.clean) < (other.seen, other.clean)
  }
}

/// How many boots had which runs. All numbers are integers in a fixed order, so that sums over them do not depend on the
/// order in which the boots came.
struct BootCounts: Sendable, Hashable {
  struct Entry: Sendable, Hashable {
    let runs: BootRuns
    fileprivate(set) var count: Int
  }

  /// Ascending, each pair once.
  private(set) var entries: [Entry] = []
  /// The boots that showed the target.
  private(set) var seen = 0
  /// The boots that did not.
  private(set) var clean = 0
  /// Whether every boot had one run, so that only the product of both rates matters.
  private(set) var isSingle = true

  mutating func add(_ runs: BootRuns) {
    guard runs.count > 0 else { return }
    if runs.seen > 0 { seen += 1 } else { clean += 1 }
    isSingle = isSingle && runs.count == 1
    let place = entries.firstIndex { $0.runs >= runs } ?? entries.endIndex
    if place < entries.endIndex, entries[place].runs == runs {
      entries[place].count += 1
    } else {
      entries.insert(Entry(runs: runs, count: 1), at: place)
    }
  }
}
