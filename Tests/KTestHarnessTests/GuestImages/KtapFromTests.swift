import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// The guest program `ktap-from`, run on this host.
@Suite(.gated(), .enabled(if: HostTool("gcc") != nil, "no C compiler")) struct KtapFromTests {
  /// Returns what `ktap-from uffd-unit-tests` makes of a program that says these lines.
  private func translated(_ text: String) async throws -> (lines: [String], succeeded: Bool) {
    let files = try TemporaryTree()
    defer { withExtendedLifetime(files) {} }
    let cache = try ImageCache("\(files.path)/cache")
    let folder = "\(Document.root)/images/src/ktap-from"
    let program = "\(files.path)/ktap-from"
    let compiler = try #require(HostTool("gcc"))
    let built = try await compiler.run(
      ["-D_GNU_SOURCE", "-o", program, "\(folder)/main.c", "\(folder)/dialects.c", "\(folder)/../child/child.c"],
      cache: cache)
    #expect(built.succeeded, "\(built.errors)")
    let script = try files.put("says", Array("cat <<'END'\n\(text)\nEND\n".utf8))
    let outcome = try await #require(HostTool(path: program)).run(
      ["uffd-unit-tests", "/bin/sh", script], cache: cache)
    return (HostTool.lines(of: outcome.output), outcome.succeeded)
  }

  @Test func aProgramThatKnowsKTAPComesThroughAlsoBehindComments() async throws {
    let lines = [
      "# [INFO] detected hugetlb page size: 2048 KiB", "TAP version 13", "1..1", "ok 1 a", "# Totals: pass:1",
    ]
    let said = try await translated(lines.joined(separator: "\n"))
    #expect(said.lines == lines && said.succeeded)
  }

  @Test func anOtherProgramIsTranslated() async throws {
    let said = try await translated("# hello\nTesting foo on bar... done")
    #expect(
      said.lines.filter { !$0.hasPrefix("#") } == ["KTAP version 1", "ok 1 foo on bar", "ok 2 exit code", "1..2"])
  }

  @Test func aVersionThatComesTooLateIsNoPass() async throws {
    let said = try await translated("hello\nTAP version 13\n1..1\nok 1 a")
    #expect(said.lines.contains("not ok 1 the version line of KTAP comes too late") && !said.succeeded)
  }
}
