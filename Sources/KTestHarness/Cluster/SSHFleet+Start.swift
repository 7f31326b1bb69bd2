import KTestHost
import KTestValues

extension SSHFleet {
  static func fits(_ needs: GroupOrder.Needs, _ report: SSHWorker.Report) -> Bool {
    report.machine.memory >= needs.memory && (!needs.kvm || report.guests.kvm)
  }

  func start(
    _ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void
  ) async throws -> [Attempt] {
    var attempts = attempts
    for worker in workersOf where await worker.isUsable {
      let room = await worker.free
      guard room > 0, let report = await worker.report else { continue }
      var places: [Int] = []
      for (place, attempt) in attempts.enumerated() where attempt.folder.isEmpty && places.count < room {
        guard SSHFleet.fits(attempt.order.needs, report) else { continue }
        if attempt.avoided.contains(worker.host.name), await hasOther(for: attempt) { continue }
        places.append(place)
      }
      // Another run may have been faster.
      places = Array(places.prefix(await worker.take(places.count)))
      guard !places.isEmpty else { continue }
      let number = Attempt.batch(batches, of: attempts[places[0]])
      batches += 1
      let folder = "\(place)/\(worker.host.name)/\(number)"
      for index in places.indices { held["\(number)/\(index)"] = worker }
      var names: Set<String> = []
      for (index, at) in places.enumerated() {
        var attempt = attempts[at]
        attempt.order = try attempt.order.withFiles(files.add)
        (attempt.folder, attempt.host) = ("\(number)/\(index)", worker.host.name)
        names.formUnion(attempt.order.files)
        try write(attempt, WorkFolder("\(folder)/\(index)"))
      }
      do {
        try await worker.start(
          number, of: run, from: folder, indexes: Array(places.indices), with: names.sorted(), in: files)
      } catch let failure as SSHLink.Failed {
        // Some of them may run.
        for index in places.indices { refused["\(number)/\(index)"] = "it took no work: \(failure)" }
      }
      for (index, at) in places.enumerated() {
        (attempts[at].folder, attempts[at].batch) = ("\(number)/\(index)", number)
        attempts[at].host = worker.host.name
      }
    }
    await giveUp(&attempts)
    return attempts
  }

  /// What no host can run that still answers is not waited for.
  func giveUp(_ attempts: inout [Attempt]) async {
    var number: Int?
    for (index, at) in attempts.indices.filter({ attempts[$0].folder.isEmpty }).enumerated() {
      guard let reason = await hopelessness(of: attempts[at]) else { continue }
      if number == nil {
        number = Attempt.batch(batches, of: attempts[at])
        batches += 1
      }
      attempts[at].folder = "\(number ?? 0)/\(index)"
      (attempts[at].batch, attempts[at].host) = (number ?? 0, reason.host)
      refused[attempts[at].folder] = reason.reason
    }
  }

  /// Why no host will ever run it; nil if one may.
  func hopelessness(of attempt: Attempt) async -> GroupAnswer.Loss? {
    var last: GroupAnswer.Loss?
    for worker in workersOf {
      if let unfit = await worker.unfit {
        if last == nil { last = GroupAnswer.Loss(host: worker.host.name, reason: unfit) }
        continue
      }
      guard let report = await worker.report, SSHFleet.fits(attempt.order.needs, report) else { continue }
      guard await worker.isLost else { return nil }
      last = GroupAnswer.Loss(
        host: worker.host.name, reason: "it does not answer, and neither does any other host")
    }
    return last
  }

  /// Whether a host that the attempt need not avoid can run it.
  func hasOther(for attempt: Attempt) async -> Bool {
    for worker in workersOf where !attempt.avoided.contains(worker.host.name) {
      guard await worker.unfit == nil, await !worker.isLost, let report = await worker.report else { continue }
      if SSHFleet.fits(attempt.order.needs, report) { return true }
    }
    return false
  }
}
