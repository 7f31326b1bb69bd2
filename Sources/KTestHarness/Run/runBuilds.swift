package import KTestHost
package import KTestValues

/// Compiles the configurations of the plan one after the other.
///
/// A source that does not compile is a verdict. It throws what `emit` throws. Cancelling the task ends `make` and all
/// its children; the verdicts so far stand.
///
/// - Returns: the worst verdict, and whether the run was interrupted.
@discardableResult
package func runBuilds(
  _ plan: BuildPlan, of source: any TargetCompiler, emit: @escaping RunEmit
) async throws -> (verdict: Verdict, interrupted: Bool) {
  let clock = ContinuousClock()
  let started = clock.now
  var verdicts: [Verdict] = []
  try await emit(.runStarted(cases: plan.entries.count, boots: 0))
  for entry in plan.entries where !Task.isCancelled {
    let (suite, name, kernel) = (entry.suite.name, entry.test.name, source.label)
    try await emit(.caseStarted(boot: nil, suite: suite, kernel: kernel, name: name))
    let start = clock.now
    guard var result = await BuildVerdict.of(entry, source: source) else { break }
    result.seconds = (clock.now - start).inSeconds
    if let log = try? KernelFiles.read(source.log(of: entry.request), limit: 16 << 20) {
      try await emit(.output(boot: nil, suite: suite, kernel: kernel, name: name, stream: .stdout, bytes: log))
    }
    verdicts.append(result.verdict)
    try await emit(.caseFinished(suite: suite, kernel: kernel, result: result))
  }
  let verdict = Verdict.summary(of: verdicts)
  let interrupted = Task.isCancelled
  try await emit(.runFinished(verdict: verdict, interrupted: interrupted, seconds: (clock.now - started).inSeconds))
  return (verdict, interrupted)
}

/// The verdict of a build on its source.
enum BuildVerdict {
  /// nil when the run was interrupted meanwhile.
  static func of(_ entry: BuildPlan.Entry, source: any TargetCompiler) async -> CaseResult? {
    let name = entry.test.name
    do {
      guard let built = try await compile(entry, source) else {
        let why = VerdictReason(.timeout, "timed out after \(entry.test.timeout)")
        return CaseResult(name: name, verdict: .timeout, why: why)
      }
      return result(name, built, allowed: entry.test.build?.warnings)
    } catch is CancellationError {
      return nil
    } catch let error as KernelBuildError {
      let (verdict, why) = judged(error)
      return CaseResult(name: name, verdict: verdict, why: why)
    } catch {
      return CaseResult(name: name, verdict: .error, why: VerdictReason(.harness, "\(error)"))
    }
  }

  /// nil when it takes too long.
  private static func compile(_ entry: BuildPlan.Entry, _ source: any TargetCompiler) async throws -> CompiledTargets? {
    try await withThrowingTaskGroup(of: CompiledTargets?.self) { group in
      group.addTask { try await source.compile(entry.request) }
      group.addTask {
        try await Task.sleep(for: entry.test.timeout.duration)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CancellationError() }
      return first
    }
  }

  static func result(_ name: String, _ built: CompiledTargets, allowed: Int?) -> CaseResult {
    var result = CaseResult(name: name, verdict: .pass, metrics: metrics(built))
    if let allowed, built.warnings.count > allowed, let first = built.warnings.first {
      (result.verdict, result.cause) = (.fail, VerdictCause(.warnings))
      result.reason =
        "\(built.warnings.count) \(built.warnings.count == 1 ? "warning" : "warnings"), \(allowed) allowed: \(first)"
    }
    return result
  }

  /// Returns the sizes of everything that is built in together, and of each module.
  private static func metrics(_ built: CompiledTargets) -> [Metric] {
    func metric(_ name: String, _ value: UInt64, of module: String? = nil) -> Metric {
      Metric(name: name, value: Double(value), unit: "bytes", better: .lower, subtest: module)
    }
    var metrics = [Metric(name: "warnings", value: Double(built.warnings.count), unit: "count", better: .lower)]
    let builtIn = built.sizes.filter { !$0.isModule }
    if !builtIn.isEmpty {
      metrics.append(metric("text", builtIn.reduce(0) { $0 + $1.text }))
      metrics.append(metric("data", builtIn.reduce(0) { $0 + $1.data }))
      metrics.append(metric("bss", builtIn.reduce(0) { $0 + $1.bss }))
    }
    for module in built.sizes where module.isModule {
      metrics.append(metric("text", module.text, of: module.target))
      metrics.append(metric("data", module.data, of: module.target))
      metrics.append(metric("bss", module.bss, of: module.target))
    }
    return metrics
  }

  static func judged(_ error: KernelBuildError) -> (Verdict, why: VerdictReason) {
    switch error {
    case .configurationImpossible(_, let shortfalls, _):
      let text = shortfalls.map(\.sentence).joined(separator: "; ")
      let symbols = shortfalls.map { "CONFIG_" + KernelConfig.bare($0.wish.symbol) }
      return (.skip, VerdictReason(.missingConfiguration, text, names: symbols))
    case .conflicts(let sentences):
      return (.skip, VerdictReason(.missingConfiguration, sentences.joined(separator: "; ")))
    case .doesNotCompile(_, let messages, let lines, _):
      let rest = messages.count - 1
      let text =
        messages.first.map { "\($0)\(rest > 0 ? " (and \(rest) more)" : "")" }
        ?? lines.prefix(3).joined(separator: "; ")
      return (.fail, VerdictReason(.compiler, text))
    case .configurationFailed(let lines, _):
      let text = "the tree cannot be configured: \(lines.suffix(3).joined(separator: "; "))"
      return (.fail, VerdictReason(.compiler, text))
    case .badSource, .noSelftests, .badPlace, .noSuchRevision, .badFragment, .builtInPlace, .revertConflicts,
      .sourceChanges,
      .toolMissing,
      .headerMissing,
      .diskFull, .outOfMemory, .hostFailed, .fetchFailed, .cannotWrite, .elsewhere:
      return (.error, VerdictReason(.harness, "\(error)"))
    }
  }
}
