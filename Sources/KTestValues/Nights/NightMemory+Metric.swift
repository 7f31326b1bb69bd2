extension NightMemory {
  /// What is known of a metric since it moved last.
  package struct MetricPast: Sendable, Equatable, Codable {
    package struct Point: Sendable, Equatable, Codable {
      package var night: String
      /// In days since 1970.
      package var day: Double
      package var build: NightRecord.Build
      package var value: Double

      package init(night: String, day: Double, build: NightRecord.Build, value: Double) {
        (self.night, self.day, self.build, self.value) = (night, day, build, value)
      }
    }

    package var id: MetricID
    /// One for each night, the oldest first.
    package var points: [Point] = []
    /// So many of them, the newest, belong to a change that could not be confirmed yet.
    package var suspects = 0
    /// A change that was told, and whose search waits for its turn.
    package var waiting: NightRecord.MetricChange?

    package init(_ id: MetricID) { self.id = id }

    /// The nights that are kept.
    private static let limit = 60

    /// Adds tonight.
    ///
    /// - Parameter start: where the change begins that `outcome` is about.
    package mutating func add(_ point: Point, _ outcome: MetricNight.Outcome, start: Int?) {
      points.append(point)
      switch outcome {
      case .steady: suspects = 0
      case .moved:
        points.removeFirst(min(start ?? 0, points.count))
        suspects = 0
      case .refuted:
        // What is neither the kernel's nor will go away is the new measure; a single night is left where it is.
        let first = start ?? points.count
        if points.count - first > 1 { points.removeFirst(first) }
        suspects = 0
      case .suspected:
        suspects += 1
        if suspects > SeriesNight.suspectedNights {
          points.removeFirst(points.count - suspects)
          suspects = 0
        }
      }
      points.removeFirst(max(0, points.count - MetricPast.limit))
    }
  }
}
