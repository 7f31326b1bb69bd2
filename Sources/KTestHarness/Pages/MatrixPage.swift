import KTestValues

/// Tests by nights: a row for each series, a column for each night, or for each day that has runs.
struct MatrixPage: Sendable {
  struct Row: Sendable {
    var series: SeriesKey
    var tally: RunTally
    var flips: Int
    /// The worst result of each column that has one.
    var cells: [Int: Cell]
  }

  struct Cell: Sendable {
    var letter: String
    var run: String
    var kernel: String
    var reason: String
  }

  /// The columns that are shown: the newest.
  static let most = 60

  /// The first day of each column, and the column of each run.
  var columns: MatrixColumns
  var rows: [Row]
  var pages: PageIndex
  /// What is known of all series, for programs.
  var json: String?

  /// Returns the row of a series; nil if none of its results is in the columns.
  static func row(_ record: SeriesRecord, _ columns: MatrixColumns) -> Row? {
    var cells: [Int: Cell] = [:]
    for entry in record.entries {
      guard let column = columns.place(of: entry) else { continue }
      if let other = cells[column], rank(other.letter) >= rank(entry.letter) { continue }
      cells[column] = Cell(
        letter: entry.letter, run: entry.run, kernel: PageText.kernel(entry.kernel), reason: entry.reason)
    }
    guard !cells.isEmpty else { return nil }
    return Row(series: record.series, tally: record.tally, flips: record.flips, cells: cells)
  }

  /// The worst result of a night is its letter.
  private static func rank(_ letter: String) -> Int { ["s", "k", "E", ".", "F", "T", "C"].firstIndex(of: letter) ?? 0 }

  func page() -> Page {
    let what = columns.areNights ? "nights" : "days with runs"
    var about = Markup(
      text:
        "\(TerminalText.count(rows.count, "row")), the newest \(columns.days.count) \(what), the newest on the right. "
        + "A letter is the worst result; a blank is no result. Subtests have a row if they were named.")
    about.add(" With JavaScript, the heads of the columns sort, and <kbd>/</kbd> filters.")
    return Page(
      path: PagePath.matrix, title: "Matrix", template: .matrix,
      values: [
        "about": .markup(about), "dates": .markup(dates),
        "rows": .list(rows.map(values)),
      ], json: json)
  }

  /// The month, and the days from top to bottom.
  private var dates: Markup {
    let days = columns.days.map { PageText.day($0) }
    func digit(_ day: String, _ place: Int) -> String { String(day.suffix(2).dropFirst(place).prefix(1)) }
    var months = ""
    for (place, day) in days.enumerated() {
      let isNew = place == 0 || days[place - 1].prefix(7) != day.prefix(7)
      guard isNew, months.count <= place else { continue }
      months += String(repeating: " ", count: place - months.count)
      if place + 7 <= days.count || place == 0 { months += day.prefix(7) }
    }
    let rows = [months, days.map { digit($0, 0) }.joined(), days.map { digit($0, 1) }.joined()]
    return Markup(text: rows.joined(separator: "\n"))
  }

  private func values(_ row: Row) -> PageValues {
    let strip = Strip(
      columns.days.indices.map { column in
        guard let cell = row.cells[column] else { return Strip.Cell(letter: " ") }
        return Strip.Cell(
          letter: cell.letter, target: pages.run(cell.run, from: ""),
          note: "\(PageText.day(columns.days[column])) \(cell.kernel)" + (cell.reason.isEmpty ? "" : ": \(cell.reason)")
        )
      })
    let last = row.cells.max { $0.key < $1.key }?.value.letter ?? " "
    return [
      "name": .text(row.series.name), "flips": .number(row.flips),
      "rate": .text(row.tally.runs > 0 ? "\(row.tally.failures / row.tally.runs)" : "0"),
      "share": .text(PageText.share(row.tally)), "isBad": .flag(last != "."),
      "link": .markup(PageText.link(pages.test(row.series.name, from: ""), row.series.name)),
      "place": .text(row.series.placeText), "strip": .markup(strip.markup),
    ]
  }
}

/// Which column a result belongs to.
struct MatrixColumns: Sendable {
  /// The beginning of each column, in milliseconds since 1970, the oldest first.
  private(set) var days: [Int64]
  private(set) var areNights: Bool
  private var nights: [String: Int] = [:]

  /// Columns are nights if there are any, else days with runs.
  init(nights records: [NightRecord], runs: [(id: String, started: Int64)]) {
    areNights = !records.isEmpty
    if areNights {
      let shown = records.suffix(MatrixPage.most)
      days = shown.map(\.started)
      for (column, record) in shown.enumerated() {
        for run in record.runs where run.purpose != .drill { nights[run.id] = column }
      }
    } else {
      let starts = Set(runs.map { MatrixColumns.day($0.started) }).sorted().suffix(MatrixPage.most)
      days = Array(starts)
    }
  }

  func place(of entry: SeriesRecord.Entry) -> Int? {
    areNights ? nights[entry.run] : days.firstIndex(of: MatrixColumns.day(entry.started))
  }

  private static let length: Int64 = 86_400_000
  private static func day(_ time: Int64) -> Int64 { time - ((time % length) + length) % length }
}
