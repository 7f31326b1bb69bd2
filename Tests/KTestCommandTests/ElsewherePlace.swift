import Foundation
import TestGate
import Testing

/// Runs on the nodes and hosts of a cluster on this machine.
struct ElsewherePlace {
  let place: Workplace
  /// The cluster's directory.
  let cluster: String
  /// The folder that nodes share, if it is not that in ktest's state.
  var sharedFolder: String?

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Calls `body` with the cluster that all tests have.
  static func shared(_ body: (ElsewherePlace) async throws -> Void) async throws {
    let cluster = try #require(Prerequisites.cluster)
    try await Workplace.with { try await body(ElsewherePlace(place: $0, cluster: cluster)) }
  }

  /// Calls `body` with a cluster that it may break.
  static func own(_ body: (ElsewherePlace) async throws -> Void) async throws {
    let cluster = "/tmp/ktest-" + String(UInt32.random(in: 0 ... .max), radix: 36)
    try await Workplace.with { place in
      let here = ElsewherePlace(place: place, cluster: cluster)
      do {
        try await here.script("start")
        try await body(here)
      } catch {
        try? await here.script("stop")
        throw error
      }
      try await here.script("stop")
    }
  }

  /// `scripts/cluster`.
  func script(_ words: String...) async throws {
    let done = try await execute(["\(Self.root)/scripts/cluster"] + words + [cluster], in: place.path)
    try #require(done.code == 0, "\(done)")
  }

  /// A program of Slurm.
  @discardableResult
  func slurm(_ words: String...) async throws -> String {
    let done = try await execute(words, in: place.path, environment: ["SLURM_CONF": "\(cluster)/slurm.conf"])
    try #require(done.code == 0, "\(done)")
    return done.stdout
  }

  /// - Parameters:
  ///   - programs: a folder of programs that are found before others.
  ///   - patience: for what does not end by itself; nil for ktest's own.
  func run(
    _ suites: String..., on fleet: String, programs: String? = nil, patience: String? = nil,
    while body: (Running) async throws -> Void = { _ in }
  ) async throws -> Outcome {
    var environment = place.environment
    environment["SLURM_CONF"] = "\(cluster)/slurm.conf"
    if let sharedFolder { environment["KTEST_SHARED"] = sharedFolder }
    if let patience { environment["KTEST_PATIENCE"] = patience }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    environment["PATH"] = programs.map { "\(place.path)/\($0):\(path)" }
    return try await execute(
      [Built.ktest, "run", "--kernel", Prerequisites.kernel, "--accel", "tcg", "--new-boot", "--on", fleet] + suites,
      in: place.path, environment: environment, while: body)
  }

  var shared: String { sharedFolder ?? "\(place.state)/elsewhere/shared" }

  /// What stays of a folder of all work: files by content, and what is known of them.
  static let kept: Set<String> = ["files", "uses", "digests"]

  /// The number of a run's only job.
  func job(of run: String) async throws -> String {
    try await slurm("squeue", "--me", "--noheader", "--array", "--name=ktest-\(run)", "--format=%F_%K")
      .trimmingCharacters(in: .newlines)
  }

  /// The names of the workers' own runs, below the folder of all work.
  func workers(below folder: String) -> [String] {
    files(below: folder).filter { $0.hasSuffix("/events.jsonl") }.compactMap {
      $0.split(separator: "/").dropLast().last.map(String.init)
    }
  }

  /// The process of the one guest of a run's workers, when it is there.
  func guest(below folder: String) async throws -> Int32 {
    var guests: [Int32] = []
    try await eventually("a guest of a worker") {
      guests = workers(below: folder).flatMap(Processes.guests)
      return !guests.isEmpty
    }
    return guests[0]
  }

  func isPrinted(_ text: String, below folder: String) async throws {
    try await eventually("'\(text)' from a case") {
      files(below: folder).contains {
        $0.hasSuffix(".out") && FileManager.default.contents(atPath: $0)?.range(of: Data(text.utf8)) != nil
      }
    }
  }

  /// What the queue has of a run, and the folder of all work besides what is kept.
  func leavings(of run: String) async throws -> [String] {
    let tasks = try await slurm("squeue", "--me", "--noheader", "--name=ktest-\(run)").split(separator: "\n")
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: shared)) ?? []
    let records = try FileManager.default.contentsOfDirectory(atPath: "\(place.state)/elsewhere")
    return tasks.map(String.init) + folders.filter { !Self.kept.contains($0) }
      + records.filter { $0.hasSuffix(".json") }
  }
}
