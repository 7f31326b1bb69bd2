import KTestHost
import KTestValues

extension NightJob {
  /// Plants a known bug if it is its turn, and looks for it as for any other. Its runs are no results of the night: they are
  /// neither in a finding nor in the memory nor in the index.
  func drill(on host: OpenHost) async throws {
    // In the first night everything is new, and nothing can be a new failure.
    guard let drills = order.plan.drills, let patch = patch(drills), memory != nil, record.drills.isEmpty, hasTime,
      let kernel = record.kernels.first(where: { $0.name == drills.kernel }), kernels[kernel.name] != nil,
      let wanted = order.plan.kernels.first(where: { $0.name == drills.kernel })
    else { return }
    let file = patch.split(separator: "/").last.map(String.init) ?? patch
    let name = file.hasSuffix(".patch") ? String(file.dropLast(6)) : file
    var drill = NightRecord.Drill(
      name: name, kernel: kernel.name, series: SeriesKey(suite: "", test: ""), wasFound: false)
    do {
      try await perform(&drill, patch, kernel, wanted, host)
    } catch let error as JournalError {
      throw error
    } catch {
      if error is CancellationError || Task.isCancelled { throw CancellationError() }
      drill.problem = Failure(error).description
      session.display.notice("the drill \(name): \(Failure(error).description)")
    }
    let all = past.flatMap(\.drills).filter(\.wasRun) + (drill.wasRun ? [drill] : [])
    if !all.isEmpty {
      drill.tally = NightRecord.Drill.Tally(found: all.count { $0.wasFound }, all: all.count)
    }
    record.drills.append(drill)
    try save()
  }

  /// The patch that is planted tonight; nil if there is no drill.
  private func patch(_ drills: NightPlan.Drills) -> String? {
    let nights = past.filter { $0.state != .interrupted }
    guard nights.reversed().prefix(while: \.drills.isEmpty).count + 1 >= drills.every, !drills.patches.isEmpty else {
      return nil
    }
    return drills.patches[nights.flatMap(\.drills).count % drills.patches.count]
  }

  private func perform(
    _ drill: inout NightRecord.Drill, _ patch: String, _ kernel: NightRecord.Kernel, _ wanted: NightPlan.Kernel,
    _ host: OpenHost
  ) async throws {
    guard case .branch(let tree, _, _) = wanted.source else { return }
    session.display.notice("drill: \(drill.name) is planted in \(kernel.name)")
    let bug = try await PlantedBug(
      patch, named: drill.name, in: try await GitHistory(containing: tree), at: kernel.commit,
      place: Int(truncatingIfNeeded: record.started / 1000),
      keptAs: GitHistory.reference(for: "\(order.plan.name)-\(kernel.name)-drill"))
    drill.planted = bug.culprit
    let build = try await build("\(tree)@\(bug.head)", wanted)
    for suite in order.suites(on: kernel.name) where hasTime {
      try await run([suite.file], suite.parameters, on: kernel.name, kernel: build, .drill, host, drill: drill.name)
    }
    let ending = try await decide(build, kernel.name, drill.name, host)
    // What fails without the bug does not show it.
    let failing = Set(
      record.findings.filter { $0.kernel == kernel.name && $0.failures > 0 }.map(\.series.wholeCase))
    let found = ending.findings.first { $0.word == .newFailure && !failing.contains($0.series.wholeCase) }
    guard var found else {
      drill.wasFound = !ending.floods.isEmpty
      if !drill.wasFound, !hasTime { drill.problem = "the night's time was over before it was decided" }
      return
    }
    (drill.wasFound, drill.series) = (true, found.series)
    found.lastGood = NightRecord.Build(label: String(bug.good.prefix(12)), identity: "", commit: bug.good)
    found.firstBad = NightRecord.Build(
      label: build.label, identity: build.identity, commit: bug.head, argument: build.source.argument ?? "")
    try await search(found, bug, &drill, host)
  }

  /// Runs what failed again, with the bug and without it, until each failure is decided.
  private func decide(
    _ build: KernelBuild, _ kernel: String, _ drill: String, _ host: OpenHost
  ) async throws -> NightJudge.Ending {
    while true {
      try Task.checkCancellation()
      let judge = try await judge(of: build, on: kernel)
      let steps = judge.steps
      // What shows the bug comes before what shows that tonight's kernel has none.
      let step: SeriesNight.Step = steps.values.contains(.run) ? .run : .runGoodKernel
      let ids = steps.filter { $0.value == step }.map(\.key).sorted { $0.series < $1.series }
      // Each series is decided after at most so many runs; one that gives no result would never be.
      let runs = record.runs.count { $0.purpose == .drill }
      guard !ids.isEmpty, hasTime, runs < order.suites(on: kernel).count + NightJob.mostDrillRuns else {
        return judge.end()
      }
      for selection in selections(of: ids, on: kernel) where hasTime {
        try await run(
          selection.files, selection.parameters, on: kernel, kernel: step == .run ? build : nil, .drill, host,
          drill: drill)
      }
      if record.runs.count(where: { $0.purpose == .drill }) == runs { return judge.end() }
    }
  }

  private static let mostDrillRuns = 24

  /// The judge of the planted kernel's results, as if it were tonight's. Tonight's own is the good kernel beside it, and what it
  /// has shown so far counts.
  private func judge(of build: KernelBuild, on kernel: String) async throws -> NightJudge {
    var results = NightResults(memory)
    for run in record.runs where run.kernel == kernel && !run.purpose.isOfGoodKernel {
      guard let journal = try? readJournal(at: "\(session.places.stateDirectory)/runs/\(run.id)"),
        journal.state != .running, let manifest = journal.manifest
      else { continue }
      let isPlanted = manifest.kernels.contains { $0.identity == build.identity }
      results.add(IndexedRun(journal, name: run.id, withDrills: true), of: kernel, isControl: !isPlanted)
    }
    var situation = try await situation(of: results.series)
    situation.controls = Set(situation.results.map(\.id))
    situation.changed = [kernel]
    return NightJudge(situation)
  }

  private func search(
    _ found: NightRecord.Finding, _ bug: PlantedBug, _ drill: inout NightRecord.Drill, _ host: OpenHost
  ) async throws {
    guard order.plan.budget.searches > 0, let plan = try await SearchPlan(found, order, session) else { return }
    var search = plan.order
    (search.guests, search.drill) = (order.guests, drill.name)
    let job = try await BisectJob(search, in: session, tell: tell)
    drill.search = job.name
    guard let report = try await withinTheNight({ try await job.perform(on: host) }) else {
      drill.problem = "the night's time was over before its search ended"
      return
    }
    drill.culprit = report.sentence
    switch report.answer {
    case .commit(let commit): drill.isCulpritRight = commit.commit == bug.culprit
    case .oneOf(let commits): drill.isCulpritRight = commits.contains(bug.culprit)
    case .build, .parameters, .none: drill.isCulpritRight = false
    }
  }
}
