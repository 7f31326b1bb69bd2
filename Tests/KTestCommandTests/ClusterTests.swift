import Foundation
import TestGate
import Testing

/// `scripts/cluster`, and the cluster that it made where `KTEST_CLUSTER` names one.
@Suite(.gated())
struct ClusterTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test(
    "words that it does not know are answered with the usage",
    arguments: [[], ["begin"], ["start", "a", "b"], ["kill-node"], ["kill-node", "h5"], ["stop-ssh", "h3"]])
  func usage(_ words: [String]) async throws {
    try await Workplace.with { place in
      let said = try await execute(["\(Self.root)/scripts/cluster"] + words, in: place.path)
      #expect(said.code == 64 && said.stdout.isEmpty, "\(said)")
      #expect(said.stderr.hasPrefix("scripts/cluster start|stop|status [DIR]\n"), "\(said)")
    }
  }

  @Test("it says that there is no cluster, and leaves what is none of its own")
  func others() async throws {
    try await Workplace.with { place in
      func cluster(_ command: String, _ folder: String) async throws -> Outcome {
        try await execute(["\(Self.root)/scripts/cluster", command, folder], in: place.path)
      }
      #expect(try await cluster("status", "none").code == 3)
      #expect(try await cluster("stop", "none").code == 0)
      try place.write("files/mine", "mine")
      let stopped = try await cluster("stop", "files")
      #expect(stopped.code == 1 && stopped.stderr.contains("is no cluster of yours"), "\(stopped)")
      let long = try await cluster("status", String(repeating: "a", count: 71))
      #expect(long.code == 1 && long.stderr.contains("longer than 70 characters"), "\(long)")
      #expect(FileManager.default.fileExists(atPath: "\(place.path)/files/mine"))
    }
  }

  @Test(
    "what is gone is started again, and nothing is left",
    .enabled(if: Prerequisites.cluster != nil, Prerequisites.noCluster))
  func faults() async throws {
    try await Workplace.with { place in
      let folder = "/tmp/ktest-" + String(UInt32.random(in: 0 ... .max), radix: 36)
      func cluster(_ words: String...) async throws -> Outcome {
        try await execute(["\(Self.root)/scripts/cluster"] + words + [folder], in: place.path)
      }
      /// The pids of all daemons, by their names.
      func daemons() async throws -> [Substring: Int32] {
        let lines = try await cluster("status").stdout.split(separator: "\n").prefix(8).map { $0.split(separator: " ") }
        return Dictionary(uniqueKeysWithValues: lines.compactMap { line in Int32(line[1]).map { (line[0], $0) } })
      }
      func slurm(_ words: String...) async throws -> Outcome {
        try await execute(words, in: place.path, environment: ["SLURM_CONF": "\(folder)/slurm.conf"])
      }
      do {
        let started = try await cluster("start")
        try #require(started.code == 0, "\(started)")
        let before = try await daemons()
        #expect(before.count == 8, "\(before)")
        let job = try await slurm(
          "sbatch", "--requeue", "--nodelist=h2", "--mem=16", "--output=/dev/null", "--wrap",
          "trap '' TERM; sleep 86400")
        #expect(job.code == 0, "\(job)")

        #expect(try await cluster("kill-node", "h2").code == 0)
        #expect(try await cluster("stop-ssh", "h1").code == 0)
        #expect(Set(before.keys).subtracting(try await daemons().keys) == ["slurmd-h2", "sshd-h1"])
        #expect(try await cluster("status").code == 3)
        let refused = try await execute(["ssh", "-F", "\(folder)/ssh_config", "h1", "true"], in: place.path)
        #expect(refused.code == 255, "\(refused)")

        #expect(try await cluster("start").code == 0)
        let after = try await daemons()
        #expect(
          after.count == 8 && before.filter { after[$0.key] != $0.value }.keys.sorted() == ["slurmd-h2", "sshd-h1"])
        #expect(try await cluster("restart-controller").code == 0)
        let ran = try await slurm("srun", "--quiet", "--nodelist=h2", "--mem=16", "true")
        #expect(ran.code == 0, "\(ran)")

        let last = try await daemons()
        let stopped = try await cluster("stop")
        #expect(stopped.code == 0 && !FileManager.default.fileExists(atPath: folder), "\(stopped)")
        for pid in last.values {
          let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
          #expect(!String(decoding: words, as: UTF8.self).contains(folder))
        }
      } catch {
        _ = try? await cluster("stop")
        throw error
      }
    }
  }

  /// Nodes may be busy or down for other tests, so only what is configured is compared.
  @Test("Slurm has four nodes, and a job runs", .enabled(if: Prerequisites.cluster != nil, Prerequisites.noCluster))
  func slurm() async throws {
    let cluster = try #require(Prerequisites.cluster)
    try await Workplace.with { place in
      let environment = ["SLURM_CONF": "\(cluster)/slurm.conf"]
      let nodes = try await execute(
        ["sinfo", "--noheader", "--Node", "--partition=ktest", "--format=%N %c %m %f"], in: place.path,
        environment: environment)
      #expect(nodes.stdout == "h1 2 12288 tcg\nh2 2 12288 tcg,la57\nh3 2 12288 tcg\nh4 2 12288 tcg\n", "\(nodes)")
      let job = try await execute(
        ["srun", "--quiet", "--mem=16", "--constraint=la57", "printenv", "SLURMD_NODENAME"], in: place.path,
        environment: environment)
      #expect(job.stdout == "h2\n", "\(job)")
    }
  }

  @Test(
    "hosts answer by ssh, each in a home of its own, also for rsync",
    .enabled(if: Prerequisites.cluster != nil, Prerequisites.noCluster), arguments: ["h1", "h2"])
  func ssh(_ host: String) async throws {
    let cluster = try #require(Prerequisites.cluster)
    try await Workplace.with { place in
      func ssh(_ command: String) async throws -> Outcome {
        try await execute(["ssh", "-F", "\(cluster)/ssh_config", host, command], in: place.path)
      }
      let said = try await ssh("echo $HOME; pwd; exit 7")
      #expect(said.code == 7, "\(said)")
      #expect(said.stdout == "\(cluster)/\(host)/home\n\(cluster)/\(host)/home\n", "\(said)")

      let name = "file-\(UUID())"
      try place.write(name, "for \(host)")
      let sent = try await execute(
        ["rsync", "--rsh=ssh -F \(cluster)/ssh_config", name, "\(host):\(name)"], in: place.path)
      #expect(sent.code == 0, "\(sent)")
      #expect(try await ssh("cat \(name) && rm \(name)").stdout == "for \(host)")
    }
  }
}
