extension NightRecord {
  /// A known bug that was planted to see whether the night finds it.
  package struct Drill: Sendable, Equatable, Codable {
    /// The drills of a plan so far, this one included.
    package struct Tally: Sendable, Equatable, Codable {
      package var found: Int
      package var all: Int

      package init(found: Int, all: Int) { (self.found, self.all) = (found, all) }
    }

    /// The patch.
    package var name: String
    /// The name in the plan.
    package var kernel: String
    /// What found it, if it was found.
    package var series: SeriesKey
    package var wasFound: Bool
    /// What the search named; nil if there was none.
    package var culprit: String?
    package var isCulpritRight: Bool?
    /// The commit that it was planted as.
    package var planted: String?
    /// The search's directory.
    package var search: String?
    /// Why it could not be planted, built, run or searched.
    package var problem: String?
    package var tally: Tally?

    package init(name: String, kernel: String, series: SeriesKey, wasFound: Bool) {
      (self.name, self.kernel, self.series, self.wasFound) = (name, kernel, series, wasFound)
    }

    /// Whether it was run. One that could not be planted or built says nothing about the night.
    package var wasRun: Bool { wasFound || problem == nil }
  }
}
