import Foundation
import TestGate
import Testing

extension GuestTests {
  /// A killed ktest leaves a guest that cannot end itself. The next one ends it, and nothing else.
  @Suite struct LeftGuestTests {
    @Test(.gated(alone: true)) func theNextStartEndsOnlyOurs() async throws {
      try await Workplace.with { place in
        try place.suite("long", ["sleep"])
        try place.suite("short", ["pass"])
        let foreign = ["qemu-system-x86_64", "-name", "guest=foreign-1", "-machine", "none", "-display", "none"]
        _ = try await execute(foreign, in: place.path) { other in
          var run = ""
          var guests: [Int32] = []
          let killed = try await place.run("long") { running in
            run = try await place.startedRun()
            try await place.hasPrinted("this is sleep", run: run)
            guests = Processes.guests(of: run)
            // It hangs: its agent will not notice that we are gone.
            for pid in guests { kill(pid, SIGSTOP) }
            running.signal(SIGKILL)
          }
          #expect(killed.signal == SIGKILL)
          #expect(guests.count == 1 && guests.allSatisfy(Processes.isAlive))

          let next = try await place.run("short")
          #expect(next.code == 0, "\(next)")
          #expect(next.stderr.contains("ktest: ended the guest ktest-\(run)-1, which a killed run left behind\n"))
          #expect(!guests.contains(where: Processes.isAlive))
          #expect(Processes.isAlive(other.pid))
          other.signal(SIGTERM)
        }
      }
    }

    /// A clone that stands by has no agent that could notice, and a template's memory is no process's.
    @Test(.gated(alone: true)) func clonesAndTheirMemoryGoWithTheNextStart() async throws {
      /// The directory with the memory of a guest's template.
      func template(of pid: Int32) throws -> String {
        let maps = try String(contentsOfFile: "/proc/\(pid)/maps", encoding: .utf8)
        let start = try #require(maps.range(of: "/dev/shm/ktest-"))
        return "/dev/shm/ktest-" + maps[start.upperBound...].prefix { $0 != "/" }
      }
      try await Workplace.with { place in
        var memory = ""
        let cases = ["one", "two"].map {
          "  - {name: \($0), run: [tiny, sleep], format: exit-code, timeout: 300s, fresh: true}\n"
        }
        try place.write(
          "suites/both.yaml",
          "suite: both\nimage: tiny\nguest: {memory: 256MiB, cpus: 1}\ncases:\n\(cases.joined())")
        try place.suite("short", ["pass"])
        var run = ""
        let killed = try await place.run("both") { running in
          run = try await place.startedRun()
          try await place.hasPrinted("this is sleep", run: run)
          try await eventually("a clone that stands by") {
            let standby = Processes.guests(of: run).first { pid in
              Processes.commandLine(pid).contains { $0.hasPrefix("guest=ktest-\(run)-2-next,") }
            }
            memory = try standby.map(template(of:)) ?? ""
            return standby != nil
          }
          running.signal(SIGKILL)
        }
        #expect(killed.signal == SIGKILL && FileManager.default.fileExists(atPath: memory + "/template-1"))
        try await eventually("the clone that has an agent to end by itself") { Processes.guests(of: run).count == 1 }
        let next = try await place.run("short")
        #expect(next.code == 0, "\(next)")
        #expect(next.stderr.contains("ended the guest ktest-\(run)-2-next, which a killed run left behind"), "\(next)")
        #expect(Processes.guests(of: run).isEmpty && !FileManager.default.fileExists(atPath: memory), "\(memory)")
      }
    }

    /// Its kernel still boots: the agent finds nobody at the other end.
    @Test func aGuestWhoseHostDiedBeforeTheAgentSpokeEndsItself() async throws {
      try await Workplace.with { place in
        try place.suite("short", ["pass"])
        var run = ""
        let killed = try await place.run("short") { running in
          run = try await place.startedRun()
          try await eventually("a guest of run \(run)") { !Processes.guests(of: run).isEmpty }
          // libvirt resumes it when it is connected: it must run to come to its own end.
          try await eventually("the kernel's first word") {
            files(below: "\(place.state)/runs/\(run)/consoles").contains {
              FileManager.default.contents(atPath: $0)?.isEmpty == false
            }
          }
          running.signal(SIGKILL)
        }
        #expect(killed.signal == SIGKILL)
        let events = try place.read("state/ktest/runs/\(run)/events.jsonl")
        #expect(!events.contains("bootReady"), "the agent was faster than this test")
        try await eventually("the guest of run \(run) to end itself") { Processes.guests(of: run).isEmpty }
      }
    }

    @Test func twoRunsLeaveEachOtherAlone() async throws {
      try await Workplace.with { place in
        try place.suite("long", ["pass", "sleep"])
        try place.suite("short", ["pass"])
        let outcome = try await place.run("long") { running in
          let run = try await place.startedRun()
          try await place.hasPrinted("this is sleep", run: run)
          let guests = Processes.guests(of: run)
          let other = try await place.run("short")
          #expect(other.code == 0, "\(other)")
          // Those that other tests left behind it may end.
          #expect(!other.stderr.contains("ended the guest ktest-\(run)-"), "\(other)")
          #expect(guests.count == 1 && Processes.guests(of: run) == guests)
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
        #expect(outcome.stdout.contains("interrupted  1 could not be judged, 1 passed"), "\(outcome)")
      }
    }
  }
}
