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

  private let memory = """
    static inline int zap_present_ptes(struct mmu_gather *tlb)
    {
    \tfolio = page_folio(page);
    \treturn 1;
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
      try place.write("linux/mm/memory.c", memory)
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

  @Test func oneThatTakesMoreInstructions() async throws {
    try await history("--slow") { place, git in
      #expect(try await git("rev-list --count good..bad") == "53\n")
      #expect(try await git("show --format= --name-only culprit") == "mm/memory.c\n")
      #expect(try await git("show culprit:mm/memory.c | grep -c 'WRITE_ONCE(example_zapped'") == "1\n")
      #expect(try await git("show bad:mm/gup.c | grep -c put_dev_pagemap") == "1\n")
      let both = try await execute(
        ["bash", Self.script, "--slow", "--flaky", "--from", "linux", "more"], in: place.path)
      #expect(both.code == 64 && both.stderr.contains("not both"), "\(both)")
    }
  }

  private static let nights = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "examples/nights/play-nights").path

  /// The script with a ktest that prints what a night of its own making found.
  @Test(.enabled(if: Prerequisites.isInstalled("jq"), "needs jq"), arguments: [false, true])
  func nightsArePlayedAndCompared(hasFalseAlarm: Bool) async throws {
    try await Workplace.with { place in
      for script in [Self.script, Self.nights] {
        let text = try String(contentsOfFile: script, encoding: .utf8)
        for match in text.matches(of: #/[a-zA-Z]+/[\w/.-]+\.(c|rst)/#) {
          try place.write("linux/\(match.output.0)", "\n")
        }
      }
      try place.write("linux/mm/gup.c", gup)
      try place.write("linux/Makefile", "kernelversion:\n\t@echo 6.12.1\n")
      try place.write("linux/fs/proc/Makefile", "proc-y\t+= softirqs.o\nproc-y\t+= stat.o\n")
      try place.write("linux/fs/proc/loadavg.c", "#include <linux/fs.h>\n\tget_avenrun(avnrun, FIXED_1/200, 0);\n")
      try place.write(
        "linux/fs/proc/devices.c",
        "#include <linux/fs.h>\nstatic int devinfo_show(struct seq_file *f, void *v)\n{\n\tif (i < CHRDEV_MAJOR_MAX) {\n"
      )
      try place.write(
        "fake",
        #"""
        #!/bin/sh
        night=0
        for number in 1 2 3 4 5 6; do
          [ "$(git -C tree rev-parse night)" != "$(git -C tree rev-parse night-$number)" ] || night=$number
        done
        finding() { printf '{"word":"%s","series":{"test":"%s"}}' "$1" "$2"; }
        case $night in
          3) found=$(\#(hasFalseAlarm ? "finding newFailure coin" : ":")) ;;
          5) found=$(finding newFailure io-2m) ;;
          6) found=$(finding notTested softirqs),$(finding stillFailing io-2m) ;;
        esac
        printf '{"findings":[%s],"floods":[],"searches":[' "$found"
        [ "$night" != 5 ] || printf '{"state":"answered","answer":"first bad commit: %s","series":[{"test":"io-2m"}]}' \
          "$(git -C tree rev-parse culprit | cut -c1-12)"
        printf ']}\n'
        [ -z "$found" ] || exit 1
        """#)
      let script = try await execute(["chmod", "+x", "fake"], in: place.path)
      #expect(script.code == 0)
      let command = [
        "bash", Self.nights, "--nights", "6", "--quiet", "1", "--from", "linux", "--ktest", "./fake", "played",
      ]
      // The tree is named from inside of the directory that is made.
      let absolute = command.map { $0 == "linux" ? "\(place.path)/linux" : $0 }
      let made = try await execute(absolute, in: place.path)
      #expect(made.code == (hasFalseAlarm ? 1 : 0), "\(made)")
      #expect(made.stdout.contains(hasFalseAlarm ? "1 of 2 reports" : "0 of 1 reports"), "\(made)")
      #expect(made.stdout.contains("  io-2m      - - - - newFailure stillFailing"), "\(made)")
      // It goes on where it was: there is nothing left to play.
      let again = try await execute(absolute, in: place.path)
      #expect(
        again.stdout == made.stdout && !again.stderr.contains("night 1") && !again.stderr.contains("quiet 1"),
        "\(again)")
    }
  }
}
