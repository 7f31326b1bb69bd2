import Foundation
import TestGate
import Testing

/// The script that makes a history to search, on a tree that has only the files it touches.
@Suite(
  .gated(),
  .enabled(if: Prerequisites.isInstalled("git") && Prerequisites.isInstalled("make"), "needs git and make"))
struct ExampleTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "examples/percpu-ref/make-history").path

  private let gup = """
    #include <linux/err.h>

    static int gup_fast_devmap_leaf(unsigned long addr)
    {
    \tput_dev_pagemap(pgmap);
    \treturn addr == end;
    }

    """

  private func history(_ options: String..., check: (Workplace, (String) async throws -> String) async throws -> Void)
    async throws
  {
    try await Workplace.with { place in
      let text = try String(contentsOfFile: Self.script, encoding: .utf8)
      for match in text.matches(of: #/[A-Za-z]+/[\w/.-]+\.(c|rst)/#) {
        try place.write("linux/\(match.output.0)", "\n")
      }
      try place.write("linux/mm/gup.c", gup)
      try place.write("linux/Makefile", "kernelversion:\n\t@echo 6.12.1\n")
      let made = try await execute(["bash", Self.script] + options + ["--from", "linux", "made"], in: place.path)
      #expect(made.code == 0, "\(made)")
      #expect(made.stdout.hasSuffix("/made\n"), "\(made)")
      try await check(place) { command in
        let outcome = try await execute(["sh", "-ec", "cd made; git \(command)"], in: place.path)
        #expect(outcome.code == 0, "git \(command): \(outcome)")
        return outcome.stdout
      }
    }
  }

  @Test func aHistoryWithMerges() async throws {
    try await history { place, git in
      #expect(try await git("rev-list --count good..bad") == "53\n")
      #expect(try await git("rev-list --merges --count good..bad") == "9\n")
      #expect(try await git("merge-base --is-ancestor good culprit; git merge-base --is-ancestor culprit bad") == "")
      #expect(try await git("show --format= --name-only culprit") == "mm/gup.c\n")
      #expect(try await git("show culprit:mm/gup.c | grep -c put_dev_pagemap") == "2\n")
      #expect(try await git("show culprit^:mm/gup.c | grep -c put_dev_pagemap") == "1\n")
      #expect(try await git("log --format=%s good..bad | grep -c 'want a table at boot'") == "1\n")
      let again = try await execute(["bash", Self.script, "--from", "linux", "made"], in: place.path)
      #expect(again.code == 64 && again.stderr.contains("made already exists"), "\(again)")
    }
  }

  @Test func oneThatShowsNowAndThen() async throws {
    try await history("--flaky") { _, git in
      let text = try await git("show culprit:mm/gup.c")
      #expect(text.contains("get_random_u32_below(3)"))
      #expect(try await git("show bad:mm/gup.c | grep -c put_dev_pagemap") == "2\n")
    }
  }
}
