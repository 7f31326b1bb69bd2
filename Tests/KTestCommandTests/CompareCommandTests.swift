import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

/// `ktest compare` and `ktest show --metrics`, on journals that are written here.
@Suite(.gated()) struct CompareCommandTests {
  /// Writes a finished run of one case; returns its name.
  private func run(
    in place: Workplace, _ values: [Double], verdict: Verdict = .pass, kernels: [String] = ["k"]
  ) async throws -> String {
    let journal = try place.openJournal(kernels: kernels)
    try await journal.record(.runStarted(cases: kernels.count, boots: 0))
    for (number, kernel) in kernels.enumerated() {
      let result = CaseResult(
        name: "move", verdict: number == 0 ? verdict : .fail, seconds: 1,
        metrics: values.map { Metric(name: "thp", value: $0, unit: "us", better: .lower) })
      try await journal.record(.caseStarted(boot: nil, suite: "s[thp=always]", kernel: kernel, name: "move"))
      try await journal.record(.caseFinished(suite: "s[thp=always]", kernel: kernel, result: result))
    }
    try await journal.record(.runFinished(verdict: verdict, interrupted: false, seconds: 2))
    await journal.close()
    return journal.id
  }

  @Test func exitCodesSayWhetherSomethingGotWorse() async throws {
    try await Workplace.with { place in
      let base = try await run(in: place, [100, 101])
      let same = try await run(in: place, [100.5, 101.5])
      let slow = try await run(in: place, [200, 201])
      let single = try await run(in: place, [150])
      let failed = try await run(in: place, [], verdict: .fail)
      let broken = try await run(in: place, [], verdict: .error)
      for (other, code) in [(same, 0), (slow, 1), (failed, 1), (broken, 69)] as [(String, Int32)] {
        let outcome = try await place.ktest("compare", base, other)
        #expect(outcome.code == code, "\(outcome)")
      }
      let unknown = try await place.ktest("compare", single, single)
      #expect(
        unknown.code == 0 && unknown.stdout.contains("one sample on each side is not enough"), "\(unknown)")
      let several = try await place.ktest("compare", "--base", base, "--base", same, "--with", slow, "--format", "json")
      #expect(several.code == 1 && several.stdout.contains("\"worse\": true"), "\(several)")
      let back = try await place.ktest("compare", slow, base)
      #expect(back.code == 0 && back.stdout.contains("s[thp=always]/move"), "\(back)")
    }
  }

  @Test func oneRunOnTwoKernels() async throws {
    try await Workplace.with { place in
      let both = try await run(in: place, [1, 2], kernels: ["a", "b"])
      let outcome = try await place.ktest("compare", "\(both)@a", "\(both)@b")
      #expect(outcome.code == 1 && outcome.stdout.contains("pass → fail"), "\(outcome)")
      let wrong = try await place.ktest("compare", both, "\(both)@c")
      #expect(wrong.code == 64 && wrong.stderr.contains("has no kernel 'c'; it has a, b"), "\(wrong)")
    }
  }

  @Test func whatIsNamedWrongly() async throws {
    try await Workplace.with { place in
      let one = try await run(in: place, [1])
      for words in [
        ["compare", one], ["compare", one, one, one], ["compare", "--base", one], ["compare", one, "--with", one],
      ] {
        let outcome = try await execute([Built.ktest] + words, in: place.path, environment: place.environment)
        #expect(outcome.code == 64, "\(words): \(outcome)")
      }
      let absent = try await place.ktest("compare", one, "2001")
      #expect(absent.code == 64 && absent.stderr.contains("no run '2001'"), "\(absent)")
    }
  }

  @Test func metricsOfARun() async throws {
    try await Workplace.with { place in
      let one = try await run(in: place, [658.5, 661])
      let text = try await place.ktest("show", one, "--metrics")
      #expect(
        text.code == 0 && text.stdout.contains("thp      659.8  us       2.5        2  lower is better"), "\(text)")
      let json = try await place.ktest("show", one, "--metrics", "--format", "json")
      #expect(json.code == 0 && json.stdout.contains("\"samples\": [658.5, 661.0]"), "\(json)")
      let report = try await place.ktest("show", one, "--report", "junit=-")
      #expect(report.stdout.contains("metric thp (us, lower is better)"), "\(report)")
    }
  }

  @Test func severalRunsAreOneTable() async throws {
    try await Workplace.with { place in
      let one = try await run(in: place, [100], kernels: ["k"])
      let two = try await run(in: place, [], verdict: .skip, kernels: ["l"])
      let text = try await place.ktest("show", one, two)
      #expect(text.code == 0, "\(text)")
      #expect(
        text.stdout.hasPrefix("| suite | k | l |\n|---|---|---|\n| s[thp=always] | 1 pass | 1 skip (1) |\n"), "\(text)")
      let file = try await place.ktest("show", one, two, "--report", "markdown=table.md")
      #expect(file.code == 0 && file.stdout.isEmpty, "\(file)")
      #expect(try String(contentsOfFile: "\(place.path)/table.md", encoding: .utf8) == text.stdout)
      for (option, value) in [("--report", "junit=x.xml"), ("--format", "json")] {
        let refused = try await place.ktest("show", one, two, option, value)
        #expect(refused.code == 64 && refused.messages.count == 1, "\(refused)")
      }
    }
  }
}
