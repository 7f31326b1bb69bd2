import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

/// `ktest history` and `ktest flaky`, on journals that are written here.
@Suite(.gated()) struct HistoryCommandTests {
  /// Writes finished runs of some cases, in each of which one in seven fails.
  private func runs(_ count: Int, cases: Int = 2, in place: Workplace) async throws {
    for number in 0..<count {
      let journal = try place.openJournal(host: .init(cpus: 2, memory: 8 << 30, kernel: "6.1"))
      try await journal.record(.runStarted(cases: cases, boots: 0))
      for one in 0..<cases {
        let failed = (number + one) % 7 == 3
        var result = CaseResult(name: "c\(one)", verdict: failed ? .fail : .pass, seconds: 1)
        if failed { (result.reason, result.cause) = ("status 1\u{1b}[2J", VerdictCause(.program)) }
        try await journal.record(.caseStarted(boot: nil, suite: "s", kernel: "k", name: result.name))
        try await journal.record(.caseFinished(suite: "s", kernel: "k", result: result))
      }
      try await journal.record(.runFinished(verdict: .fail, interrupted: false, seconds: 2))
      await journal.close()
    }
  }

  @Test func listsAndShowsSeries() async throws {
    try await Workplace.with { place in
      let none = try await place.ktest("history")
      #expect(none.code == 64 && none.messages.count == 1, "\(none)")
      try await runs(14, in: place)
      let list = try await place.ktest("history")
      #expect(list.code == 0 && list.stdout.contains("...F......F...  2 of 14"), "\(list)")
      let page = try await place.ktest("history", "s:c0")
      #expect(page.code == 0 && page.stdout.contains("last failed") && !page.stdout.contains("\u{1b}"), "\(page)")
      let flaky = try await place.ktest("flaky", "--format", "json")
      #expect(flaky.code == 0 && flaky.stdout.contains("\"flaky\": true"), "\(flaky)")
      for wrong in ["s:", "other", "s:other"] {
        let outcome = try await place.ktest("history", wrong)
        #expect(outcome.code == 64 && outcome.messages.count == 1, "\(outcome)")
      }
    }
  }

  @Test func listsAndShowsIssues() async throws {
    try await Workplace.with { place in
      try await runs(14, in: place)
      let list = try await place.ktest("issues")
      #expect(list.code == 0 && list.stdout.contains("opened") && list.stdout.contains("s:c0"), "\(list)")
      try place.write(
        "state/ktest/excuses.yaml",
        "excuses:\n  - {series: 's:c*', reason: known, link: https://example.org, until: 2100-01-31}\n")
      let page = try await place.ktest("issues", "s:c0")
      #expect(page.code == 0 && page.stdout.contains("excused") && page.stdout.contains("2100-01-31"), "\(page)")
      #expect(!page.stdout.contains("\u{1b}"))
      try place.write("bad.yaml", "excuses:\n  - {series: 's:c*', reason: known, until: soon}\n")
      let bad = try await place.ktest("issues", "--excuses", "bad.yaml")
      #expect(bad.code == 65 && bad.stderr.contains("bad.yaml:2:"), "\(bad)")
      let unknown = try await place.ktest("issues", "s:c9")
      #expect(unknown.code == 64 && unknown.stderr.contains("did you mean 's:c0'?"), "\(unknown)")
      let absent = try await place.ktest("issues", "--excuses", "absent.yaml")
      #expect(absent.code == 64 && absent.messages.count == 1, "\(absent)")
      let schema = try await place.ktest("issues", "--schema")
      #expect(schema.code == 0 && schema.stdout.contains("\"ktest excuses\""))
    }
  }

  /// Killed while it writes, it leaves an index that the next one completes, as if nothing had been.
  @Test func killedWriter() async throws {
    try await Workplace.with { place in
      try await runs(150, cases: 40, in: place)
      let index = "\(place.state)/history.sqlite"
      let killed = try await place.ktest("history") { process in
        // The log grows with the first transaction.
        try? await eventually("the first runs in the index", seconds: 20) {
          let size = try FileManager.default.attributesOfItem(atPath: index + "-wal")[.size] as? Int
          return (size ?? 0) > 100_000
        }
        process.signal(SIGKILL)
      }
      #expect(killed.signal == SIGKILL || killed.code == 0, "\(killed)")
      let after = try await place.ktest("history", "s:*", "--format", "json")
      #expect(after.code == 0 && after.stderr.isEmpty, "\(after)")
      let anew = try await place.ktest("history", "s:*", "--rebuild", "--format", "json")
      #expect(anew.code == 0 && anew.stdout == after.stdout && anew.stderr.contains("150 runs"))
    }
  }

  @Test func severalAtOnce() async throws {
    try await Workplace.with { place in
      try await runs(60, cases: 10, in: place)
      // Nothing that an index is made of.
      try place.write("state/ktest/history.sqlite", String(repeating: "no database ", count: 1000))
      try await withThrowingTaskGroup(of: Outcome.self) { group in
        for _ in 0..<4 { group.addTask { try await place.ktest("history", "s:c1", "--format", "json") } }
        var outputs: Set<String> = []
        for try await outcome in group {
          #expect(outcome.code == 0, "\(outcome)")
          outputs.insert(outcome.stdout)
        }
        #expect(outputs.count == 1)
      }
    }
  }

  @Test(.enabled("needs root, to mount a small disk") { await Prerequisites.mounts() })
  func fullDisk() async throws {
    try await Workplace.with { place in
      try await runs(40, cases: 40, in: place)
      // There is room for the runs, but not for the index.
      let disk =
        "mkdir disk; mount -t tmpfs -o size=4m none disk; cp -r '\(place.state)/runs' disk; "
        + "cat /dev/zero >disk/zero 2>/dev/null || truncate -s -20k disk/zero"
      let outcome = try await place.ktest("history", "--state", "disk", wrapper: Prerequisites.mounted(disk))
      #expect(outcome.code == 69 && outcome.messages.count == 1, "\(outcome)")
      #expect(outcome.stderr.contains("the disk is full"), "\(outcome)")
    }
  }
}
