import KTestHost
import KTestValues

extension NightJob {
  /// Goes on with the searches of earlier nights, and begins one for each new failure that is worth it.
  func search(on host: OpenHost) async throws {
    guard let ending, order.plan.budget.searches > 0 else { return }
    var searches = ending.memory.searches
    // A night that was closed as interrupted left no memory, but its record names what it began.
    for night in past where night.state == .interrupted && night.id >= memory?.night ?? "" {
      for search in night.searches where !search.id.isEmpty && !searches.contains(where: { $0.id == search.id }) {
        searches.append(known(search, ending.memory))
      }
    }
    let openSeries = Set(ending.memory.series.filter { $0.standing.isOpen }.map(\.id))
      .union((record.metrics ?? []).map(\.id.searched))
    let former = Dictionary(past.flatMap(\.searches).map { ($0.id, $0) }) { $1 }
    var count = record.searches.count { $0.state != .open && former[$0.id]?.state != $0.state }
    // What this night began before it was interrupted, then what earlier ones left.
    for search in searches where (record.searches.last { $0.id == search.id } ?? former[search.id])?.state == .open {
      if record.searches.contains(where: { $0.id == search.id && $0.state != .open }) { continue }
      guard hasTime, count < order.plan.budget.searches else {
        isOutOfBudget = true
        carry(record.searches.last { $0.id == search.id } ?? former[search.id])
        continue
      }
      count += 1
      try await perform(search, on: host) { try BisectJob(resuming: search.id, in: session, tell: tell) }
    }
    for search in record.searches where !search.id.isEmpty && !searches.contains(where: { $0.id == search.id }) {
      // Begun by this night before it was interrupted.
      let known = known(search, ending.memory)
      searches.append(known)
      guard search.state == .open else { continue }
      count += 1
      try await perform(known, on: host) { try BisectJob(resuming: search.id, in: session, tell: tell) }
    }
    // A failure that is gone may come back for another reason.
    searches.removeAll { search in
      search.series.allSatisfy { !openSeries.contains($0) } && stateOf(search.id) != .open
    }
    try await begin(&searches, count, host)
    for place in record.findings.indices {
      let id = NightSeries.ID(kernel: record.findings[place].kernel, series: record.findings[place].series)
      record.findings[place].search = searches.last { $0.series.contains(id) }?.id
    }
    for place in (record.metrics ?? []).indices {
      guard let change = record.metrics?[place],
        let search = searches.last(where: { $0.series.contains(change.id.searched) })
      else { continue }
      record.metrics?[place].search = search.id
    }
    self.ending?.memory.searches = searches
    forgetSearched()
    if let memory = self.ending?.memory { try archive.write(memory) }
    try save()
  }

  /// A change of a metric waits for its search no longer than until that is begun, or cannot be.
  private func forgetSearched() {
    let waiting = Set((record.metrics ?? []).filter { $0.noSearch == .budget }.map(\.id))
    for place in (ending?.memory.metrics ?? []).indices {
      guard let past = ending?.memory.metrics?[place], !waiting.contains(past.id) else { continue }
      ending?.memory.metrics?[place].waiting = nil
    }
  }

  private func stateOf(_ id: String) -> NightRecord.Search.State? { record.searches.last { $0.id == id }?.state }

  /// What the record of a search that is not answered yet says of it.
  private func known(_ search: NightRecord.Search, _ memory: NightMemory) -> NightMemory.Search {
    NightMemory.Search(
      id: search.id, range: SearchWish.Range(good: search.good, bad: search.bad, splat: search.target),
      series: memory.series.map(\.id).filter { search.series.contains($0.series) })
  }

  private func carry(_ search: NightRecord.Search?) {
    guard let search, !record.searches.contains(where: { $0.id == search.id }) else { return }
    record.searches.append(search)
  }

  nonisolated var tell: SearchNews.Sink {
    { [session] news in
      switch news {
      case .note(let text): session.display.notice(text)
      case .row(let text): session.display.notice(text)
      case .activity(let text): session.display.show(.step(text))
      case .idle: session.display.clear()
      }
    }
  }

  /// Searches until there is an answer or the night is over; its runs stay in any case.
  func perform(
    _ search: NightMemory.Search, on host: OpenHost, _ make: () throws -> BisectJob
  ) async throws {
    var entry =
      record.searches.last { $0.id == search.id }
      ?? NightRecord.Search(
        id: search.id, test: search.series.first?.series.name ?? "", target: search.range.splat,
        good: search.range.good,
        bad: search.range.bad, state: .open)
    entry.series = search.series.map(\.series)
    try put(entry)
    let start = ContinuousClock.now
    let report: BisectReport?
    do {
      let job = try make()
      report = try await withinTheNight { try await job.perform(on: host) }
    } catch {
      if error is CancellationError || Task.isCancelled { throw CancellationError() }
      (entry.state, entry.answer) = (.failed, Failure(error).description)
      return try put(entry)
    }
    entry.seconds += (ContinuousClock.now - start) / .seconds(1)
    guard let report else {
      isOutOfBudget = true
      entry.answer = "it goes on in the next night"
      return try put(entry)
    }
    (entry.test, entry.target, entry.runs) = (report.test, report.target, report.runs)
    (entry.confidence, entry.answer) = (report.confidence, report.sentence)
    entry.state = report.hasAnswer ? .answered : .failed
    try put(entry)
  }

  private func put(_ entry: NightRecord.Search) throws {
    if let place = record.searches.firstIndex(where: { $0.id == entry.id }) {
      record.searches[place] = entry
    } else {
      record.searches.append(entry)
    }
    try save()
  }

  /// Returns nil if the night ends before the body does, which is then cancelled.
  func withinTheNight(
    _ body: @escaping @Sendable () async throws -> BisectReport
  ) async throws -> BisectReport? {
    let deadline = deadline
    return try await withThrowingTaskGroup(of: BisectReport?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(until: deadline)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { return nil }
      if first != nil { return first }
      group.cancelAll()
      // What is under way winds up, and may have its answer just now.
      do { return try await group.next() ?? nil } catch is CancellationError {
        try Task.checkCancellation()
        return nil
      }
    }
  }
}

extension SeriesStanding {
  var isOpen: Bool { if case .open = self { true } else { false } }
}

extension BisectReport {
  /// The answer in one sentence.
  var sentence: String {
    switch answer {
    case .commit(let commit): "first bad commit: \(commit.reference)"
    case .build(let good, let bad, let symbols):
      symbols.isEmpty
        ? "first bad build: \(BisectText.short(bad)); the one before it is \(BisectText.short(good))"
        : "caused by \(symbols.joined(separator: ", "))"
    case .parameters(let parameters): "caused by \(parameters.joined(separator: " "))"
    case .oneOf(let commits): "one of these \(commits.count): \(commits.map(BisectText.short).joined(separator: ", "))"
    case .none(let reason): "no answer: \(reason)"
    }
  }

  var hasAnswer: Bool { if case .none = answer { false } else { true } }
}
