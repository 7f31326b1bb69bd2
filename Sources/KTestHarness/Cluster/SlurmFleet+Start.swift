import KTestHost
import KTestValues

extension SlurmFleet {
  /// The most tasks of one array; Slurm's default for MaxArraySize is 1001.
  private static var mostTasks: Int { 1000 }
  /// How long to wait before what was refused is tried again.
  private static var interval: Duration { .seconds(5) }

  func start(
    _ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void
  ) async throws -> [Attempt] {
    var attempts = attempts
    nextSubmission = nil
    guard let program = try room(for: &attempts) else { return attempts }
    // A node that was in service when the run began may be the only other one for what was lost.
    if attempts.contains(where: { !$0.avoided.isEmpty }), let now = try? await queue.nodes(), !now.isEmpty {
      nodes = now
    }
    for (request, places) in groups(attempts) {
      let number = newBatch(of: attempts[places[0]])
      let folder = "\(place)/\(number)"
      var batch: [Attempt] = []
      do {
        for (index, at) in places.enumerated() {
          var attempt = attempts[at]
          attempt.order = try attempt.order.withFiles(files.add)
          (attempt.folder, attempt.batch) = ("\(number)/\(index)", number)
          try write(attempt, WorkFolder("\(folder)/\(index)"))
          batch.append(attempt)
        }
        jobs[number] = try await queue.submit(
          ["\(root)/\(program)", "work", "--array", folder], script: script, name: name(of: run), count: batch.count,
          request, folder: folder)
        refusals[request] = nil
      } catch let problem as FileProblem where problem.isFull {
        HostFiles.remove(folder)
        wait(for: problem, &attempts)
        return attempts
      } catch let problem as FleetProblem where !problem.isUsage {
        // A full queue, a quota, a controller that is started again: all of it passes, or seems to.
        HostFiles.remove(folder)
        let refusal = await refusal(of: request, problem)
        if refusal.isFinal(patience) { giveUp(places, of: &attempts, refusal.inVain(patience)) }
        // Others may be taken, but one that does not answer is not asked for each of them.
        if isSilent { break }
        continue
      }
      for (index, at) in places.enumerated() {
        // The order keeps its own paths, for another try.
        (attempts[at].folder, attempts[at].batch) = (batch[index].folder, batch[index].batch)
      }
    }
    asked = nil
    return attempts
  }

  private func newBatch(of attempt: Attempt) -> Int {
    defer { batches += 1 }
    return Attempt.batch(batches, of: attempt)
  }

  /// Returns the name of ktest in the folder that nodes share; nil while there is no room.
  private func room(for attempts: inout [Attempt]) throws -> String? {
    do {
      try make()
      if let full = files.shortage() { throw full }
      let name = try files.add(program)
      if !HostFiles.exists(script) { try DurableFile.write(Array("#!/bin/sh\nexec \"$@\"\n".utf8), to: script) }
      if shortage != nil { told.append("there is room in \(root) again") }
      shortage = nil
      return name
    } catch let problem as FileProblem where problem.isFull {
      wait(for: problem, &attempts)
      return nil
    }
  }

  private func wait(for problem: FileProblem, _ attempts: inout [Attempt]) {
    let now = SlurmRefusal(.noRoom, "the folder that nodes share is full: \(root): \(problem.reason)")
    if shortage == nil {
      let limit = DurationValue(patience)
      told.append("\(now.text); groups wait until there is room, for \(limit) if nothing runs; see 'df \(root)'")
    }
    // What runs may leave room when it ends.
    let refusal = underWay > 0 ? now : now.after(shortage)
    (shortage, nextSubmission) = (refusal, .now + SlurmFleet.interval)
    if refusal.isFinal(patience) {
      giveUp(attempts.indices.filter { attempts[$0].folder.isEmpty }, of: &attempts, refusal.inVain(patience))
    }
  }

  private func refusal(of request: SlurmQueue.Request, _ problem: FleetProblem) async -> SlurmRefusal {
    let isCrowded = try? await queue.isCrowded()
    isSilent = isCrowded == nil
    // Nothing is given up before what is under way has ended.
    let reason: SlurmRefusal.Reason =
      underWay > 0 ? .crowd : isCrowded.map { $0 ? .crowd : .nothingQueued } ?? .silence
    let now = SlurmRefusal(reason, "\(problem)")
    let former = refusals[request]
    if former?.reason != reason || former?.text != now.text {
      let limit = now.limit(patience).map { " for \(DurationValue($0))" } ?? ""
      let text = "Slurm takes no job now: \(problem); it is asked again\(limit)"
      if !refusals.values.contains(where: { $0.text == now.text && $0.reason == reason }) { told.append(text) }
    }
    refusals[request] = now.after(former)
    nextSubmission = .now + SlurmFleet.interval
    return now.after(former)
  }

  /// Gives folders to attempts that nobody submits any more: the next look finds them refused.
  private func giveUp(_ places: [Int], of attempts: inout [Attempt], _ reason: String) {
    guard let first = places.first else { return }
    let number = newBatch(of: attempts[first])
    for (index, at) in places.enumerated() {
      (attempts[at].folder, attempts[at].batch) = ("\(number)/\(index)", number)
      refused[attempts[at].folder] = reason
    }
  }

  /// Returns the places of attempts that one array can have, which all ask for the same.
  private func groups(_ attempts: [Attempt]) -> [(SlurmQueue.Request, [Int])] {
    var groups: [(request: SlurmQueue.Request, places: [Int])] = []
    for (place, attempt) in attempts.enumerated() {
      let request = SlurmQueue.Request(for: attempt, on: nodes, overtimes: overtimes[attempt.order.number] ?? 0)
      if let at = groups.firstIndex(where: { $0.request == request && $0.places.count < SlurmFleet.mostTasks }) {
        groups[at].places.append(place)
      } else {
        groups.append((request, [place]))
      }
    }
    return groups
  }
}

extension SlurmRefusal {
  /// What is said of groups that are given up.
  fileprivate func inVain(_ patience: Duration) -> String {
    let limit = DurationValue(self.limit(patience) ?? patience)
    switch reason {
    case .noRoom: return "\(text); nothing ran for \(limit)"
    case .silence: return "Slurm did not answer for \(limit): \(text)"
    case .crowd, .nothingQueued:
      return "Slurm took no job for \(limit), and nothing else of yours is in its queue: \(text)"
    }
  }
}

extension DurationValue {
  fileprivate init(_ duration: Duration) { self.init(milliseconds: Int64(duration / .milliseconds(1))) }
}
