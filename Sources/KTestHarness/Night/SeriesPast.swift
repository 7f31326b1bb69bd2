import KTestValues

/// Earlier nights of a plan, by their runs.
struct PastNights: Sendable {
  struct Place: Sendable {
    var night: Int
    /// The name in the plan.
    var kernel: String
    /// Whether it is a run of that night's own kernel.
    var counts: Bool
  }

  /// The oldest first.
  let nights: [NightRecord]
  let places: [String: Place]

  init(_ nights: [NightRecord], isJudged: (NightRecord) -> Bool = { _ in true }) {
    self.nights = nights
    var places: [String: Place] = [:]
    for (number, night) in nights.enumerated() where isJudged(night) {
      for run in night.runs {
        places[run.id] = Place(
          night: number, kernel: run.kernel, counts: run.purpose.isOfTonight)
      }
    }
    self.places = places
  }
}

/// The nights of a series before tonight, as the index has them.
struct SeriesPast: Sendable {
  private struct Night: Sendable {
    var id: String
    var day: Double
    var kernel: NightRecord.Kernel
    var passes = 0
    var failures = 0
  }

  /// The oldest first; each has results that count.
  private var nights: [Night] = []

  init() {}

  init(_ record: SeriesRecord?, of kernel: String, in past: PastNights) {
    var found: [Int: Night] = [:]
    for entry in record?.entries ?? [] {
      guard let failed = entry.hasFailed, let place = past.places[entry.run], place.counts, place.kernel == kernel,
        let build = past.nights[place.night].kernels.first(where: { $0.name == kernel })
      else { continue }
      let night = past.nights[place.night]
      var one = found[place.night] ?? Night(id: night.id, day: Double(night.started) / 86_400_000, kernel: build)
      if failed { one.failures += 1 } else { one.passes += 1 }
      found[place.night] = one
    }
    nights = found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// - Parameter reported: nights that belong to a failure that was reported.
  func history(reported: Set<String>) -> NightHistory {
    NightHistory(
      nights: nights.map(\.id),
      points: nights.map { night in
        SeriesPoint(
          day: night.day, passes: night.passes, failures: night.failures, isReported: reported.contains(night.id))
      })
  }

  /// The kernel beside tonight's is that many nights old: a regression that shows now and then passes some nights, so that the
  /// newest kernel that passed is no good one.
  private static let controlAge = 7

  /// The build that is known as good and not too new: it passed on every night that had it.
  func control(beside kernel: NightRecord.Kernel) -> NightRecord.Build? {
    var builds: [(kernel: NightRecord.Kernel, isGood: Bool, age: Int)] = []
    for (age, night) in nights.reversed().enumerated() where night.kernel.identity != kernel.identity {
      let isGood = night.failures == 0 && night.passes > 0
      if let place = builds.firstIndex(where: { $0.kernel.identity == night.kernel.identity }) {
        builds[place].isGood = builds[place].isGood && isGood
      } else {
        builds.append((night.kernel, isGood, age))
      }
    }
    let good = builds.filter(\.isGood)
    return (good.first { $0.age + 1 >= SeriesPast.controlAge } ?? good.last)?.kernel.build
  }

  /// The last build without the failure and the first one with it.
  func ends(
    _ standing: SeriesStanding, tonight: NightRecord.Kernel
  ) -> (good: NightRecord.Build?, bad: NightRecord.Build?) {
    var start = nights.count
    if case .open(let failure) = standing, let first = failure.points.first {
      start = nights.firstIndex { $0.day >= first.day } ?? nights.count
    } else if case .suspected(let count, _) = standing {
      start = max(0, nights.count + 1 - count)
    }
    let bad = start < nights.count ? nights[start].kernel : tonight
    let before = nights[..<start].filter { $0.kernel.identity != bad.identity }
    // What shows now and then may have shown before it was noticed: a build that failed is no good one, if another can be had.
    let failed = Set(before.filter { $0.failures > 0 }.map(\.kernel.identity))
    let good = before.last { $0.passes > 0 && !failed.contains($0.kernel.identity) } ?? before.last { $0.passes > 0 }
    return (good?.kernel.build, bad.build)
  }
}
