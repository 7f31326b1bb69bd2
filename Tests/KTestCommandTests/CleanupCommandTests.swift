import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

/// `ktest gc`, on a journal that is written here and a cache of its own.
@Suite(.gated()) struct CleanupCommandTests {
  private func run(in place: Workplace) async throws -> String {
    let journal = try place.openJournal()
    try await journal.record(.runStarted(cases: 1, boots: 1))
    try await journal.record(.bootStarted(boot: 1, suite: "s", kernel: "k", cases: ["c"]))
    try await journal.record(.console(boot: 1, bytes: Array("what the kernel said\n".utf8)))
    try await journal.record(.caseStarted(boot: 1, suite: "s", kernel: "k", name: "c"))
    var result = CaseResult(name: "c", verdict: .fail, seconds: 1, boot: 1)
    (result.reason, result.cause) = ("exited with 1", VerdictCause(.program))
    try await journal.record(.caseFinished(suite: "s", kernel: "k", result: result))
    try await journal.record(
      .bootFinished(
        BootResult(
          id: 1, suite: "s", kernel: "k", verdict: .pass, reason: nil, readySeconds: 1, seconds: 2,
          console: "consoles/boot-1.log", splats: [])))
    try await journal.record(.runFinished(verdict: .fail, interrupted: false, seconds: 2))
    await journal.close()
    return journal.directory
  }

  @Test func removesAndTells() async throws {
    try await Workplace.with(ownCache: true) { place in
      let directory = try await run(in: place)
      try place.write("c/ktest/kernels/build-1/vmlinux", String(repeating: "x", count: 1 << 20))
      let before = try await place.ktest("show", "latest", "--format", "json")

      let fits = try await place.ktest("gc", "--keep", "1GiB")
      #expect(fits.code == 0 && fits.stdout.hasPrefix("removed nothing: "), "\(fits)")
      let dry = try await place.ktest("gc", "--keep", "1KiB", "--dry-run")
      #expect(
        dry.code == 0 && dry.stdout.contains("kernel build-1") && dry.stdout.contains("would remove 1.0 MiB"), "\(dry)")
      #expect(try place.read("c/ktest/kernels/build-1/vmlinux").utf8.count == 1 << 20)
      let json = try await place.ktest("gc", "--keep", "1KiB", "--format", "json")
      #expect(json.code == 0 && json.stdout.contains("\"dryRun\": false"), "\(json)")
      #expect(!FileManager.default.fileExists(atPath: "\(place.cache)/kernels/build-1"))
      #expect(!FileManager.default.fileExists(atPath: "\(directory)/consoles"))

      let after = try await place.ktest("show", "latest", "--format", "json")
      #expect(after.code == 0 && after.stdout == before.stdout, "\(after)")
      let page = try await place.ktest("show", "latest")
      #expect(page.stdout.contains("exited with 1") && page.stdout.contains("(removed by ktest gc)"), "\(page)")
      let history = try await place.ktest("history", "s:c")
      #expect(history.code == 0 && history.stdout.contains("first bad"), "\(history)")
    }
  }

  @Test(arguments: ["3GB", "-1", "", "1.5GiB"]) func sizesThatAreNone(_ size: String) async throws {
    try await Workplace.with(ownCache: true) { place in
      let outcome = try await place.ktest("gc", "--keep=\(size)")
      #expect(outcome.code == 64 && outcome.stdout.isEmpty, "\(outcome)")
    }
  }

  @Test func nothingAtAll() async throws {
    try await Workplace.with(ownCache: true) { place in
      let outcome = try await place.ktest("gc")
      #expect(outcome.code == 0 && outcome.stdout.hasPrefix("removed nothing: 0 B are left"), "\(outcome)")
      #expect(!FileManager.default.fileExists(atPath: place.cache))
    }
  }
}
