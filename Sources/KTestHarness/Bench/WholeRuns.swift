import KTestGuests
import KTestHost
import KTestValues

/// Runs of several copies of one passing case, whose whole time is compared.
struct WholeRuns: Sendable {
  let job: RunJob
  let prepared: PreparedRun
  let host: OpenHost

  enum Way: CaseIterable {
    /// Each case has a guest that is booted for it.
    case oneByOne, twoAtATime
    /// Each case has a clone.
    case isolated
    /// All cases have one guest.
    case shared

    var quantity: BootBench.Quantity {
      switch self {
      case .oneByOne: .oneByOne
      case .twoAtATime: .twoAtATime
      case .isolated: .isolated
      case .shared: .shared
      }
    }
  }

  /// Returns the seconds from the plan to the end of the last guest. Throws ``Failure`` if a case does not pass.
  func seconds(_ way: Way) async throws -> Double {
    var job = job
    job.guests = way == .twoAtATime ? .most(2) : .one
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try await job.perform(plan(way), on: host)
    let seconds = (clock.now - start).inSeconds
    guard outcome.summary.verdict == .pass else {
      let why = outcome.summary.suites.flatMap(\.cases).compactMap(\.reason).first ?? "\(outcome.summary.verdict)"
      throw Failure(.host, "a measured run failed: \(why)")
    }
    return seconds
  }

  /// Returns the plan with copies of the first case that runs.
  func plan(_ way: Way) -> PreparedRun {
    var prepared = prepared
    guard var planned = prepared.plan.suites.first, let test = planned.cases.first(where: { $0.skip == nil })?.test
    else {
      return prepared
    }
    let modules = planned.caseModules[test.name]
    planned.cases = (1...BootBench.cases).map { number in
      var copy = test
      copy.name = "\(test.name)-\(number)"
      (copy.fresh, copy.boots) = (way != .shared, way == .oneByOne || way == .twoAtATime)
      planned.caseModules[copy.name] = modules
      return PlannedCase(copy)
    }
    planned.suite.cases = planned.cases.map(\.test)
    planned.suite.isolation = .shared
    prepared.plan.suites = [planned]
    return prepared
  }
}
