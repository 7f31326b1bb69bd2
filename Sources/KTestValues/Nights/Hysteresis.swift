/// What was reported stays reported until it is clearly below the limit, and is reported once only.
package struct Hysteresis: Sendable, Equatable {
  /// A failure in one segment of a series' history.
  package struct Segment: Sendable, Hashable {
    package var series: SeriesKey
    /// The day on which the segment began.
    package var since: Int

    package init(series: SeriesKey, since: Int) { (self.series, self.since) = (series, since) }
  }

  package let threshold: Double
  private var open: Set<Segment> = []
  /// What a mail was sent about.
  private var told: Set<Segment> = []

  package init(threshold: Double = 0.95) { self.threshold = threshold }

  package func isOpen(_ segment: Segment) -> Bool { open.contains(segment) }

  /// Takes tonight's probability. Returns whether somebody is told: only the first time that the limit is reached.
  package mutating func see(_ segment: Segment, probability: Double) -> Bool {
    if probability >= threshold {
      open.insert(segment)
      return told.insert(segment).inserted
    }
    // Not a number is below the limit, too.
    if !(probability >= 0.9 * threshold) { open.remove(segment) }
    return false
  }
}
