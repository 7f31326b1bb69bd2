/// The cost of a step in seconds, learned during the search.
package struct CostModel: Codable, Sendable, Equatable {
  /// A mean that follows about the last ten measurements; the first replaces the guess.
  private struct Mean: Codable, Sendable, Equatable {
    var seconds: Double
    var count = 0

    mutating func learn(_ value: Double) {
      count = count < 10 ? count + 1 : 10
      seconds += (value - seconds) / Double(count)
    }
  }

  private var full: Mean
  private var incremental: Mean
  private var boot: Mean
  private var run: Mean
  /// A boot whose guest is stopped and forked, and a run in a clone; nil until there was one.
  private var template: Mean?
  private var clone: Mean?

  /// Creates a model from guesses in seconds.
  package init(fullBuild: Double = 600, incrementalBuild: Double = 60, boot: Double = 3, run: Double = 10) {
    full = Mean(seconds: fullBuild)
    incremental = Mean(seconds: incrementalBuild)
    self.boot = Mean(seconds: boot)
    self.run = Mean(seconds: run)
  }

  package mutating func learn(_ cost: Evidence.Cost) {
    if let build = cost.build {
      if cost.isFullBuild { full.learn(build) } else { incremental.learn(build) }
    }
    if cost.boot > 0 { boot.learn(cost.boot) }
    if cost.run > 0 { run.learn(cost.run) }
  }

  /// Learns what a boot and its runs cost.
  package mutating func learn(_ item: Evidence) {
    guard let cost = item.cost else { return }
    guard item.clean != nil else { return learn(cost) }
    learn(Evidence.Cost(build: cost.build, isFullBuild: cost.isFullBuild))
    func learned(_ mean: Mean?, _ seconds: Double) -> Mean? {
      guard seconds > 0 else { return mean }
      var mean = mean ?? Mean(seconds: seconds)
      mean.learn(seconds)
      return mean
    }
    template = learned(template, cost.boot)
    clone = learned(clone, cost.run / Double(item.runs))
  }

  /// The seconds of boot and case.
  package var secondsPerRun: Double { max(boot.seconds + run.seconds, 0.001) }

  /// What stopping a guest and starting a clone take, until they have been measured.
  private static let secondsOfAFork = 0.3

  /// Returns the seconds of so many boots with so many runs in all, which are clones or the boots' own.
  package func seconds(boots: Double, runs: Double, areClones: Bool) -> Double {
    guard areClones else { return max(boots * boot.seconds + runs * run.seconds, 0.001) }
    let template = template?.seconds ?? boot.seconds + CostModel.secondsOfAFork
    return max(boots * template + runs * (clone?.seconds ?? run.seconds), 0.001)
  }

  /// After this many commits, a build costs half of a full build: by then most files that are included everywhere have
  /// changed.
  private static let commitsOfHalfABuild = 2000.0

  /// Returns the seconds of a build. `distance` is in commits from the kernel built last; nil if there is none.
  package func secondsOfBuild(distance: Int?) -> Double {
    guard let distance else { return full.seconds }
    let share = Double(distance) / (Double(distance) + Self.commitsOfHalfABuild)
    return incremental.seconds + max(0, full.seconds - incremental.seconds) * share
  }
}
