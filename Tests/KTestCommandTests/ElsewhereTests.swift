import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  @Suite(.enabled(if: Prerequisites.cluster != nil, Prerequisites.noCluster))
  struct ElsewhereTests {
    /// The controller takes no job at first.
    @Test("Slurm's nodes give the verdicts that this host gives, and nothing stays there")
    func slurm() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.suite("one", ["pass", "fail", "skip"])
        try here.place.suite("two", ["pass"])
        try here.place.write(
          "bin/sbatch",
          """
          #!/bin/sh
          if mkdir "$0.refused" 2>/dev/null; then echo "sbatch: error: Job violates accounting policy" >&2; exit 1; fi
          PATH=${PATH#*:} exec sbatch "$@"
          """, mode: 0o755)
        let outcome = try await here.run("one", "two", on: "slurm", programs: "bin")
        #expect(outcome.code == 1, "\(outcome)")
        #expect(
          outcome.stderr.contains("Slurm takes no job now: sbatch: ")
            && outcome.stderr.contains("Job violates accounting policy; it is asked again"), "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass", "fail fail", "skip skip", "pass pass"])
        #expect(summary.boots.count == 2 && Set(summary.boots.map(\.id)).count == 2)
        #expect(summary.boots.allSatisfy { ["h1", "h2", "h3", "h4"].contains($0.host) })
        #expect(try await here.leavings(of: summary.run) == [])
        let journal = "\(here.place.state)/runs/\(summary.run)"
        #expect(files(below: journal).count { $0.hasSuffix(".out") } == 4)
        for boot in summary.boots {
          #expect(FileManager.default.contents(atPath: "\(journal)/\(boot.console)")?.count ?? 0 > 1000)
        }
        let workers = try readJournal(at: journal).manifest?.workers ?? []
        #expect(workers.count == 2 && workers.allSatisfy { $0.losses.isEmpty && $0.host?.accelerator == "tcg" })
      }
    }

    @Test("a task that its owner cancels runs again on another node")
    func cancelled() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.suite("one", ["pass"])
        let outcome = try await here.run("one", on: "slurm") { running in
          let run = try await here.place.startedRun()
          // It cannot end before it is cancelled.
          kill(try await here.guest(below: here.shared), SIGSTOP)
          try await here.slurm("scancel", "--me", "--name=ktest-\(run)")
          try await running.hasSaid("runs again elsewhere")
        }
        #expect(outcome.code == 0, "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass"])
        let worker = try readJournal(at: "\(here.place.state)/runs/\(summary.run)").manifest?.workers?.first
        #expect(
          worker?.losses.count == 1 && worker?.losses[0].host != worker?.host?.name, "\(String(describing: worker))")
        #expect(try await here.leavings(of: summary.run) == [])
      }
    }

    @Test("Ctrl-C keeps the verdicts that there are, and leaves no task and no guest")
    func interrupted() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.suite("long", ["pass", "sleep", "fail"])
        var workers: [String] = []
        let outcome = try await here.run("long", on: "slurm") { running in
          try await here.isPrinted("this is sleep", below: here.shared)
          workers = here.workers(below: here.shared)
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.interrupted && summary.verdicts == ["pass pass", "sleep error"])
        #expect(workers.count == 1 && workers.flatMap(Processes.guests).isEmpty)
        #expect(try await here.leavings(of: summary.run) == [])
      }
    }

    @Test("the next start ends what a killed ktest has left")
    func killed() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.suite("long", ["sleep"])
        try here.place.suite("short", ["pass"])
        var (workers, run) = ([String](), "")
        let killed = try await here.run("long", on: "slurm") { running in
          run = try await here.place.startedRun()
          try await here.isPrinted("this is sleep", below: here.shared)
          workers = here.workers(below: here.shared)
          running.signal(SIGKILL)
        }
        #expect(killed.signal == SIGKILL && workers.flatMap(Processes.guests).count == 1)
        #expect(try await here.leavings(of: run).count == 3)
        let next = try await here.run("short", on: "slurm")
        #expect(next.code == 0, "\(next)")
        #expect(next.stderr.contains("ktest: ended what the killed run \(run) had left on other hosts\n"), "\(next)")
        #expect(workers.flatMap(Processes.guests).isEmpty)
        #expect(try await here.leavings(of: run) == [])
      }
    }

    @Test("a node that is killed with its task is waited for, or another runs it", .long)
    func killedNode() async throws {
      try await ElsewherePlace.own { here in
        try here.place.suite("one", ["pass"])
        var (node, left) = ("", Int32(0))
        let outcome = try await here.run("one", on: "slurm") { _ in
          let run = try await here.place.startedRun()
          left = try await here.guest(below: here.shared)
          kill(left, SIGSTOP)
          node = try await here.slurm("squeue", "--noheader", "--name=ktest-\(run)", "--format=%N")
            .trimmingCharacters(in: .newlines)
          try await here.script("kill-node", node)
        }
        // A node without power has no guest either.
        kill(left, SIGKILL)
        #expect(outcome.code == 0, "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass"] && summary.boots.map(\.host) != [node])
        #expect(try await here.leavings(of: summary.run) == [])
      }
    }
  }
}
