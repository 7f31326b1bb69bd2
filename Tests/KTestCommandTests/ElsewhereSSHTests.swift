import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  @Suite(.enabled(if: Prerequisites.cluster != nil, Prerequisites.noCluster))
  struct ElsewhereSSHTests {
    private func hosts(_ lines: String..., patience: String = "10m", in here: ElsewherePlace) throws {
      try here.place.write(
        "hosts.yaml",
        "patience: \(patience)\nssh_config: \(here.cluster)/ssh_config\nhosts:\n"
          + lines.map { "  - {\($0)}\n" }.joined())
    }

    @Test("a host by ssh that is silent for a while keeps its group, and one with another ktest gets none")
    func silence() async throws {
      try await ElsewherePlace.own { here in
        try here.place.suite("one", ["pass", "fail"])
        try here.place.write(
          "other", "#!/bin/sh\n[ \"$1\" = doctor ] || exit 9\ncat <<END\n\(Self.report)\nEND\n", mode: 0o755)
        try FileManager.default.copyItem(atPath: "\(here.place.path)/other", toPath: "\(here.cluster)/h2/home/other")
        try hosts("name: lab-1, address: h1", "name: old, address: h2, ktest: other", in: here)
        let work = "\(here.cluster)/h1/home/.cache/ktest-work"
        let outcome = try await here.run("one", on: "hosts.yaml") { running in
          let guest = try await here.guest(below: work)
          kill(guest, SIGSTOP)
          // The daemon alone: what it has started goes on.
          let daemon = try String(contentsOfFile: "\(here.cluster)/pids/sshd-h1", encoding: .utf8)
          kill(try #require(Int32(daemon.trimmingCharacters(in: .newlines))), SIGTERM)
          try await running.hasSaid("lab-1 does not answer; its guests go on, and it is asked again")
          kill(guest, SIGCONT)
          try await here.script("start-ssh", "h1")
          try await running.hasSaid("lab-1 answers again")
        }
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.stderr.contains("old is not used: it has ktest 0.0.0-other, and this is "), "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass", "fail fail"] && summary.boots.map(\.host) == ["lab-1"])
        #expect(try await here.leavings(of: summary.run) == [])
        let left = try FileManager.default.contentsOfDirectory(atPath: work)
        #expect(Set(left).isSubset(of: ElsewherePlace.kept), "\(left)")
      }
    }

    @Test("Ctrl-C keeps the verdicts that there are, and leaves nothing on a host")
    func interrupted() async throws {
      try await ElsewherePlace.shared { here in
        try here.place.suite("long", ["pass", "sleep", "fail"])
        let name = "work-\(UInt32.random(in: 0 ... .max))"
        let work = "\(here.cluster)/h2/home/\(name)"
        defer { try? FileManager.default.removeItem(atPath: work) }
        try hosts("name: h2, slots: 2, directory: \(name)", in: here)
        var workers: [String] = []
        let outcome = try await here.run("long", on: "hosts.yaml") { running in
          try await here.isPrinted("this is sleep", below: work)
          workers = here.workers(below: work)
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.interrupted && summary.verdicts == ["pass pass", "sleep error"])
        #expect(summary.boots.map(\.host) == ["h2"])
        #expect(workers.count == 1 && workers.flatMap(Processes.guests).isEmpty)
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: work).allSatisfy(ElsewherePlace.kept.contains))
      }
    }

    private static let report =
      #"{"ktest": "0.0.0-other", "time": 0, "machine": {"memory": 99999999999}, "guests": {"qemu": "7.2.0", "kvm": false}}"#

    @Test("the group of a host that stays away runs elsewhere, and what it left is ended when it is back")
    func lostHost() async throws {
      try await ElsewherePlace.own { here in
        try here.place.suite("one", ["pass"])
        // All at once on the first one.
        try hosts("name: h1", "name: h2", patience: "2s", in: here)
        var (left, run) = (Int32(0), "")
        let work = "\(here.cluster)/h1/home/.cache/ktest-work"
        let outcome = try await here.run("one", on: "hosts.yaml") { running in
          run = try await here.place.startedRun()
          left = try await here.guest(below: work)
          kill(left, SIGSTOP)
          try await here.script("stop-ssh", "h1")
          try await running.hasSaid("one on")
        }
        kill(left, SIGKILL)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr.contains("runs again elsewhere: h1: it does not answer"), "\(outcome)")
        let summary = try await here.place.shown()
        #expect(summary.verdicts == ["pass pass"] && summary.boots.map(\.host) == ["h2"])
        #expect(try await here.leavings(of: run) == ["\(run).json"])
        try await here.script("start-ssh", "h1")
        try here.place.write(
          "suites/none.yaml",
          "suite: none\nimage: tiny\nrequires: {config: [NO_SUCH_THING]}\ncases: [{name: a, run: [tiny]}]\n")
        let next = try await here.run("none", on: "hosts.yaml")
        #expect(next.stderr.contains("ended what the killed run \(run) had left"), "\(next)")
        #expect(try await here.leavings(of: run) == [])
        #expect(!FileManager.default.fileExists(atPath: "\(work)/\(run)"))
      }
    }
  }
}
