/// Follows the marks of a guest: finds the round of each metric that executed least.
///
/// The counters only ever grow, in number and in value; each is one instruction of the kernel, or all of user space.
package struct MarkedRounds {
  /// What was executed between two marks.
  private struct Round {
    var total: UInt64
    var counts: [(counter: Int, count: UInt64)]
  }

  /// The counters at the beginning of the round that runs.
  private var start: [UInt64]?
  /// The round that has ended last; a mark can still drop it, and all before it.
  private var last: Round?
  private var least: Round?
  private var text: [UInt8] = []

  /// The length of a name in bytes; what is longer is no name.
  private static let textLimit = 200

  package init() {}

  /// Takes a mark.
  ///
  /// - Parameter counters: all counters as they are now.
  /// - Returns: the metric that it completes, with the places of its counters instead of addresses.
  package mutating func take(_ mark: UInt8, _ counters: UnsafeBufferPointer<UInt64>) -> MarkedMetric? {
    switch mark {
    case GuestMark.begin:
      keepLast()
      start = Array(counters)
    case GuestMark.end:
      // A child that was forked in a round ends it as well, after its parent.
      guard let start else { return nil }
      last = MarkedRounds.round(from: start, to: counters)
      self.start = nil
    case GuestMark.drop: (last, least, text) = (nil, nil, [])
    case GuestMark.newline:
      keepLast()
      defer { (least, text) = (nil, []) }
      guard let least else { return nil }
      return MarkedMetric(heading: text, least.counts.map { (UInt64($0.counter), $0.count) })
    default: if text.count < MarkedRounds.textLimit { text.append(mark) }
    }
    return nil
  }

  private mutating func keepLast() {
    if let last, last.total < least?.total ?? .max { least = last }
    last = nil
  }

  private static func round(from start: [UInt64], to end: UnsafeBufferPointer<UInt64>) -> Round {
    var round = Round(total: 0, counts: [])
    start.withUnsafeBufferPointer { start in
      for place in end.indices {
        let count = end[place] &- (place < start.count ? start[place] : 0)
        guard count > 0 else { continue }
        round.total += count
        round.counts.append((place, count))
      }
    }
    return round
  }
}
