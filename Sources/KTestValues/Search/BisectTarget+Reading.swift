extension BisectTarget {
  /// Reads one run of the case.
  ///
  /// A sighting of the target's splat counts whatever happened later: a guest that hangs or is lost afterwards has
  /// shown it. Otherwise a run says nothing if the harness lost it, if it did not boot, or if it did not execute the
  /// test.
  ///
  /// - Parameters:
  ///   - boot: the boot it ran in, or in which it should have run.
  ///   - metrics: the values that the case printed, by name.
  package func read(
    _ result: CaseResult, boot: BootResult? = nil, metrics: [String: Double] = [:],
    tolerating tolerated: ToleratedFailures = ToleratedFailures()
  ) -> TargetReading {
    let splats = result.splats + (boot?.splats ?? [])
    if case .splat(let wanted) = self, let found = splats.first(where: { wanted.matches(Signature(title: $0.title)) }) {
      return TargetReading(.targetSeen, "kernel: \(found.title)")
    }
    let reason = result.reason ?? "the case ended with \(result.verdict.rawValue)"
    if result.verdict == .error || boot?.verdict == .error { return TargetReading(.infrastructure, reason) }
    if let boot, boot.readySeconds == nil { return TargetReading(.unusable, boot.reason ?? reason) }
    if result.verdict == .skip || Self.isVacuous(result) { return TargetReading(.unusable, reason) }
    if let foreign = splats.first(where: { !tolerated.splats.contains($0.title) }) {
      let other = BisectTarget.splat(Signature(title: foreign.title))
      return TargetReading(.otherFailure, "kernel: \(foreign.title)", other: other)
    }
    return switch self {
    case .splat: withoutSplat(result, reason, tolerated)
    case .subtest(let id): subtest(id, result, reason)
    case .metric(let name, let threshold, let isBadAbove):
      metric(metrics[name], name, threshold, isBadAbove, result, reason, tolerated)
    case .verdict(let wanted): verdict(wanted, result, reason, tolerated)
    }
  }

  /// Returns whether the case finished without a new failure.
  private func isUneventful(_ result: CaseResult, _ tolerated: ToleratedFailures) -> Bool {
    if result.verdict == .pass { return true }
    let failed = result.notes.filter { $0.verdict == .fail && !$0.known }
    guard failed.allSatisfy({ tolerated.subtests.contains($0.id) }) else { return false }
    // It failed only because of a splat that is always there: foreign ones were found before.
    return result.verdict == .fail && Self.failsOnlyBy([.splat, .subtest], result)
  }

  /// Returns whether all findings are of these kinds, or of kinds that a complete run may have as well.
  private static func failsOnlyBy(_ kinds: Set<CaseFinding.Kind>, _ result: CaseResult) -> Bool {
    let wrong = Set(result.findings.filter(\.verdict.isBad).map(\.kind))
    return !wrong.isDisjoint(with: kinds) && wrong.isSubset(of: kinds.union([.splat, .kernelMessage, .metric]))
  }

  /// A `fail` because of subtests and nothing else is complete: missing results and a bail-out are findings of their own.
  private static func gaveAllResults(_ result: CaseResult) -> Bool {
    result.verdict == .fail && failsOnlyBy([.subtest], result)
  }

  private func otherFailure(_ result: CaseResult, _ reason: String) -> TargetReading {
    TargetReading(.otherFailure, reason, other: BisectTarget(mostTellingOf: result))
  }

  private func withoutSplat(_ result: CaseResult, _ reason: String, _ tolerated: ToleratedFailures) -> TargetReading {
    isUneventful(result, tolerated) ? TargetReading(.clean, "no such splat") : otherFailure(result, reason)
  }

  private func subtest(_ id: String, _ result: CaseResult, _ reason: String) -> TargetReading {
    if let note = result.notes.first(where: { $0.id == id }) {
      switch note.verdict {
      case .fail: return TargetReading(.targetSeen, note.detail.isEmpty ? "\(id) failed" : "\(id): \(note.detail)")
      case .skip: return TargetReading(.unusable, "\(id) was skipped")
      default: return TargetReading(.clean, "\(id) passed")
      }
    }
    // Passed subtests are not listed. If others failed and no result is missing, this one passed.
    let passed = result.verdict == .pass || Self.gaveAllResults(result)
    return passed ? TargetReading(.clean, "\(id) did not fail") : otherFailure(result, reason)
  }

  private func metric(
    _ value: Double?, _ name: String, _ threshold: Double, _ isBadAbove: Bool, _ result: CaseResult, _ reason: String,
    _ tolerated: ToleratedFailures
  ) -> TargetReading {
    guard isUneventful(result, tolerated) else { return otherFailure(result, reason) }
    guard let value, value.isFinite else { return TargetReading(.unusable, "the case printed no metric '\(name)'") }
    let isBad = isBadAbove ? value > threshold : value < threshold
    return TargetReading(isBad ? .targetSeen : .clean, "\(name) is \(value)")
  }

  private func verdict(
    _ wanted: Verdict, _ result: CaseResult, _ reason: String, _ tolerated: ToleratedFailures
  ) -> TargetReading {
    if isUneventful(result, tolerated) { return TargetReading(.clean, "the case finished without it") }
    return result.verdict == wanted ? TargetReading(.targetSeen, reason) : otherFailure(result, reason)
  }
}
