import KTestGuests
import KTestHost
import KTestValues

/// What `--dry-run` prints: every guest with its cases, and how long they take by what earlier runs on this host took.
package func planReport(_ plan: Plan, times: FormerTimes) -> String {
  var lines: [String] = []
  var total = 0.0
  var unknown = 0
  var (boots, clones, unknownClones) = (0, 0, 0)
  for guest in plan.guests {
    let suite = guest.suite.suite
    let start: Double?
    if guest.origin == .clone {
      clones += 1
      start = times.cloneSeconds(suite: suite.name)
      unknownClones += start == nil ? 1 : 0
      lines.append("  clone of boot \(boots), \(start.map { "about \(expected($0))" } ?? "unknown")")
    } else {
      boots += 1
      start = times.bootSeconds(suite: suite.name)
      lines.append(
        "boot \(boots)  \(suite.name) on \(guest.suite.kernel.label), " + counting(suite.guest, plan.settings)
          + (start.map { "about \(expected($0))" } ?? "unknown") + guest.origin.text)
    }
    total += start ?? 0
    for entry in guest.cases {
      let name = entry.suite.suite.name == suite.name ? "" : "\(entry.suite.suite.name):"
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
  let running = plan.guests.reduce(0) { $0 + $1.cases.count }
  let accelerator = plan.settings.accelerator.rawValue
  let guests = clones == 0 ? "\(boots) boots" : "\(counted(boots, "boot")) and \(counted(clones, "clone"))"
  var head = ["\(plan.cases) cases in \(guests) under \(accelerator)"]
  if running > 0, unknown == running {
    head.append("expected: unknown; none of these cases has run on this host under \(accelerator)")
  } else if running > 0 {
    var rest = unknown > 0 ? ", and \(unknown) of \(running) cases that have not run on this host" : ""
    if unknownClones > 0 { rest += ", and what \(counted(unknownClones, "clone")) takes; none was made on this host" }
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

extension PlannedGuest.Origin {
  fileprivate var text: String {
    if case .template(let clones) = self { ", for \(counted(clones, "clone"))" } else { "" }
  }
}

private func counted(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

private func expected(_ seconds: Double) -> String {
  seconds < 10 ? "\((seconds * 10).rounded() / 10) s" : "\(Int(seconds.rounded())) s"
}
