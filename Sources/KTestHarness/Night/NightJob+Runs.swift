import KTestHost
import KTestValues

extension NightJob {
  /// How much the night has of a suite on a kernel.
  enum Progress: Sendable, Equatable {
    case fresh
    /// Begun; these selections of cases are left.
    case left([String])
    case done
  }

  /// If no kernel changed, what is undecided or fails now and then comes first: it tells most.
  func runTelling(on host: OpenHost) async throws {
    let known = record.kernels.filter { $0.problem == nil }
    guard record.runs.isEmpty, let memory, !known.isEmpty, !known.contains(where: \.isChanged) else { return }
    for kernel in known {
      let telling = memory.series.filter { series in
        series.id.kernel == kernel.name
          && (series.word == .undecided || series.word == .flaky || series.word == .silent)
      }
      for files in selections(of: telling.map(\.id), on: kernel.name) where hasTime && hasRuns {
        try await run(files.files, files.parameters, on: kernel.name, .again, host)
      }
    }
  }

  /// Runs each suite on each kernel, unless an earlier call has done it.
  func runPlan(on host: OpenHost) async throws {
    for kernel in order.plan.kernels where kernels[kernel.name] != nil {
      for suite in order.suites(on: kernel.name) {
        var file = suite.file
        switch try progress(of: suite, on: kernel.name) {
        case .done: continue
        case .fresh: break
        case .left(let cases): file.cases = cases
        }
        guard hasTime else {
          isOutOfBudget = true
          miss(.time, kernel: kernel.name, name: suite.name, "the night's time was over before it")
          continue
        }
        try await run([file], suite.parameters, on: kernel.name, .planned, host)
        if !hasTime, try progress(of: suite, on: kernel.name) != .done {
          isOutOfBudget = true
          miss(.time, kernel: kernel.name, name: suite.name, "the night's time was over before its end")
        }
      }
    }
    try save()
  }

  var hasRuns: Bool {
    record.runs.count { $0.purpose != .planned && $0.purpose != .drill } < order.plan.budget.runs
  }

  /// Does one run and takes its results. What keeps it from running is noted as not tested.
  ///
  /// - Parameters:
  ///   - kernel: the kernel that is booted; nil for tonight's.
  ///   - drill: the planted bug in it. What keeps a drill from running is thrown, because the night's tests do not miss it.
  func run(
    _ files: [SuiteFile], _ parameters: [String: String], on name: String, kernel: KernelBuild? = nil,
    _ purpose: NightRecord.Run.Purpose, _ host: OpenHost, drill: String? = nil
  ) async throws {
    guard let build = kernel ?? kernels[name] else { return }
    var job = RunJob(session, suites: files, kernels: [build], parameters: parameters)
    job.drill = drill
    let cells = try files.flatMap { file in
      try SuiteRequest(file.suite, cases: file.cases).chosen.map(\.cell.name)
    }
    job.begun = { [self] id in
      try await begin(NightRecord.Run(id: id, purpose: purpose, kernel: name, suites: cells))
    }
    job.enough = { [deadline] in
      try? await Task.sleep(until: deadline)
      return Task.isCancelled ? nil : "the night's time is over"
    }
    do {
      let outcome = try await job.perform(try await job.plan(on: host), on: host)
      try Task.checkCancellation()
      try take(outcome.directory, in: record.runs.last?.id ?? "")
    } catch let error as JournalError {
      throw error
    } catch {
      if error is CancellationError || Task.isCancelled { throw CancellationError() }
      let failure = Failure(error)
      if drill != nil { throw failure }
      for file in files {
        session.display.notice("\(file.suite.name) on \(name) is not tested: \(failure.description)")
        miss(.suite, kernel: name, name: file.suite.name, failure.description)
      }
    }
    try save()
  }

  private func begin(_ run: NightRecord.Run) throws {
    record.runs.append(run)
    try save()
  }

  private func take(_ directory: String, in id: String) throws {
    let run = IndexedRun(try readJournal(at: directory), name: id)
    indexed[id] = run
    if !run.hosts.isEmpty { record.hosts = (record.hosts ?? []).adding(run.hosts) }
  }

  /// What the journals say of a suite on a kernel.
  func progress(of suite: NightOrder.Suite, on kernel: String) throws -> Progress {
    let runs = record.runs.filter { run in
      run.purpose == .planned && run.kernel == kernel
        && run.suites.contains { SeriesKey.parts(ofSuite: $0).suite == suite.name }
    }
    guard !runs.isEmpty else { return .fresh }
    var done: Set<[String]> = []
    for run in runs {
      guard let journal = try? readJournal(at: "\(session.places.stateDirectory)/runs/\(run.id)") else { continue }
      if journal.state == .finished, !journal.summary.interrupted { return .done }
      for result in journal.summary.suites {
        for test in result.cases where test.verdict != .error { done.insert([result.name, test.name]) }
        for test in result.absent { done.insert([result.name, test.name]) }
      }
    }
    if done.isEmpty || suite.file.suite.collection != nil { return .left(suite.file.cases) }
    let left = try suite.cells.flatMap { cell in
      cell.cases.filter { !done.contains([cell.name, $0]) }.map { NightJob.selection(cell: cell.name, test: $0) }
    }
    return left.isEmpty ? .done : .left(left)
  }

  static func selection(cell: String, test: String) -> String {
    let cell = SeriesKey.parts(ofSuite: cell).cell
    return cell.isEmpty ? test : "[\(cell)]:\(test)"
  }

  /// The cases of some series as files to run; those that take other parameters are another run.
  func selections(
    of ids: [NightSeries.ID], on kernel: String
  ) -> [(files: [SuiteFile], parameters: [String: String])] {
    var groups: [(files: [SuiteFile], parameters: [String: String])] = []
    for name in Set(ids.map(\.series.suite)).sorted() {
      guard let suite = order.suite(name, on: kernel) else { continue }
      var file = suite.file
      file.cases = Set(ids.filter { $0.series.suite == name }.map(\.series)).map { series in
        series.cell.isEmpty ? series.test : "[\(series.cell)]:\(series.test)"
      }.sorted().reduce(into: []) { if $0.last != $1 { $0.append($1) } }
      // A case that the suite does not have any more cannot be run again.
      file.cases.removeAll { test in
        do { try SuiteRequest(file.suite, cases: [test]).check() } catch { return true }
        return false
      }
      guard !file.cases.isEmpty else { continue }
      if let place = groups.firstIndex(where: { $0.parameters == suite.parameters }) {
        groups[place].files.append(file)
      } else {
        groups.append(([file], suite.parameters))
      }
    }
    return groups
  }
}
