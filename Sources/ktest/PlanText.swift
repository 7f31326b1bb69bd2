import KTestHarness

extension Plan {
  /// `--dry-run`: every guest with its cases, and how long it takes by what earlier runs on this host took.
  func text(_ times: FormerTimes) -> String {
    var lines: [String] = []
    var total = 0.0
    var unknown = 0
    for (number, boot) in bootLists.enumerated() {
      guard let first = boot.first else { continue }
      let start = times.bootSeconds(suite: first.suite.suite.name)
      total += start ?? 0
      lines.append(
        "boot \(number + 1)  \(first.suite.suite.name) on \(first.suite.kernel.label), "
          + (start.map { "about \(Plan.duration($0))" } ?? "unknown"))
      for entry in boot {
        let name = entry.suite.suite.name == first.suite.suite.name ? "" : "\(entry.suite.suite.name):"
        let expected = times.seconds(suite: entry.suite.suite.name, name: entry.test.name)
        total += expected ?? 0
        unknown += expected == nil ? 1 : 0
        let limit = entry.test.timeout.seconds * settings.timeFactor
        lines.append(
          "  run   \(name)\(entry.test.name), \(expected.map { "about \(Plan.duration($0))" } ?? "unknown"), "
            + "at most \(Int(limit)) s")
      }
    }
    for planned in suites {
      for test in planned.cases {
        guard let reason = test.skip else { continue }
        lines.append("  skip  \(planned.suite.name):\(test.test.name) on \(planned.kernel.label): \(reason)")
      }
    }
    let running = bootLists.reduce(0) { $0 + $1.count }
    var head = ["\(cases) cases in \(boots) boots under \(settings.accelerator.rawValue)"]
    if running > 0, unknown == running {
      head.append("expected: unknown; none of these cases has run on this host under \(settings.accelerator.rawValue)")
    } else if running > 0 {
      let rest = unknown > 0 ? ", and \(unknown) of \(running) cases that have not run on this host" : ""
      head.append("expected: about \(Plan.duration(total))\(rest)")
    }
    return (head + lines).map { sanitised($0) }.joined(separator: "\n") + "\n"
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 10 ? "\((seconds * 10).rounded() / 10) s" : "\(Int(seconds.rounded())) s"
  }
}

extension BuildPlan {
  /// `--dry-run`
  var text: String {
    var lines = ["\(entries.count) cases, nothing boots"]
    for entry in entries {
      let config = entry.test.build?.config.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } ?? []
      lines.append(
        "  build \(entry.suite.name):\(entry.test.name), \(entry.request.targets.joined(separator: " ")) with "
          + "\(entry.request.base) and \(config.joined(separator: " ")), at most \(entry.test.timeout)")
    }
    return lines.map { sanitised($0) }.joined(separator: "\n") + "\n"
  }
}
