import KTestValues

extension BisectBench {
  /// A table in Markdown: one row for each size, rate and kind of history.
  package var text: String {
    var lines = [
      "| commits | rate | rough | ktest: right / wrong / undecided | runs = ends + search + verification | kernels "
        + "| told the rate: wrong | runs | git bisect, told the rate: repeats | right / wrong / undecided "
        + "| runs (without ends) | git bisect, measuring: sightings | wrong | runs "
        + "| syzkaller: right / wrong / undecided | runs |",
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows {
      let cells = [
        String(row.commits), Self.percent(row.rate), row.isRough ? "yes" : "no", Self.shares(row.ktest),
        Self.phases(row.ktest), Self.mean(row.ktest.kernels, row.ktest),
        Self.percent(row.told.wrongShare), Self.mean(row.told.runs, row.told),
        String(row.repeats), Self.shares(row.git),
        "\(Self.mean(row.git.runs, row.git)) (\(Self.mean(row.git.search, row.git)))",
        String(row.sightings), Self.percent(row.measuring.wrongShare), Self.mean(row.measuring.runs, row.measuring),
        Self.shares(row.syzkaller), Self.mean(row.syzkaller.runs, row.syzkaller),
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    let histories = rows.reduce(0) { $0 + $1.ktest.histories }
    let worst = rows.map(\.ktest.wrongShare).max() ?? 0
    lines.append("")
    lines.append(
      "\(histories) histories, seed \(seed), at most \(Self.percent(1 - parameters.confidence)) wrong culprits requested; "
        + "maximum in a row: \(Self.percent(worst))")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func phases(_ tally: Tally) -> String {
    let parts = [tally.ends, tally.search, tally.verification].map { mean($0, tally) }
    return "\(mean(tally.runs, tally)) = " + parts.joined(separator: " + ")
  }

  private static func shares(_ tally: Tally) -> String {
    [tally.right, tally.wrong, tally.undecided].map { percent(tally.share($0)) }.joined(separator: " / ")
  }

  static func percent(_ share: Double) -> String { "\(tenths(share * 100)) %" }

  private static func mean(_ sum: Int, _ tally: Tally) -> String { tenths(tally.share(sum)) }

  static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
  }

  package var json: String {
    func fields(_ tally: Tally) -> JSONValue {
      .object([
        ("right", .int(tally.right)), ("wrong", .int(tally.wrong)), ("undecided", .int(tally.undecided)),
        ("runs", .int(tally.runs)), ("ends", .int(tally.ends)), ("search", .int(tally.search)),
        ("verification", .int(tally.verification)), ("kernels", .int(tally.kernels)),
      ])
    }
    let measured = rows.map { row in
      JSONValue.object([
        ("commits", .int(row.commits)), ("rate", .seconds(row.rate)), ("rough", .bool(row.isRough)),
        ("ktest", fields(row.ktest)), ("told", fields(row.told)),
        ("repeats", .int(row.repeats)), ("git", fields(row.git)),
        ("sightings", .int(row.sightings)), ("measuring", fields(row.measuring)),
        ("syzkaller", fields(row.syzkaller)),
      ])
    }
    return JSONValue.object([("seed", .int(Int(truncatingIfNeeded: seed))), ("rows", .array(measured))]).line + "\n"
  }
}
