import KTestGuests
import KTestHost
import KTestValues

/// What `--dry-run` prints: every guest with its cases, and how long they take by what earlier runs on this host took.
package func planReport(_ plan: Plan, times: FormerTimes) -> String {
  var lines: [String] = []
  var total = 0.0
  var unknown = 0
  for (number, boot) in plan.bootLists.enumerated() {
    guard let first = boot.first else { continue }
    let start = times.bootSeconds(suite: first.suite.suite.name)
    total += start ?? 0
    lines.append(
      "boot \(number + 1)  \(first.suite.suite.name) on \(first.suite.kernel.label), "
        + counting(first.suite.suite.guest, plan.settings)
        + (start.map { "about \(expected($0))" } ?? "unknown"))
    for entry in boot {
      let name = entry.suite.suite.name == first.suite.suite.name ? "" : "\(entry.suite.suite.name):"
      let seconds = times.seconds(suite: entry.suite.suite.name, name: entry.test.name)
      total += seconds ?? 0
      unknown += seconds == nil ? 1 : 0
      let limit = plan.settings.adapted(to: entry.suite.suite.guest).limit(of: entry.test).inSeconds
      lines.append(
        "  run   \(name)\(entry.test.name), \(seconds.map { "about \(expected($0))" } ?? "unknown"), "
          + "at most \(Int(limit)) s")
    }
  }
  for planned in plan.suites {
    for test in planned.cases {
      guard let reason = test.skip else { continue }
      let verdict = test.verdict == .skip ? "skip " : "\(test.verdict)"
      lines.append("  \(verdict) \(planned.suite.name):\(test.test.name) on \(planned.kernel.label): \(reason)")
    }
  }
  for planned in plan.suites {
    for test in planned.absent {
      lines.append("  absent  \(planned.suite.name):\(test.name) on \(planned.kernel.label): it \(test.reason)")
    }
  }
  let running = plan.bootLists.reduce(0) { $0 + $1.count }
  let accelerator = plan.settings.accelerator.rawValue
  var head = ["\(plan.cases) cases in \(plan.boots) boots under \(accelerator)"]
  if running > 0, unknown == running {
    head.append("expected: unknown; none of these cases has run on this host under \(accelerator)")
  } else if running > 0 {
    let rest = unknown > 0 ? ", and \(unknown) of \(running) cases that have not run on this host" : ""
    let rounds = plan.settings.course.isRepeated ? " a round" : ""
    head.append("expected: about \(expected(total))\(rounds)\(rest)")
  }
  if let text = plan.settings.course.text { head.append(text) }
  if let load = plan.settings.load {
    head.append("under load: \(load.text); cases have \(GuestLoad.timeFactor) times as long")
  }
  return (head + lines).map { sanitised($0) }.joined(separator: "\n") + "\n"
}

/// The same for suites that only compile.
package func planReport(_ plan: BuildPlan) -> String {
  var lines = ["\(plan.entries.count) cases, nothing boots"]
  for entry in plan.entries {
    let config = entry.test.build?.config.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } ?? []
    lines.append(
      "  build \(entry.suite.name):\(entry.test.name), \(entry.request.targets.joined(separator: " ")) with "
        + "\(entry.request.base) and \(config.joined(separator: " ")), at most \(entry.test.timeout)")
  }
  return lines.map { sanitised($0) }.joined(separator: "\n") + "\n"
}

/// What a guest counts, as a part of a sentence.
private func counting(_ guest: GuestSpec, _ settings: RunSettings) -> String {
  guard guest.clock == .instructions else { return "" }
  return settings.functionPlugin == nil ? "counting instructions, " : "counting instructions of each function, "
}

private func expected(_ seconds: Double) -> String {
  seconds < 10 ? "\((seconds * 10).rounded() / 10) s" : "\(Int(seconds.rounded())) s"
}
