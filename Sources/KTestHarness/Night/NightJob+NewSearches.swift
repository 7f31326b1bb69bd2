import KTestHost
import KTestValues

extension NightJob {
  /// Begins the searches that the budget has room for.
  func begin(_ searches: inout [NightMemory.Search], _ used: Int, _ host: OpenHost) async throws {
    var plans: [SeriesKey: [String: SearchPlan]] = [:]
    var wishes: [SearchWish] = []
    let searched = Set(searches.flatMap(\.series))
    for finding in record.findings where finding.word == .newFailure || finding.word == .stillFailing {
      let id = NightSeries.ID(kernel: finding.kernel, series: finding.series)
      guard !searched.contains(id), var plan = try await SearchPlan(telling(finding), order, session) else { continue }
      plan.wish.series = finding.series
      plans[finding.series, default: [:]][plan.wish.range.key] = plan
      wishes.append(plan.wish)
    }
    for change in record.metrics ?? [] where change.isConfirmed && change.isWorse {
      guard !searched.contains(change.id.searched), let plan = try await SearchPlan(change, order, session) else {
        continue
      }
      plans[plan.wish.series, default: [:]][plan.wish.range.key] = plan
      wishes.append(plan.wish)
    }
    let left = max(0, (deadline - .now) / .seconds(1))
    let open = Set(searches.map(\.range))
    let (chosen, refused) = SearchWish.plan(
      wishes, open: open, seconds: left, searches: max(0, order.plan.budget.searches - used))
    for (wish, why) in refused {
      if why == .budget { isOutOfBudget = true }
      // The same range with the same splat is one search.
      if why == .openSearch, let place = searches.lastIndex(where: { $0.range == wish.range }) {
        searches[place].series += ids(of: wish)
      }
      refuse(wish, why)
    }
    for wish in chosen where hasTime {
      guard let plan = plans[wish.series]?[wish.range.key] else { continue }
      let sharers = refused.filter { $0.why == .openSearch && $0.wish.range == wish.range }.map(\.wish)
      var search = NightMemory.Search(id: "", range: wish.range, series: ([wish] + sharers).flatMap(ids))
      do {
        var order = plan.order
        order.guests = self.order.guests
        let job = try await BisectJob(order, in: session, tell: tell)
        search.id = job.name
        searches.append(search)
        try await perform(search, on: host) { job }
      } catch {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        session.display.notice("no search for \(wish.series.name): \(Failure(error).description)")
        refuse(wish, .noRange)
      }
    }
  }

  /// A subtest that fails in a case with a new splat fails by that, and a search for the subtest alone would see the splat
  /// everywhere.
  private func telling(_ finding: NightRecord.Finding) -> NightRecord.Finding {
    guard !finding.series.subtest.isEmpty, finding.splats.isEmpty else { return finding }
    let id = NightSeries.ID(kernel: finding.kernel, series: finding.series).wholeCase
    return record.findings.first { other in
      other.word == finding.word && !other.splats.isEmpty
        && NightSeries.ID(kernel: other.kernel, series: other.series) == id
    } ?? finding
  }

  private func ids(of wish: SearchWish) -> [NightSeries.ID] {
    record.findings.filter { $0.series == wish.series && ($0.word == .newFailure || $0.word == .stillFailing) }
      .map { NightSeries.ID(kernel: $0.kernel, series: $0.series) }
      + (record.metrics ?? []).map(\.id.searched).filter { $0.series == wish.series }
  }

  private func refuse(_ wish: SearchWish, _ why: SearchWish.Refusal) {
    for place in record.findings.indices where record.findings[place].series == wish.series {
      record.findings[place].noSearch = why
    }
    for place in (record.metrics ?? []).indices where record.metrics?[place].id.searched.series == wish.series {
      record.metrics?[place].noSearch = why
    }
  }
}

extension SearchWish.Range {
  fileprivate var key: String { "\(good) \(bad) \(splat)" }
}
