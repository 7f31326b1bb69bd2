import Foundation
import KTestGuests
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// Who stops a run keeps the verdicts that there are, and no guest.
  @Suite struct InterruptTests {
    /// Runs a suite and stops it when its second case has begun.
    private func interrupted(
      _ words: [String], in place: Workplace, by stop: (Running, String) async throws -> Void
    ) async throws -> (outcome: Outcome, run: String) {
      try place.suite("long", words)
      var run = ""
      let outcome = try await place.run("long", "--format", "json") { running in
        run = try await place.startedRun()
        try await place.hasPrinted("this is \(words[1])", run: run)
        #expect(Processes.guests(of: run).count == 1)
        try await stop(running, run)
      }
      return (outcome, run)
    }

    private func expectInterrupted(
      _ summary: RunSummary, _ words: [String], location: SourceLocation = #_sourceLocation
    ) {
      #expect(summary.interrupted, sourceLocation: location)
      #expect(summary.verdicts == ["\(words[0]) pass", "\(words[1]) error"], sourceLocation: location)
      #expect(summary.suites.first?.cases.last?.reason == "interrupted", sourceLocation: location)
    }

    @Test(arguments: [(SIGINT, "sleep"), (SIGTERM, "sleep"), (SIGHUP, "flood")])
    func signal(_ signal: Int32, while word: String) async throws {
      let words = ["pass", word, "fail"]
      try await Workplace.with { place in
        let (outcome, run) = try await interrupted(words, in: place) { running, _ in running.signal(signal) }
        #expect(outcome.code == 130, "\(outcome)")
        expectInterrupted(try RunSummary(json: outcome.stdout), words)
        expectInterrupted(try await place.shown(), words)
        #expect(Processes.guests(of: run).isEmpty)
        let journal = try readJournal(at: "\(place.state)/runs/\(run)")
        #expect(journal.state == .finished && journal.summary.interrupted)
        #expect(try await place.ktest("show", "latest").stdout.contains("1 of 3 cases has no verdict"))
      }
    }

    /// Up to five guests are up, as many as the host has room for, each with a case that never ends, and what they have of
    /// the host is noted until they are gone.
    @Test func severalGuests() async throws {
      func noted(_ run: String) async throws -> [String] {
        let all = try await ShareLedger().update { others in (nil, others.map(\.name)) }
        return all.filter { $0.hasPrefix("ktest-\(run)-") }.sorted()
      }
      try await Workplace.with { place in
        let names = (1...5).map { "sleep-\($0)" }
        let cases = names.map {
          "  - {name: \($0), run: [tiny, sleep], format: exit-code, timeout: 300s, fresh: true}\n"
        }
        try place.write(
          "suites/five.yaml",
          "suite: five\nimage: tiny\nguest: {memory: 256MiB, cpus: 1}\ncases:\n\(cases.joined())")
        var run = ""
        let outcome = try await place.run("five", "--guests", "5", "--format", "json") { running in
          run = try await place.startedRun()
          func speaking() -> Int {
            files(below: "\(place.state)/runs/\(run)/output").count {
              $0.hasSuffix(".out") && FileManager.default.contents(atPath: $0)?.isEmpty == false
            }
          }
          try await eventually("two cases to speak") { speaking() >= 2 }
          let known = try await noted(run).count
          #expect((2...5).contains(known) && Processes.guests(of: run).count >= 2)
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
        let summary = try RunSummary(json: outcome.stdout)
        let told = summary.suites[0].cases
        #expect(summary.interrupted && told.count >= 2 && told.allSatisfy { $0.verdict == .error })
        #expect(told.allSatisfy { $0.reason == "interrupted" })
        #expect(try await place.shown() == summary && summary.boots.count > told.count)
        #expect(Processes.guests(of: run).isEmpty)
        #expect(try await noted(run).isEmpty)
      }
    }

    /// The guests are on their way out already: impatience neither leaves one behind nor spoils the journal.
    @Test func twice() async throws {
      let words = ["pass", "sleep"]
      try await Workplace.with { place in
        let (outcome, run) = try await interrupted(words, in: place) { running, _ in
          running.signal(SIGINT)
          running.signal(SIGTERM)
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
        expectInterrupted(try RunSummary(json: outcome.stdout), words)
        #expect(Processes.guests(of: run).isEmpty)
      }
    }

    @Test func whileTheGuestBoots() async throws {
      try await Workplace.with { place in
        try place.suite("long", ["pass"])
        var run = ""
        let outcome = try await place.run("long", "--format", "json") { running in
          run = try await place.startedRun()
          try await eventually("the guest's first words") {
            files(below: "\(place.state)/runs/\(run)/consoles").contains {
              FileManager.default.contents(atPath: $0)?.isEmpty == false
            }
          }
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
        let summary = try RunSummary(json: outcome.stdout)
        #expect(summary.interrupted && summary.verdicts.isEmpty)
        #expect(summary.boots.map(\.reason) == ["interrupted"])
        #expect(Processes.guests(of: run).isEmpty)
      }
    }

    /// Nobody ends this guest from outside: its agent finds its host gone. Alone, for the next ktest would end it.
    @Test(.gated(alone: true)) func killed() async throws {
      let words = ["pass", "sleep", "fail"]
      try await Workplace.with { place in
        let (outcome, run) = try await interrupted(words, in: place) { running, run in
          let now = try RunSummary(json: try await place.ktest("show", "latest", "--format", "json").stdout)
          #expect(!now.interrupted && now.verdicts == ["pass pass"])
          running.signal(SIGKILL)
        }
        #expect(outcome.signal == SIGKILL && outcome.stdout.isEmpty)
        try await eventually("the guest to end by itself") { Processes.guests(of: run).isEmpty }
        expectInterrupted(try await place.shown(), words)
        #expect(try readJournal(at: "\(place.state)/runs/\(run)").state == .interrupted)
        #expect(try await place.ktest("show", "latest").stdout.contains("interrupted"))
      }
    }

    @Test func qemuKilled() async throws {
      let words = ["pass", "sleep", "skip"]
      try await Workplace.with { place in
        let (outcome, run) = try await interrupted(words, in: place) { _, run in
          for pid in Processes.guests(of: run) { kill(pid, SIGKILL) }
        }
        #expect(outcome.code == 69, "\(outcome)")
        let summary = try RunSummary(json: outcome.stdout)
        #expect(!summary.interrupted && summary.verdicts == ["pass pass", "sleep error", "skip skip"])
        let reason = try #require(summary.suites[0].cases[1].reason)
        #expect(reason.contains("QEMU ended"), "\(reason)")
        #expect(try await place.shown() == summary)
        #expect(Processes.guests(of: run).isEmpty)
      }
    }
  }
}

/// Ctrl-C while a program of the host works for ktest.
@Suite(.gated()) struct InterruptedToolTests {
  /// A program that never ends, with a child of its own; both write down who they are.
  private static func endless(_ log: String) -> String {
    "#!/bin/sh\necho $$ >> \(log)\nsh -c 'echo $$ >> \(log); exec sleep 3600'\n"
  }

  private func expectToolsEnd(_ tool: String, _ command: [String]) async throws {
    try await Workplace.with(ownCache: true) { place in
      let log = "\(place.path)/pids"
      try place.write("bin/\(tool)", InterruptedToolTests.endless(log), mode: 0o755)
      let path = "\(place.path)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
      func pids() -> [Int32] {
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").compactMap { Int32($0) }
      }
      let outcome = try await execute(
        [Built.ktest] + command, in: place.path, environment: place.environment.merging(["PATH": path]) { $1 }
      ) { running in
        try await eventually("\(tool) and its child") { pids().count == 2 }
        running.signal(SIGTERM)
      }
      #expect(outcome.code == 130, "\(outcome)")
      #expect(outcome.messages == ["ktest: interrupted"] && outcome.stdout.isEmpty)
      #expect(pids().allSatisfy { !Processes.isAlive($0) })
      let left = files(below: place.cache).filter { $0.contains("/images/tmp/") || $0.contains("/.partial-") }
      #expect(left.isEmpty)
    }
  }

  @Test func compiler() async throws { try await expectToolsEnd("cc", ["image", "build", "tiny"]) }

  @Test func apt() async throws { try await expectToolsEnd("apt-cache", ["kernel", "fetch", "debian:6.12-cloud"]) }
}
