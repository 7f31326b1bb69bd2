import KTestHost
import KTestValues

/// The search that a failure of a night asks for.
struct SearchPlan: Sendable {
  var wish: SearchWish
  var order: SearchOrder

  /// What a run takes with its kernel: for the order of searches only.
  private static let (buildSeconds, commitSeconds) = (120.0, 300.0)

  /// Returns nil if nobody can say what would be searched.
  init?(_ finding: NightRecord.Finding, _ night: NightOrder, _ session: Session) async throws {
    guard let suite = night.suite(finding.series.suite, on: finding.kernel),
      let kernel = night.plan.kernels.first(where: { $0.name == finding.kernel }), let bad = finding.firstBad
    else { return nil }
    let good = finding.lastGood ?? NightRecord.Build(label: "", identity: "")
    let cell = finding.series.cell.isEmpty ? "" : "[\(finding.series.cell)]"
    let parts = [finding.series.test, finding.series.subtest].filter { !$0.isEmpty }
    let test = "\(suite.entry.name)\(cell):\(parts.joined(separator: ":"))"
    // What was reported is sure, and its rate is known from more runs every night.
    let rate = finding.rate ?? RunTally(failures: Double(finding.failures), runs: Double(finding.runs)).rate
    wish = SearchWish(
      series: finding.series, probability: finding.probability ?? 0.95, rate: rate, good: good.name, bad: bad.name,
      goodFamily: finding.series.family, badFamily: finding.series.family, splat: finding.splats.first ?? "",
      kernels: 1,
      secondsPerRun: SearchPlan.buildSeconds)
    switch kernel.source {
    case .branch(let tree, _, _):
      order = SearchOrder(test: test, space: .commits(repository: tree, goods: [good.commit], bad: bad.commit))
      wish.secondsPerRun = SearchPlan.commitSeconds
      guard !good.commit.isEmpty, !bad.commit.isEmpty else { break }
      let history = try await GitHistory(containing: tree)
      if try await !history.isAncestor(good.commit, of: bad.commit) {
        // A branch that was rebased is searched from where the two parted.
        guard let base = try await history.mergeBase(good.commit, bad.commit) else { return nil }
        order.space = .commits(repository: tree, goods: [base], bad: bad.commit)
        wish.good = base
      }
      let range = try await history.commits(from: [wish.good], to: bad.commit)
      wish.kernels = SearchPlan.steps(range.split(separator: "\n").count)
      // The configuration that failed, and what the night built is there already.
      order.kernels = KernelBuildOptions(base: kernel.base, fragments: kernel.fragments)
      order.configuredFor = try night.configuredSuites(on: kernel, in: session)
    case .named(let name):
      let names = good.argument.isEmpty ? [] : await SearchPlan.builds(name, good, bad, session)
      order = SearchOrder(test: test, space: .builds(names, repository: nil))
      wish.kernels = SearchPlan.steps(names.count)
      if names.count < 2 { wish.good = "" }
    }
    order.settings = suite.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if finding.series.subtest.isEmpty {
      if let splat = finding.splats.first {
        order.target.splat = splat
      } else if finding.verdict == .crash || finding.verdict == .timeout {
        order.target.verdict = finding.verdict?.rawValue
      }
    }
  }

  /// The search for what moved a metric.
  init?(_ change: NightRecord.MetricChange, _ night: NightOrder, _ session: Session) async throws {
    var finding = NightRecord.Finding(series: change.id.series, kernel: change.id.kernel, word: .newFailure)
    (finding.probability, finding.rate) = (1 - (change.chance ?? 1), 1)
    (finding.lastGood, finding.firstBad) = (change.lastGood, change.firstBad)
    guard let plan = try await SearchPlan(finding, night, session) else { return nil }
    self = plan
    let target = "\(change.id.name)\(change.after > change.before ? ">" : "<")\(change.threshold)"
    order.target = TargetWish(metric: target)
    (wish.series, wish.splat) = (change.id.searched.series, target)
  }

  /// The kernels that a search of that many looks at: both ends, and the halvings between them.
  private static func steps(_ count: Int) -> Int {
    var (left, steps) = (count, 2)
    while left > 1 {
      left /= 2
      steps += 1
    }
    return steps
  }

  /// The builds of the archive from the good end to the bad one; the ends alone, if there is no archive to ask.
  private static func builds(
    _ name: String, _ good: NightRecord.Build, _ bad: NightRecord.Build, _ session: Session
  ) async -> [String] {
    let ends = good.argument == bad.argument ? [] : [good.argument, bad.argument]
    guard case .debian(let kernel, let suite)? = try? KernelSource(parsing: name), case .newest = kernel,
      let series = try? await kernelSeries(
        ["debian:\(kernel)*" + (suite.map { "@\($0)" } ?? "")], cache: session.kernelCache),
      let first = series.names.firstIndex(of: good.argument), let last = series.names.firstIndex(of: bad.argument),
      first < last
    else { return ends }
    return Array(series.names[first...last])
  }
}

extension NightRecord.Build {
  /// What stands for it in the range of a search.
  fileprivate var name: String { commit.isEmpty ? identity : commit }
}
