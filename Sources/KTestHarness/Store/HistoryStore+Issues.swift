package import KTestValues

extension HistoryStore {
  /// What was seen in the day before the newest run is news.
  private static let newsMilliseconds: Int64 = 86_400_000

  /// Returns the issues of all series, the most urgent first.
  package func issues(excuses: Excuses, today: CalendarDay) async throws -> [Issue] {
    let (table, newest) = try await failures()
    return Issue.gather(
      table, now: newest, lately: newest - HistoryStore.newsMilliseconds, excuses: excuses, today: today)
  }
}
