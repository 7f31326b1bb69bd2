import KTestHost
import KTestValues

extension SSHFleet {
  /// What a host brings lies in a folder of its own: no host can answer for another.
  nonisolated func folder(of attempt: Attempt) -> WorkFolder {
    WorkFolder("\(root)/\(attempt.run)/\(attempt.host ?? "none")/\(attempt.folder)")
  }

  /// A file that could not be brought may be why an answer is not complete.
  func outcome(of attempt: Attempt, host: String) async -> AttemptOutcome {
    let outcome = answer(to: attempt, host: host)
    guard case .lost(var loss, let facts, let part) = outcome,
      let worker = workersOf.first(where: { $0.host.name == attempt.host }), let unbrought = await worker.unbrought
    else { return outcome }
    loss.reason += "; not all of its files could be brought: \(unbrought)"
    return .lost(loss, worker: facts, part: part)
  }

  func look(at attempts: [Attempt]) async throws -> [AttemptState] {
    var living: [String: Set<String>] = [:]
    let (run, place) = (run, place)
    await withTaskGroup(of: (String, Set<String>?).self) { group in
      for worker in workersOf where attempts.contains(where: { $0.host == worker.host.name }) {
        group.addTask { (worker.host.name, await worker.look(at: run, to: "\(place)/\(worker.host.name)")) }
      }
      for await (name, answer) in group { living[name] = answer }
    }
    await endOrphans(living)
    for worker in workersOf where living[worker.host.name] != nil {
      guard let unbrought = await worker.unbrought, saidUnbrought.insert(worker.host.name).inserted else { continue }
      told.append("not all files of \(worker.host.name) could be brought: \(unbrought)")
    }
    var states: [AttemptState] = []
    for attempt in attempts {
      let state = await state(of: attempt, living: living)
      switch state {
      case .ended, .lost, .again, .refused: await held.removeValue(forKey: attempt.folder)?.giveBack()
      case .queued, .running: break
      }
      states.append(state)
    }
    known.formUnion(attempts.filter { hasBegun($0) }.map(\.folder))
    await lookAtIdle()
    return states
  }

  func hasBegun(_ attempt: Attempt) -> Bool { folder(of: attempt).readStart(to: attempt) != nil }

  /// A host that answers again may still run what went elsewhere meanwhile.
  func endOrphans(_ living: [String: Set<String>]) async {
    for worker in workersOf {
      guard let alive = living[worker.host.name], let left = orphans.removeValue(forKey: worker.host.name) else {
        continue
      }
      for folder in left.intersection(alive).sorted() { await worker.stop(run, folder) }
    }
  }

  func state(of attempt: Attempt, living: [String: Set<String>]) async -> AttemptState {
    let name = attempt.host ?? ""
    if let reason = refused[attempt.folder] { return .lost(GroupAnswer.Loss(host: name, reason: reason)) }
    if let alive = living[name] {
      if saidSilent.remove(name) != nil { told.append("\(name) answers again") }
      // Only now is all here that it has written before.
      if folder(of: attempt).readEnd(to: attempt) != nil { return .ended(host: name) }
      // One that has begun since its host was asked who lives is not dead.
      if alive.contains(attempt.folder) || !known.contains(attempt.folder) { return young(attempt, name) }
      return .ended(host: name)
    }
    guard let worker = workersOf.first(where: { $0.host.name == name }) else { return .running(host: name) }
    if await worker.isLost {
      return .lost(GroupAnswer.Loss(host: name, reason: "it does not answer"))
    }
    if await worker.silentSince != nil, saidSilent.insert(name).inserted {
      told.append("\(name) does not answer; its guests go on, and it is asked again")
    }
    return .running(host: name)
  }

  /// A worker writes that it has begun within moments; one that never does could not be started.
  func young(_ attempt: Attempt, _ name: String) -> AttemptState {
    guard !hasBegun(attempt) else { return .running(host: name) }
    let first = begun[attempt.folder] ?? .now
    begun[attempt.folder] = first
    return ContinuousClock.now - first > .seconds(60) ? .ended(host: name) : .running(host: name)
  }

  /// A lost host without work is asked again, so that it gets some when it is back.
  func lookAtIdle() async {
    for worker in workersOf where await worker.isSilentAndIdle {
      guard let alive = await worker.look(at: run, to: "\(place)/\(worker.host.name)") else { continue }
      await endOrphans([worker.host.name: alive])
    }
  }
}
