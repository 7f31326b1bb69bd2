package import KTestValues

/// One step of `git bisect run`: builds the commit that is checked out and runs the case until it is sure.
package struct BisectStep: Sendable {
  /// A step as the user asked for it.
  package struct Order: Sendable {
    /// `SUITE:CASE` or `SUITE:CASE:SUBTEST`.
    package var test: String
    package var repository = "."
    package var target = TargetWish()
    /// How many runs of the bad end showed the failure, if the user knows; the rate is measured otherwise.
    package var seen: Int?
    /// With ``seen``, how many runs did not.
    package var clean = 0
    /// Whether the failure shows in every run, so that one run is enough.
    package var always = false
    /// The chance of a wrong answer, in 0…1.
    package var error = 0.01
    /// The suite's parameters, each `NAME=VALUE`.
    package var settings: [String] = []
    package var kernels = KernelBuildOptions()
    package var guests = GuestOptions()

    package init(test: String) { self.test = test }
  }

  private let order: Order
  private let session: Session
  private let test: BisectTest
  private let testCase: String
  private let parameters: [String: String]
  private let target: BisectTarget?
  private let history: GitHistory
  private let commit: String
  private let say: @Sendable (String) -> Void

  /// Refuses what can be refused before anything is built or booted.
  ///
  /// - Parameter say: Takes one sentence for the user at a time.
  package init(_ order: Order, in session: Session, say: @escaping @Sendable (String) -> Void) async throws {
    test = try BisectTest(try session.suite(order.test).given(order.settings))
    guard let name = test.testCase else { throw Failure(.usage, "name one case: \(test.file.suite.name):CASE") }
    try order.guests.accel.check(test.file.suite)
    history = try await GitHistory(containing: order.repository)
    // With --no-checkout, HEAD does not move.
    let head = (try? await history.commit("BISECT_HEAD")) ?? nil
    commit = if let head { head } else { try await history.commit("HEAD") }
    let changed = try await history.uncommitted()
    guard changed.isEmpty else {
      throw Failure(
        .usage,
        "\(history.folder) has uncommitted changes (\(changed.prefix(3).joined(separator: ", "))); a commit is "
          + "tested, so they would be left out")
    }
    target = try order.target.target(subtest: test.subtest)
    parameters = try suiteParameters(order.settings, of: [test.file.suite])
    (self.order, self.session, testCase, self.say) = (order, session, name, say)
  }

  /// Runs until the answer is sure: `good`, `bad`, `skip` for a commit that cannot be tested, or `stop` if the harness
  /// failed.
  package func perform(on host: OpenHost) async throws -> ReproductionTest.Decision {
    let world = BisectWorld(
      BisectWorld.Settings(
        session: session, host: host, suite: test.file,
        space: .commits(repository: history.folder, goods: [], bad: commit), testCase: testCase,
        parameters: parameters, kernels: order.kernels),
      aim: target.map { BisectAim(testCase: testCase, target: $0) }, aimed: { _ in })
    let place = try await ratePlace()
    var rate = try await rate(in: world, keptAt: place)
    let kernel = try await world.kernel(of: .commit(commit))
    guard kernel.kernel != nil else {
      say("\(commit.prefix(12)) is skipped: \(kernel.trouble ?? "it does not build")")
      return .skip
    }
    var test = ReproductionTest(seenAtBadEnd: rate.seen, cleanAtBadEnd: rate.clean, error: order.error)
    for outcome in rate.unfinished?[commit] ?? [] { test.add(outcome) }
    while decision(of: test) == .runAgain {
      let observation = try await world.run(kernel, of: .commit(commit))
      test.add(observation.outcome)
      say("\(commit.prefix(12)): \(BisectText.word(observation.outcome)) (\(observation.note))")
      guard let place else { continue }
      // A step that was decided begins anew when it is asked for again.
      rate.unfinished = decision(of: test) == .runAgain ? [commit: test.outcomes] : nil
      try rate.write(place.file)
    }
    return decision(of: test)
  }

  private func decision(of test: ReproductionTest) -> ReproductionTest.Decision {
    order.always && test.outcomes.last == .clean ? .good : test.decision
  }

  // MARK: - The rate

  /// The file that keeps the rate of a `git bisect`, and its ends.
  private struct RatePlace {
    var file: String
    var bad: String
    var good: String
  }

  /// nil if the rate is not measured.
  private func ratePlace() async throws -> RatePlace? {
    guard order.seen == nil, !order.always else { return nil }
    guard let (bad, good) = try await history.bisectEnds() else { return nil }
    let options =
      order.settings.sorted() + [order.kernels.base] + order.kernels.fragments + [order.guests.accel.rawValue]
    let text = SHA256.hex(of: String(decoding: test.file.bytes, as: UTF8.self))
    let words =
      [history.folder, bad, good, test.file.suite.name, text, test.selection ?? "", target?.text ?? ""] + options
    return RatePlace(file: BisectRate.file(words, in: session.places.stateDirectory), bad: bad, good: good)
  }

  /// Measures how often the failure shows where it is known to exist. Each run is kept when it ends, for later steps.
  private func rate(in world: BisectWorld, keptAt place: RatePlace?) async throws -> BisectRate {
    if let seen = order.seen { return BisectRate(seen: seen, clean: order.clean) }
    if order.always { return BisectRate(seen: 1) }
    guard let place else {
      say(
        "no 'git bisect' is active: the failure may be rare, so that 'good' needs many runs; use --seen to avoid this")
      return BisectRate()
    }
    let (file, bad, good) = (place.file, place.bad, place.good)
    var rate = BisectRate.read(file)
    if rate.baseline == nil {
      say("running the good end \(good.prefix(12)) to learn what fails without the bug")
      rate.baseline = try await world.learnBaseline(try await world.kernel(of: .commit(good)), of: test.file)
      try rate.write(file)
    }
    // Without a target, the bad end determines what this and all later steps follow.
    await world.follow(rate.aim)
    await world.use(rate.baseline ?? BisectBaseline())
    let kernel = rate.isEnough ? nil : try await world.kernel(of: .commit(bad))
    var failures = 0
    while !rate.isEnough, let kernel, kernel.kernel != nil {
      let observation = try await world.run(kernel, of: .commit(bad))
      say("bad end \(bad.prefix(12)): \(BisectText.word(observation.outcome)) (\(observation.note))")
      failures = observation.outcome == .infrastructure ? failures + 1 : 0
      guard failures < 3 else { throw Failure(.host, "the harness failed three times: \(observation.note)") }
      rate.add(observation.outcome)
      rate.aim = await world.aim
      try rate.write(file)
    }
    guard rate.seen > 0 else {
      throw Failure(
        .failed,
        "the bad end \(bad.prefix(12)) showed the failure in none of \(rate.clean + rate.other) runs "
          + "(\(rate.clean) were clean)")
    }
    return rate
  }
}
