import KTestValues

/// An event with an impossible number. Sums over such numbers would overflow, and nothing else in the file could be
/// trusted either.
struct ImpossibleEvent: Error, Equatable {
  /// The number, for example `subtests.pass is 9223372036854775807`.
  var what: String
}

extension RunEvent {
  /// The maximum number of cases, subtests or boots that a run can have.
  static let mostCounted = 1_000_000_000
  /// Thirty years in seconds, in either direction, because a host's clock may be set back.
  static let mostSeconds = 1e9
  /// The maximum offset in a console file in bytes.
  static let mostBytes = 1 << 50

  /// Throws ``ImpossibleEvent`` for the first number that is out of bounds.
  func checkPlausible() throws(ImpossibleEvent) {
    switch self {
    case .runStarted(let cases, let boots):
      try count(cases, "plannedCases")
      try count(boots, "plannedBoots")
    case .roundStarted(let round, let planned):
      try count(round, "round")
      try count(planned, "plannedRounds")
    case .groupAnswered(let group):
      try count(group.round, "answer.round")
      try count(group.group, "answer.group")
      try count(group.firstBoot, "answer.firstBoot")
    case .bootStarted(let boot, _, _, _): try count(boot, "boot")
    case .bootReady(let boot, let seconds):
      try count(boot, "boot")
      try time(seconds, "seconds")
    case .caseStarted(let boot, _, _, _): try count(boot ?? 0, "boot")
    case .caseFinished(_, _, let result): try check(result)
    case .bootFinished(let result): try check(result)
    case .runFinished(_, _, let seconds): try time(seconds, "seconds")
    case .commandLine(let boot, _): try count(boot, "boot")
    case .splat(let boot, let splat):
      try count(boot, "boot")
      try check([splat.note])
    case .notice, .suitePlanned, .caseAbsent, .console, .output, .artefact, .evidence, .provoked, .splatPending,
      .underWay:
      break
    }
  }

  private func check(_ result: CaseResult) throws(ImpossibleEvent) {
    try time(result.seconds, "seconds")
    try count(result.boot ?? 0, "boot")
    try count(result.round ?? 0, "round")
    try count(result.attempt?.number ?? 0, "attempt.number")
    try count(result.attempt?.limit ?? 0, "attempt.limit")
    let counts = result.subtests
    let named = [("pass", counts.pass), ("fail", counts.fail), ("skip", counts.skip), ("known", counts.known)]
    for (name, number) in named { try count(number, "subtests.\(name)") }
    try check(result.splats)
    try check(result.limit)
    if let usage = result.usage {
      try time(usage.userSeconds, "userSeconds")
      try time(usage.systemSeconds, "systemSeconds")
      guard usage.peakResidentKiB <= UInt64(RunEvent.mostBytes) else {
        throw ImpossibleEvent(what: "peakResidentKiB is \(usage.peakResidentKiB)")
      }
    }
  }

  private func check(_ result: BootResult) throws(ImpossibleEvent) {
    try count(result.id, "id")
    try time(result.readySeconds ?? 0, "readySeconds")
    try time(result.seconds, "seconds")
    try check(result.limit)
    try check(result.splats)
  }

  private func check(_ limit: StretchedLimit?) throws(ImpossibleEvent) {
    try time(limit?.seconds ?? 0, "limit.seconds")
    try time(limit?.addedSeconds ?? 0, "limit.addedSeconds")
  }

  private func check(_ splats: [SplatNote]) throws(ImpossibleEvent) {
    for splat in splats {
      for (name, place) in [("start", splat.start), ("end", splat.end)]
      where !(0...RunEvent.mostBytes).contains(place) { throw ImpossibleEvent(what: "\(name) is \(place)") }
    }
  }

  private func count(_ number: Int, _ name: String) throws(ImpossibleEvent) {
    guard (0...RunEvent.mostCounted).contains(number) else { throw ImpossibleEvent(what: "\(name) is \(number)") }
  }

  private func time(_ seconds: Double, _ name: String) throws(ImpossibleEvent) {
    guard abs(seconds) <= RunEvent.mostSeconds else { throw ImpossibleEvent(what: "\(name) is \(seconds)") }
  }
}
