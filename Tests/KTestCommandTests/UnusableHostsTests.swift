import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// What cannot be used is said before anything is built or booted.
  @Suite struct UnusableHostsTests {
    /// Runs a suite with a program that is found instead of the real one.
    private func said(
      _ program: String, _ script: String, on fleet: String, hosts: String = ""
    ) async throws -> (code: Int32?, messages: String) {
      try await Workplace.with { place in
        try place.suite("one", ["pass"])
        try place.write("bin/\(program)", "#!/bin/sh\n\(script)\n", mode: 0o755)
        if !hosts.isEmpty { try place.write("hosts.yaml", hosts) }
        let outcome = try await ElsewherePlace(place: place, cluster: place.path).run(
          "one", on: fleet, programs: "bin")
        #expect(
          place.runs.allSatisfy { (try? readJournal(at: "\(place.state)/runs/\($0)").replay.boots.isEmpty) == true })
        let records = (try? FileManager.default.contentsOfDirectory(atPath: "\(place.state)/elsewhere")) ?? []
        #expect(!records.contains { $0.hasSuffix(".json") })
        return (outcome.code, outcome.stderr)
      }
    }

    @Test("a Slurm without nodes, one that does not answer, and one that is not there")
    func slurm() async throws {
      let none = try await said("sinfo", "exit 0", on: "slurm")
      #expect(none.code == 64 && none.messages.contains("Slurm has no nodes in a default partition"), "\(none)")
      let named = try await said("sinfo", "exit 0", on: "slurm:mm")
      #expect(named.code == 64 && named.messages.contains("Slurm has no nodes in partition mm"), "\(named)")
      let dead = try await said("sinfo", "echo 'slurm_load_node: Unable to contact' >&2; exit 1", on: "slurm")
      #expect(dead.code == 69 && dead.messages.contains("sinfo: slurm_load_node: Unable to contact"), "\(dead)")
    }

    @Test("what Slurm never takes is an error of the hosts that names its words; a quota is waited for")
    func neverTaken() async throws {
      try await Workplace.with { place in
        try place.suite("one", ["pass"])
        // Another job of the user leaves the queue when the second submission was refused.
        let scripts = [
          "sinfo": "echo 'h1|2|12288|tcg|idle|ktest*|infinite|none'", "scancel": "",
          "sbatch": "echo x >>${0%/*}/refused; echo 'sbatch: error: Invalid account' >&2; exit 1",
          "squeue": """
          case "$*" in *--name=*) exit 0 ;; esac
          [ "$(wc -l <${0%/*}/refused)" -gt 1 ] || echo 77
          """,
        ]
        for (name, script) in scripts { try place.write("bin/\(name)", "#!/bin/sh\n\(script)\n", mode: 0o755) }
        let here = ElsewherePlace(place: place, cluster: place.path)
        let outcome = try await here.run("one", on: "slurm", programs: "bin", patience: "10s")
        #expect(outcome.code == 69, "\(outcome)")
        let text = "Slurm takes no job now: sbatch: sbatch: error: Invalid account; it is asked again"
        #expect(outcome.stderr.contains("\(text)\n") && outcome.stderr.contains("\(text) for 2s\n"), "\(outcome)")
        let result = try #require(try await place.shown().suites.first?.cases.first)
        let why =
          "Slurm took no job for 2s, and nothing else of yours is in its queue: sbatch: sbatch: error: Invalid account"
        #expect(result.verdict == .error && result.cause?.kind == .harness && result.reason == why)
      }
    }

    @Test("hosts that do not answer, or with something else than a ktest")
    func ssh() async throws {
      let hosts = "hosts: [{name: a}, {name: b, ktest: bin/ktest}]\n"
      let silent = try await said(
        "ssh", "echo 'ssh: connect to host: Connection refused' >&2; exit 255", on: "hosts.yaml", hosts: hosts)
      #expect(silent.code == 69 && silent.messages.contains("no host can be used\n"), "\(silent)")
      for name in ["a", "b"] {
        #expect(
          silent.messages.contains("  \(name) is not used: ssh: connect to host: Connection refused\n"), "\(silent)")
      }
      let other = try await said("ssh", "echo hello", on: "hosts.yaml", hosts: "hosts: [{name: b, ktest: bin/ktest}]\n")
      #expect(other.code == 69, "\(other)")
      #expect(
        other.messages.contains("b is not used: its ktest does not say what the host has; is it ktest"), "\(other)")
    }

    @Test("a file of hosts with a mistake")
    func mistakes() async throws {
      let bad = try await said("ssh", "exit 9", on: "hosts.yaml", hosts: "hosts:\n  - {name: a;b}\n")
      #expect(
        bad.code == 65 && bad.messages.contains("hosts.yaml:2:12: error: 'a;b' cannot be a host's name"), "\(bad)")
      let none = try await said("ssh", "exit 9", on: "lab.yaml")
      #expect(none.code == 64 && none.messages.contains("other values are slurm and slurm:PARTITION"), "\(none)")
    }
  }
}
