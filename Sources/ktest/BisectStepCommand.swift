import ArgumentParser
import Foundation
import KTestHarness

/// The driver of `git bisect run`.
struct BisectStepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect-step", abstract: "Test the tree that is checked out, for 'git bisect run'.",
    discussion: """
      Builds the commit that is checked out, runs the case until it is sure, and ends with 0 (good), 1 (bad), 125 (cannot \
      be tested) or 128 (the harness failed: stop). How many runs "good" takes depends on how often the failure shows: \
      the first step measures that on the bad end of 'git bisect', once.

      Example:
        git bisect run ktest bisect-step device-dax:io-2m --splat 'WARNING in percpu_ref_switch_to_atomic_rcu'
      """)

  @Argument(help: ArgumentHelp("What fails: SUITE:CASE or SUITE:CASE:SUBTEST.", valueName: "suite")) var test: String
  @Option(help: ArgumentHelp("The tree.", valueName: "tree")) var repo = "."
  @Option(help: "Do not measure: so many runs of the bad end showed it.") var seen: Int?
  @Option(help: "With --seen: so many did not.") var clean = 0
  @Option(help: "The chance of a wrong answer, in percent.") var error = 1.0
  @Flag(help: "The failure shows in every run: one run is enough.") var always = false
  @Option(name: .customLong("set"), help: ArgumentHelp("A suite's parameter, NAME=VALUE.", valueName: "name=value"))
  var settings: [String] = []
  @OptionGroup var target: TargetOptions
  @OptionGroup var build: BuildOptions
  @OptionGroup var host: HostOptions
  @OptionGroup var places: PlaceOptions

  func validate() throws {
    guard error > 0, error < 50 else { throw ValidationError("--error is above 0 and below 50") }
    guard (seen ?? 0) >= 0, clean >= 0 else { throw ValidationError("--seen and --clean count runs") }
  }

  func run() async throws {
    // 1…127 would be a verdict for git: whatever goes wrong here must stop it.
    var code: Int32 = 128
    do {
      code = try await interruptible { try await perform() }
    } catch {
      let failure = Failure(error)
      writeAll("ktest: \(sanitised(failure.description, keepingLines: true))\n", to: 2)
      code = failure.kind == .interrupted ? 130 : 128
    }
    if code != 0 { throw ExitCode(code) }
  }

  private func perform() async throws -> Int32 {
    let session = places.session
    let test = try BisectTest(test, in: session)
    guard let name = test.testCase else {
      throw Failure(.usage, "name one case: \(test.file.suite.name):CASE")
    }
    let history = try await GitHistory(containing: repo)
    // With --no-checkout it is not HEAD that moves.
    let head = (try? await history.commit("BISECT_HEAD")) ?? nil
    let commit = if let head { head } else { try await history.commit("HEAD") }
    let changed = try await history.uncommitted()
    guard changed.isEmpty else {
      throw Failure(
        .usage,
        "\(history.folder) has changes that are not committed (\(changed.prefix(3).joined(separator: ", "))); a commit is "
          + "tested, so they would be left out")
    }
    let guests = try await session.openHost(host.options)
    let target = try target.chosen(subtest: test.subtest)
    let world = BisectWorld(
      BisectWorld.Settings(
        session: session, suite: test.file, parameters: try suiteParameters(settings, of: [test.file.suite]),
        build: build.options, host: guests.unannounced),
      space: .commits(repository: history.folder, goods: [], bad: commit),
      aim: target.map { BisectAim(testCase: name, target: $0) }, testCase: name, aimed: { _ in })
    let rate = try await rate(history, world, test, target)
    let kernel = try await world.kernel(of: .commit(commit))
    guard kernel.kernel != nil else {
      say("\(commit.prefix(12)) is skipped: \(kernel.trouble ?? "it does not build")")
      return 125
    }
    var decision = ReproductionTest(seenAtBadEnd: rate.seen, cleanAtBadEnd: rate.clean, error: error / 100)
    while true {
      let observation = try await world.run(kernel, of: .commit(commit))
      decision.add(observation.outcome)
      say("\(commit.prefix(12)): \(BisectText.word(observation.outcome)) (\(observation.note))")
      if always, observation.outcome == .clean { return 0 }
      if let code = decision.decision.exitCode { return code }
    }
  }

  /// How often the failure shows where it is known to be. Each run is kept as it ends, for the steps that follow.
  private func rate(
    _ history: GitHistory, _ world: BisectWorld, _ test: BisectTest, _ target: BisectTarget?
  ) async throws -> BisectRate {
    if let seen { return BisectRate(seen: seen, clean: clean) }
    if always { return BisectRate(seen: 1) }
    guard let (bad, good) = try await history.bisectEnds() else {
      say(
        "no 'git bisect' is under way: the failure may be rare, so that 'good' takes many runs; --seen helps"
      )
      return BisectRate()
    }
    let options = settings.sorted() + [build.base] + build.fragment + [host.accel.rawValue]
    let text = SHA256.hex(of: String(decoding: test.file.bytes, as: UTF8.self))
    let key =
      [history.folder, bad, good, test.file.suite.name, text, test.selection ?? "", target?.text ?? ""] + options
    let file = BisectRate.file(key, in: places.places.stateDirectory)
    var rate = BisectRate.read(file)
    if rate.baseline == nil {
      say("running the good end \(good.prefix(12)) for what fails without the bug")
      rate.baseline = try await world.learnBaseline(try await world.kernel(of: .commit(good)), of: test.file)
      try rate.write(file)
    }
    // Without a target the bad end says what is followed, in this step and in all that come.
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
        "the bad end \(bad.prefix(12)) showed it in none of \(rate.clean + rate.other) runs (\(rate.clean) were clean)")
    }
    return rate
  }

  private func say(_ text: String) { writeAll("ktest: \(sanitised(text))\n", to: 2) }
}
