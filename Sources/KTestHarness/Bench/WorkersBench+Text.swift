import KTestValues

extension WorkersBench {
  /// A table in Markdown: one row for each size, rate, build and number of workers.
  package var text: String {
    var lines = [
      "| commits | rate | rough | build | workers | right / wrong / undecided | runs | kernels | ended | seconds | faster "
        + "| seconds of workers | more |",
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows {
      for tally in row.tallies {
        func mean(_ sum: Double) -> String { BisectBench.tenths(tally.share(sum)) }
        func percent(_ count: Int) -> String { BisectBench.percent(tally.share(Double(count))) }
        let one = row.tallies[0]
        let cells = [
          "\(row.commits)", BisectBench.percent(row.rate), row.isRough ? "yes" : "no",
          "\(BisectBench.tenths(row.build)) s",
          "\(tally.workers)", [tally.right, tally.wrong, tally.undecided].map(percent).joined(separator: " / "),
          mean(Double(tally.runs)), mean(Double(tally.kernels)), mean(Double(tally.ended)), mean(tally.seconds),
          BisectBench.tenths(one.seconds / max(tally.seconds, 0.001)) + " ×", mean(tally.work),
          BisectBench.tenths(tally.work / max(one.work, 0.001)) + " ×",
        ]
        lines.append("| " + cells.joined(separator: " | ") + " |")
      }
    }
    let histories = rows.reduce(0) { $0 + $1.tallies[0].histories }
    let worst = rows.flatMap(\.tallies).map(\.wrongShare).max() ?? 0
    lines.append("")
    lines.append(
      "\(histories) histories, seed \(seed), at most \(BisectBench.percent(1 - parameters.confidence)) wrong culprits "
        + "requested; maximum in a row: \(BisectBench.percent(worst))")
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: String {
    func fields(_ tally: Tally) -> JSONValue {
      .object([
        ("workers", .int(tally.workers)), ("right", .int(tally.right)), ("wrong", .int(tally.wrong)),
        ("undecided", .int(tally.undecided)), ("runs", .int(tally.runs)), ("kernels", .int(tally.kernels)),
        ("ended", .int(tally.ended)), ("seconds", .seconds(tally.seconds)), ("work", .seconds(tally.work)),
      ])
    }
    let measured = rows.map { row in
      JSONValue.object([
        ("commits", .int(row.commits)), ("rate", .seconds(row.rate)), ("rough", .bool(row.isRough)),
        ("build", .seconds(row.build)), ("workers", .array(row.tallies.map(fields))),
      ])
    }
    return JSONValue.object([("seed", .int(Int(truncatingIfNeeded: seed))), ("rows", .array(measured))]).line + "\n"
  }
}
