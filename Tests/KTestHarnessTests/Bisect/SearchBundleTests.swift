import Foundation
import Subprocess
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestValues

/// A bundle, and what its `replay` does on another machine.
@Suite(.gated()) struct SearchBundleTests {
  @Test func theBundleReplaysWhatWasFound() async throws {
    let sample = try await SampleRepository()
    var commits: [String] = []
    for number in 0...5 { commits.append(try await sample.commit("mm/a.c", "\(number)\n", "mm: change \(number)")) }
    let bad = commits[3...]
    let place = try SearchPlace { boot, request in bad.contains(boot.name) ? GuestScript.warning(request) : nil }
    var order = SearchOrder.find(.commits(repository: sample.path, goods: [commits[0]], bad: commits[5]))
    order.revertRuns = 0
    let report = try await place.job(order).perform(on: place.host)
    let bundle = try #require(report.bundle)
    let files = try FileManager.default.subpathsOfDirectory(atPath: bundle)
    for name in ["config", "find.yaml", "images/tiny.yaml", "images/src/tiny.c", "replay"] {
      #expect(files.contains(name), "\(files)")
    }
    let runs = try place.steps().count { $0.evidence != nil }
    #expect(files.count { $0.hasPrefix("consoles/") && $0.hasSuffix(".log") } == runs)
    #expect(files.contains("consoles/1-\(commits[5].prefix(12))-targetSeen.log"), "\(files)")

    // Elsewhere, with a clone of the repository.
    let elsewhere = try TemporaryTree()
    try FileManager.default.copyItem(atPath: bundle, toPath: elsewhere.path + "/bundle")
    try FileManager.default.createDirectory(atPath: elsewhere.path + "/clone", withIntermediateDirectories: true)
    let words = try await replay(in: elsewhere)
    let folder = elsewhere.path + "/bundle"
    #expect(
      words == [
        folder, "run", "./find.yaml:word", "--kernel", "\(elsewhere.path)/clone@\(commits[3])", "--build", "--base",
        "./config",
      ])
    let outcome = try await run(words, in: folder, of: place)
    let splats = outcome.summary.suites.flatMap(\.cases).flatMap(\.splats)
    #expect(splats.map(\.title) == ["WARNING in gup_leaf"])
  }

  /// The working directory and the words of the command that `replay` calls.
  private func replay(in place: TemporaryTree) async throws -> [String] {
    let program = try place.put("bin/ktest", "#!/bin/sh\npwd\nfor word; do printf '%s\\n' \"$word\"; done\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let result = try await Subprocess.run(
      .name("env"),
      arguments: ["-C", place.path, "PATH=\(place.path)/bin:/usr/bin:/bin", "bundle/replay", "clone"],
      output: .string(limit: 1 << 16), error: .discarded)
    #expect(result.terminationStatus.isSuccess)
    return result.standardOutput.split(separator: "\n").map(String.init)
  }

  /// Does what the command says, with the kernels and guests of a place.
  private func run(_ words: [String], in folder: String, of place: SearchPlace) async throws -> RunOutcome {
    var session = place.session
    (session.places.workingDirectory, session.places.home) = (folder, nil)
    let suite = try session.suite(folder + words[2].dropFirst())
    let options = KernelBuildOptions(base: folder + words[7].dropFirst())
    let kernels = try await session.kernels([words[4]], building: options, for: [suite.suite])
    let job = RunJob(session, suites: [suite], kernels: kernels)
    return try await job.perform(try await job.plan(on: place.host), on: place.host)
  }
}
