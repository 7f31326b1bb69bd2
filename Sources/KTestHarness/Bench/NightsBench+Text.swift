import KTestValues

extension NightsBench {
  /// Two tables in Markdown: what each method cost, and what it found.
  package var text: String {
    var lines = [
      "| method | false alarms a year | share of its reports | a night | reported again | runs more a night |",
      "|---|---|---|---|---|---|",
    ]
    let nights = Double(max(1, conditions.nights))
    for tally in tallies {
      let cells = [
        tally.name, String(tally.falseAlarms), NightsBench.percent(tally.falseShare),
        NightsBench.hundredths(Double(tally.falseAlarms) / nights), String(tally.repeats),
        NightsBench.hundredths(Double(tally.reruns) / nights),
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    lines += [
      "",
      "| rate | planted | method | first night | within three | median night | never | in steady series: first night "
        + "| within three | median night |", "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for place in conditions.rates.indices {
      for tally in tallies {
        let (all, steady) = (tally.found[place], tally.foundInSteady[place])
        let cells = [
          NightsBench.percent(all.rate), String(all.planted), tally.name, NightsBench.percent(all.share(within: 1)),
          NightsBench.percent(all.share(within: 3)), all.median.map { String($0) } ?? "–", String(all.missed),
          NightsBench.percent(steady.share(within: 1)), NightsBench.percent(steady.share(within: 3)),
          steady.median.map { String($0) } ?? "–",
        ]
        lines.append("| " + cells.joined(separator: " | ") + " |")
      }
    }
    lines += [
      "",
      "\(conditions.series) series, \(conditions.nights) nights, \(NightsBench.percent(conditions.flakyShare)) of the "
        + "series flaky at 0 to 30 %, \(conditions.sickNights) nights with a failing host, seed \(seed); learned odds "
        + "\(NightsBench.percent(odds)), learned share of steady series \(NightsBench.percent(steadyShare)); "
        + "\(elsewhere) failures that the good kernel had too, \(floods) nights with too many at once",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func percent(_ share: Double) -> String { "\(hundredths(share * 100)) %" }

  private static func hundredths(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    if rest == 0 { return String(whole) }
    return "\(whole).\(rest < 10 ? "0" : "")\(rest % 10 == 0 ? rest / 10 : rest)"
  }

  package var json: String {
    func found(_ found: Found) -> JSONValue {
      .object([
        ("rate", .seconds(found.rate)), ("planted", .int(found.planted)), ("missed", .int(found.missed)),
        ("nights", .array(found.nights.map { .int($0) })),
      ])
    }
    let methods = tallies.map { tally in
      JSONValue.object([
        ("name", .string(tally.name)), ("falseAlarms", .int(tally.falseAlarms)), ("repeats", .int(tally.repeats)),
        ("runsMore", .int(tally.reruns)), ("found", .array(tally.found.map(found))),
        ("foundInSteadySeries", .array(tally.foundInSteady.map(found))),
      ])
    }
    return JSONValue.object([
      ("seed", .int(Int(truncatingIfNeeded: seed))), ("series", .int(conditions.series)),
      ("nights", .int(conditions.nights)), ("elsewhere", .int(elsewhere)), ("floods", .int(floods)),
      ("methods", .array(methods)),
    ]).line + "\n"
  }
}
