import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// What happens to nodes, tasks, the controller and the shared folder while groups run: nothing is lost, and nothing is red.
  @Suite(.enabled(if: Prerequisites.cluster != nil, Prerequisites.noCluster))
  struct ElsewhereFaultTests {
    private func workers(of summary: RunSummary, in here: ElsewherePlace) throws -> [AnsweredGroup] {
      try readJournal(at: "\(here.place.state)/runs/\(summary.run)").manifest?.workers ?? []
    }

    @Test("a node that is drained ends what it runs and gets no more, and what waits for others says so", .long)
    func drained() async throws {
      try await ElsewherePlace.own { here in
        for name in ["one", "two"] {
          // Both processors of a node.
          try here.place.write(
            "suites/\(name).yaml",
            "suite: \(name)\nimage: tiny\nguest: {memory: 512MiB, cpus: 2}\n"
              + "cases: [{name: pass, run: [tiny, pass], format: exit-code}]\n")
        }
        for node in ["h2", "h3", "h4"] {
          try await here.slurm("scontrol", "update", "node=\(node)", "state=drain", "reason=not wanted")
        }
        let outcome = try await here.run("one", "two", on: "slurm") { running in
          let guest = try await here.guest(below: here.shared)
          kill(guest, SIGSTOP)
          try await here.slurm("scontrol", "update", "node=h1", "state=drain", "reason=disk wear")
          kill(guest, SIGCONT)
          try await running.hasSaid("no node that groups need is in service, and they wait until one is: h1 is dr")
          #expect(here.workers(below: here.shared).count == 1)
          try await here.slurm("scontrol", "update", "node=h3", "state=resume")
        }
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr.contains(" (disk wear), h2 is drain (not wanted), h3 is drain"), "\(outcome)")
        #expect(!outcome.stderr.contains("runs again"), "\(outcome)")
        let summary = try await here.place.shown()
        #expect(
          summary.verdicts == ["pass pass", "pass pass"]
            && summary.boots.map(\.host).sorted { $0! < $1! } == ["h1", "h3"])
        #expect(try workers(of: summary, in: here).allSatisfy { $0.losses.isEmpty })
        #expect(try await here.leavings(of: summary.run) == [])
      }
    }

    @Test("a task that Slurm is told to start again is waited for, and has one result", .long)
    func requeued() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.suite("one", ["pass"])
        let outcome = try await here.run("one", on: "slurm") { running in
          let run = try await here.place.startedRun()
          let guest = try await here.guest(below: here.shared)
          kill(guest, SIGSTOP)
          try await here.slurm("scontrol", "requeue", here.job(of: run))
          // Its worker has time to say that it was ended.
          kill(guest, SIGCONT)
          try await running.hasSaid("groups wait in the queue: BeginTime")
        }
        #expect(outcome.code == 0 && !outcome.stderr.contains("runs again"), "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass"] && summary.boots.count == 1)
        #expect(try workers(of: summary, in: here).map(\.losses) == [[]])
        #expect(try await here.leavings(of: summary.run) == [])
      }
    }

    @Test("a task whose time is over runs again on another node, with more time", .long)
    func timeLimit() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.suite("one", ["pass"])
        let outcome = try await here.run("one", on: "slurm") { running in
          let run = try await here.place.startedRun()
          kill(try await here.guest(below: here.shared), SIGSTOP)
          try await here.slurm("scontrol", "update", "job=\(here.job(of: run))", "TimeLimit=1")
          try await running.hasSaid("runs again elsewhere")
        }
        #expect(outcome.code == 0, "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass"])
        let worker = try workers(of: summary, in: here).first
        #expect(worker?.losses.map(\.reason) == ["its time in Slurm was over, 1 min"])
        #expect(worker?.losses.first?.host != worker?.host?.name)
        #expect(try await here.leavings(of: summary.run) == [])
      }
    }

    /// Slurm would let it wait for ever.
    @Test("a partition that gives less time than cases may take runs them", .long)
    func shortPartition() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.write(
          "suites/one.yaml",
          "suite: one\nimage: tiny\nguest: {memory: 512MiB, cpus: 1}\n"
            + "cases: [{name: pass, run: [tiny, pass], format: exit-code, timeout: 30m}]\n")
        let outcome = try await here.run("one", on: "slurm:small")
        #expect(outcome.code == 0 && !outcome.stderr.contains("PartitionTimeLimit"), "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass"] && summary.boots.allSatisfy { ["h3", "h4"].contains($0.host) })
      }
    }

    @Test("a controller that is away for a while costs nothing but time", .long)
    func controller() async throws {
      try await ElsewherePlace.own { here in
        try here.place.suite("one", ["pass"])
        let outcome = try await here.run("one", on: "slurm") { running in
          let guest = try await here.guest(below: here.shared)
          kill(guest, SIGSTOP)
          try await here.script("stop-controller")
          try await running.hasSaid("Slurm does not answer: squeue: ")
          try await here.script("start-controller")
          try await running.hasSaid("Slurm answers again")
          kill(guest, SIGCONT)
        }
        #expect(outcome.code == 0 && !outcome.stderr.contains("runs again"), "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass"] && summary.boots.count == 1)
        #expect(try workers(of: summary, in: here).map(\.losses) == [[]])
        #expect(try await here.leavings(of: summary.run) == [])
      }
    }

    @Test("Ctrl-C does not wait for a controller that is away, and the next start ends what is left", .long)
    func interruptedWithoutController() async throws {
      try await ElsewherePlace.own { here in
        try here.place.suite("long", ["pass", "sleep"])
        try here.place.suite("one", ["pass"])
        var run = ""
        let outcome = try await here.run("long", on: "slurm") { running in
          run = try await here.place.startedRun()
          try await here.isPrinted("this is sleep", below: here.shared)
          try await here.script("stop-controller")
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
        #expect(
          outcome.stderr.contains("what run \(run) has left on other hosts is ended by the next start with --on"),
          "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.interrupted && summary.verdicts.first == "pass pass")
        try await here.script("start-controller")
        let next = try await here.run("one", on: "slurm")
        #expect(next.code == 0 && next.stderr.contains("ended what the killed run \(run) had left"), "\(next)")
        #expect(try await here.leavings(of: run) == [])
      }
    }

    /// Calls `body` with a small disk as the folder that nodes share.
    private func smallDisk(_ here: ElsewherePlace, _ body: (ElsewherePlace) async throws -> Void) async throws {
      var here = here
      let disk = "\(here.place.path)/disk"
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      let mounted = try await execute(
        ["mount", "-t", "tmpfs", "-o", "size=300m,mode=700", "none", disk], in: here.place.path)
      try #require(mounted.code == 0, "\(mounted)")
      here.sharedFolder = "\(disk)/shared"
      do {
        try await body(here)
      } catch {
        _ = try? await execute(["umount", "--lazy", disk], in: here.place.path)
        throw error
      }
      let gone = try await execute(["umount", "--lazy", disk], in: here.place.path)
      #expect(gone.code == 0, "\(gone)")
    }

    private func fill(_ here: ElsewherePlace) {
      // It ends when there is no room.
      let file = FileManager.default.createFile(atPath: "\(here.place.path)/disk/filler", contents: nil)
      #expect(file)
      guard let handle = FileHandle(forWritingAtPath: "\(here.place.path)/disk/filler") else { return }
      for size in [1 << 20, 1 << 12] {
        while (try? handle.write(contentsOf: Data(count: size))) != nil {}
      }
      try? handle.close()
    }

    @Test(
      "a shared folder that becomes full is waited for, and what it has spoilt runs again",
      .enabled("needs to mount a small disk") { await Prerequisites.mounts() })
    func fullForAWhile() async throws {
      try await ElsewherePlace.own { own in
        try await smallDisk(own) { here in
          try here.place.suite("one", ["pass", "fail"])
          let outcome = try await here.run("one", on: "slurm") { running in
            let guest = try await here.guest(below: here.shared)
            kill(guest, SIGSTOP)
            fill(here)
            kill(guest, SIGCONT)
            try await running.hasSaid(
              "one on 6.12.117+deb12-cloud-amd64 runs again: the folder that nodes share is full")
            try await running.hasSaid("groups wait until there is room, for 5m if nothing runs; see 'df ")
            try FileManager.default.removeItem(atPath: "\(here.place.path)/disk/filler")
            try await running.hasSaid("there is room in \(here.shared) again")
          }
          #expect(outcome.code == 1, "\(outcome)")
          let summary = try await here.place.shown()
          #expect(summary.verdicts == ["pass pass", "fail fail"])
          #expect(try workers(of: summary, in: here).map(\.losses) == [[]])
          #expect(try await here.leavings(of: summary.run) == [])
        }
      }
    }

    @Test(
      "a shared folder that stays full is an error of the hosts",
      .enabled("needs to mount a small disk") { await Prerequisites.mounts() })
    func full() async throws {
      try await ElsewherePlace.shared { shared in
        try await smallDisk(shared) { here in
          try here.place.suite("one", ["pass"])
          fill(here)
          let outcome = try await here.run("one", on: "slurm", patience: "2s")
          #expect(outcome.code == 69, "\(outcome)")
          let result = try #require(try await here.place.shown().suites.first?.cases.first)
          #expect(result.verdict == .error && result.cause?.kind == .harness)
          let full = "the folder that nodes share is full: \(here.shared): No space left on device"
          #expect(result.reason == "\(full); nothing ran for 2s")
          #expect(
            outcome.stderr.contains("\(full); groups wait until there is room, for 2s if nothing runs"), "\(outcome)")
        }
      }
    }
  }
}
