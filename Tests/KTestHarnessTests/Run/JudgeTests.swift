import GuestProtocol
import Testing

@testable import KTestHarness
@testable import KTestValues

/// The rules of docs/verdicts.md; each row's name stands there.
@Suite("Judge")
struct JudgeTests {
  static let subtestRows: [JudgeRow] = [
    JudgeRow("all subtests pass", .pass),
    JudgeRow("a subtest fails", .fail, "b failed", output: JudgeRow.bad, status: 1),
    JudgeRow("exit 0 with a failing subtest", .fail, "b failed", output: JudgeRow.bad),
    JudgeRow("a subtest times out", .fail, "b failed", output: "1..2\nok 1 a\nnot ok 2 b # TIMEOUT 45s\n"),
    JudgeRow("a subtest has an error", .fail, "b failed", output: "1..2\nok 1 a\nok 2 b # ERROR no fixture\n"),
    JudgeRow("exit 1 with no failing subtest", .fail, "exited with 1 though no subtest failed", status: 1),
    JudgeRow("exit 4 with executed subtests", .fail, "exited with 4", status: 4),
    JudgeRow("all skipped", .skip, "all 2 subtests were skipped (no pages)", output: JudgeRow.skipped),
    JudgeRow("all skipped, exit 4", .skip, "all 2 subtests", output: JudgeRow.skipped, status: 4),
    JudgeRow("all skipped, exit 1", .fail, "exited with 1", output: JudgeRow.skipped, status: 1),
    JudgeRow(
      "all skipped, summary says PASSED", .skip, "all 2 subtests",
      output: JudgeRow.skipped
        + "# PASSED: 2 / 2 tests passed.\n# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:2 error:0\n"
    ),
    JudgeRow("the test skips itself", .skip, "no device", output: "TAP version 13\n1..0 # SKIP no device\n", status: 4),
    JudgeRow("an empty plan without SKIP", .fail, "plan is empty", output: "TAP version 13\n1..0\n"),
    JudgeRow("a part skipped", .pass, output: "1..2\nok 1 a\nok 2 b # SKIP no pages\n"),
    JudgeRow("fewer results than planned", .fail, "missing 3 of 5 results", output: "1..5\nok 1 a\nok 2 b\n"),
    JudgeRow("a planned result missing, the rest skipped", .fail, "missing 1 of 2", output: "1..2\nok 1 a # SKIP\n"),
    JudgeRow("more results than planned", .fail, "2 results, but 1 were planned", output: "1..1\nok 1 a\nok 2 b\n"),
    JudgeRow("no plan", .fail, "plan missing", output: "TAP version 13\nok 1 a\n"),
    JudgeRow("a plan that comes last", .pass, output: "TAP version 13\nok 1 a\nok 2 b\n1..2\n"),
    JudgeRow("vacuous", .fail, "vacuous: 2 subtests", subtests: .atLeast(3)),
    JudgeRow(
      "vacuous because of skips", .fail, "vacuous: 1 subtests", output: "1..2\nok 1 a\nok 2 b # SKIP\n",
      subtests: .exactly(2)),
    JudgeRow("more subtests than the suite says", .fail, "the suite requires 1", subtests: .exactly(1)),
    JudgeRow("all were executed", .pass, subtests: .all),
    JudgeRow(
      "a skip without a known reason", .fail, "b was skipped without a known reason: no pages", output: JudgeRow.part,
      subtests: .all),
    JudgeRow("a skip for a known reason", .pass, output: JudgeRow.part, subtests: .all, skips: [JudgeRow.skips("b")]),
    JudgeRow(
      "a known skip that gives another reason", .fail, "without a known reason: no pages", output: JudgeRow.part,
      subtests: .all, skips: [JudgeRow.skips("b", saying: "no device")]),
    JudgeRow(
      "several skips, one of them known", .fail, "a and 1 more were skipped without a known reason: no pages",
      output: "1..4\nok 1 a # SKIP no pages\nok 2 b # SKIP no pages\nok 3 c # SKIP\nok 4 d\n", subtests: .all,
      skips: [JudgeRow.skips("b")]),
    JudgeRow(
      "all skipped without a known reason", .fail, "a and 1 more were skipped without", output: JudgeRow.skipped,
      status: 4, subtests: .all),
    JudgeRow(
      "all skipped for a known reason", .skip, "all 2 subtests were skipped (no pages)", output: JudgeRow.skipped,
      status: 4, subtests: .all, skips: [JudgeRow.skips("*", saying: "no pages")]),
    JudgeRow(
      "the test skips itself without a known reason", .fail, "the test was skipped without a known reason: no device",
      output: "TAP version 13\n1..0 # SKIP no device\n", status: 4, subtests: .all, skips: [JudgeRow.skips("a")]),
    JudgeRow(
      "the test skips itself for a known reason", .skip, "no device",
      output: "TAP version 13\n1..0 # SKIP no device\n", status: 4, subtests: .all,
      skips: [JudgeRow.skips("*", saying: "no dev")]),
    JudgeRow(
      "all were executed but one has no result", .fail, "missing 1 of 3", output: "1..3\nok 1 a\nok 2 b\n",
      subtests: .all),
    JudgeRow("all skipped is no vacuous run", .skip, "all 2", output: JudgeRow.skipped, subtests: .exactly(2)),
    JudgeRow("totals disagree", .fail, "Totals", output: JudgeRow.good + "# Totals: pass:1 fail:1 skip:0\n"),
    JudgeRow(
      "totals know of a skip that was not shown", .fail, "Totals say 1 skipped, but 0 were seen",
      output: JudgeRow.good + "# Totals: pass:1 fail:0 skip:1\n"),
    JudgeRow("totals count fewer", .fail, "Totals say 1", output: JudgeRow.good + "# Totals: pass:1 fail:0 skip:0\n"),
    JudgeRow("bail out", .fail, "bailed out: no memory", output: "1..2\nok 1 a\nBail out! no memory\n"),
    JudgeRow("bail out after all results", .fail, "bailed out", output: JudgeRow.good + "Bail out!\n"),
    JudgeRow(
      "a header without tests", .fail, "suite/case failed: no tests",
      output: "TAP version 14\n1..1\n  # Subtest: suite\n  1..1\n    # Subtest: case\n  ok 1 - case\nok 1 - suite\n"),
    JudgeRow("no KTAP at all", .fail, "no KTAP in the output", output: "all tests passed\n"),
    JudgeRow("no output at all", .fail, "no KTAP in the output", output: ""),
    JudgeRow("a version line only", .fail, "only a version line", output: "TAP version 13\n"),
    JudgeRow(
      "a nested subtest fails", .fail, "deep/b failed",
      output: "TAP version 13\n1..1\n# TAP version 13\n# 1..2\n# ok 1 a\n# not ok 2 b\nok 1 deep\n"),
    JudgeRow("known failure", .pass, output: JudgeRow.bad, status: 1, known: [JudgeRow.knows("b")]),
    JudgeRow("known failure that passes", .pass, known: [JudgeRow.knows("b")]),
    JudgeRow(
      "another failure beside the known", .fail, "a failed", output: "1..2\nnot ok 1 a\nnot ok 2 b\n", status: 1,
      known: [JudgeRow.knows("b")]),
    JudgeRow(
      "a known failure excuses no missing result", .fail, "missing 1", output: "1..2\nnot ok 1 b\n",
      known: [JudgeRow.knows("b")]),
    JudgeRow("XFAIL and TODO", .pass, output: "1..3\nok 1 a\nok 2 b # XFAIL old\nnot ok 3 c # TODO\n"),
    JudgeRow("XFAIL does not explain exit 1", .fail, "exited with 1", output: "1..1\nok 1 b # XFAIL old\n", status: 1),
    JudgeRow(
      "output truncated", .fail, "900 bytes of output beyond the limit", output: "1..9\nok 1 a\n",
      ending: JudgeRow.end(dropped: 900)),
    JudgeRow(
      "output truncated, exit 1", .fail, "900 bytes", ending: JudgeRow.end(.exited(status: 1), dropped: 900)),
    JudgeRow("output truncated after the plan was kept", .fail, "900 bytes", ending: JudgeRow.end(dropped: 900)),
  ]

  static let exitRows: [JudgeRow] = [
    JudgeRow("exit code 0", .pass, output: nil),
    JudgeRow("exit code 1", .fail, "exited with 1", output: nil, status: 1),
    JudgeRow("exit code 77", .skip, "77", output: nil, status: 77),
    JudgeRow("exit code 4", .skip, "4", output: nil, status: 4),
    JudgeRow(
      "four failures", .fail, "4 failures according to the exit code", output: nil, status: 4, exitCode: .failures),
    JudgeRow("no failures", .pass, output: nil, exitCode: .failures),
    JudgeRow("77 failures", .fail, "77 failures", output: nil, status: 77, exitCode: .failures),
    JudgeRow("exit code, output truncated", .pass, output: nil, ending: JudgeRow.end(dropped: 900)),
    JudgeRow("killed by a signal", .fail, "SIGSEGV", ending: JudgeRow.end(.signalled(signal: 11))),
    JudgeRow(
      "killed by a signal, exit-code", .fail, "SIGBUS", output: nil, ending: JudgeRow.end(.signalled(signal: 7))),
    JudgeRow(
      "out of memory", .fail, "ran out of memory", ending: JudgeRow.end(.signalled(signal: 9), outOfMemory: true)),
    JudgeRow(
      "out of memory, told by the exit code", .fail, "ran out of memory", output: nil,
      ending: JudgeRow.end(.exited(status: 137), outOfMemory: true)),
    JudgeRow("timeout", .timeout, "timed out after 60 s", ending: JudgeRow.end(.signalled(signal: 15), timedOut: true)),
    JudgeRow("timeout though it exits with 0", .timeout, "timed out", ending: JudgeRow.end(timedOut: true)),
    JudgeRow(
      "timeout of a skip", .timeout, "timed out", output: JudgeRow.skipped, ending: JudgeRow.end(timedOut: true)),
    JudgeRow(
      "timeout on a busy host", .timeout, "timed out after 60 s, and 30 s for which the guest's processors waited",
      ending: JudgeRow.end(.signalled(signal: 15), timedOut: true),
      stretch: StretchedLimit(seconds: 60, addedSeconds: 30)),
    JudgeRow(
      "timeout on a host that was too busy", .error,
      "the host was too busy for a verdict: timed out after 60 s, and 180 s",
      ending: JudgeRow.end(.signalled(signal: 15), timedOut: true),
      stretch: StretchedLimit(seconds: 60, addedSeconds: 180, isExhausted: true)),
    JudgeRow(
      "timeout, hangs in the kernel", .timeout, "cannot be killed",
      ending: JudgeRow.end(.signalled(signal: 9), timedOut: true, leftover: true)),
    JudgeRow(
      "silent after an oops", .crash,
      "kernel: BUG: unable to handle kernel paging request in dmirror_fops_unlocked_ioctl",
      ending: JudgeRow.end(.signalled(signal: 9), timedOut: true, leftover: true), console: JudgeRow.oops,
      oops: .silent(5),
      also: "ended because it was silent for 5.0 s after the kernel's oops, and a process hangs in the kernel"),
    JudgeRow(
      "no answer after an oops", .crash,
      "kernel: BUG: unable to handle kernel paging request in dmirror_fops_unlocked_ioctl",
      output: "", ending: .silent, console: JudgeRow.oops, oops: .silent(25),
      also: "did not answer for 25 s after the kernel's oops"),
    JudgeRow(
      "talks on after its own oops", .crash,
      "kernel: BUG: unable to handle kernel paging request in dmirror_fops_unlocked_ioctl",
      ending: JudgeRow.end(.signalled(signal: 9), timedOut: true, leftover: true), console: JudgeRow.oops,
      oops: .own(10),
      also: "ended 10 s after one of its processes oopsed, and a process hangs in the kernel"),
    JudgeRow(
      "no answer after its own oops", .crash,
      "kernel: BUG: unable to handle kernel paging request in dmirror_fops_unlocked_ioctl",
      output: "", ending: .silent, console: JudgeRow.oops, oops: .own(50),
      also: "did not answer 50 s after one of the case's processes oopsed"),
    JudgeRow("leftover process", .fail, "hangs in the kernel", ending: JudgeRow.end(leftover: true)),
    JudgeRow(
      "the program is missing", .error, "could not be started", output: "",
      ending: JudgeRow.end(.notStarted("/x: No such file"))),
    JudgeRow(
      "a module of the case does not load", .fail, "module x", output: "",
      ending: .moduleFailed("module x was not loaded: -22")),
    JudgeRow("the guest does not answer", .timeout, "did not answer within 60 s", output: "", ending: .silent),
    JudgeRow("the guest goes without a word", .crash, "reset or powered off", ending: .guestGone),
    JudgeRow("pvpanic without a word", .crash, "the kernel panicked", ending: .panicked),
    JudgeRow("QEMU is gone", .error, "QEMU ended", ending: .hostLostGuest),
    JudgeRow("the channel is broken", .error, "no frame", ending: .channelBroken("no frame")),
  ]

  private static let total = MetricDeclaration(
    "total", MetricDeclaration.Source(pattern: JudgeRow.pattern("Total: * us"), unit: "us", better: .lower))

  static let metricRows: [JudgeRow] = [
    JudgeRow(
      "a declared metric is missing", .fail, "metric total is missing: no line matches 'Total: * us'", metrics: [total]),
    JudgeRow(
      "a declared metric is missing, exit-code", .fail, "metric total is missing", output: nil, metrics: [total]),
    JudgeRow(
      "a metric that the case must print", .fail, "no line matches '# metric thp …'",
      metrics: [MetricDeclaration("thp")]),
    JudgeRow(
      "a metric was printed", .pass, output: "1..1\n# metric thp 1 us lower\nok 1 a\n",
      metrics: [MetricDeclaration("thp")]),
    JudgeRow("a skip owes no metric", .skip, "all 2", output: JudgeRow.skipped, metrics: [total]),
    JudgeRow("a failure owes no metric", .fail, "b failed", output: JudgeRow.bad, metrics: [total]),
    JudgeRow(
      "a metric that cannot be read", .fail, "the metric thp has no number: 'nan'",
      output: "1..1\n# metric thp nan us lower\nok 1 a\n"),
    JudgeRow(
      "a metric with two units", .fail, "two units",
      output: "1..2\n# metric t 1 us lower\n# metric t 1 ms lower\nok 1 a\nok 2 b\n"),
  ]

  static let kernelRows: [JudgeRow] = [
    JudgeRow("splat", .fail, "kernel: WARNING in gup_leaf", console: JudgeRow.warning),
    JudgeRow(
      "splat in a skipped case", .fail, "WARNING in gup_leaf", output: JudgeRow.skipped, console: JudgeRow.warning),
    JudgeRow("splat with skip code", .fail, "WARNING in gup_leaf", output: nil, status: 77, console: JudgeRow.warning),
    JudgeRow("splat behind a program's unfinished line", .fail, "WARNING", console: "login: " + JudgeRow.warning),
    JudgeRow(
      "splat allowed by its title", .pass, console: JudgeRow.warning, allow: [DmesgEntry(splat: "WARNING in gup_leaf")]),
    JudgeRow(
      "splat of another title", .fail, "WARNING in gup_leaf", console: JudgeRow.warning,
      allow: [DmesgEntry(splat: "WARNING in gup")]),
    JudgeRow(
      "splat expected by its title, count wrong", .fail, "'WARNING in gup_leaf' was expected 2 times but seen 1 times",
      console: JudgeRow.warning, expect: [DmesgEntry(splat: "WARNING in gup_leaf", count: .exactly(2))]),
    JudgeRow(
      "splat expected by its title, missing", .fail, "'WARNING in gup_leaf' was expected at least 1 times but seen 0",
      expect: [DmesgEntry(splat: "WARNING in gup_leaf")]),
    JudgeRow(
      "splat beyond the count of its title", .fail, "seen 2 times; allowed: at most 1",
      console: JudgeRow.warning + JudgeRow.warning, allow: [DmesgEntry(splat: "WARNING in gup_leaf", count: .atMost(1))]
    ),
    JudgeRow("splat allowed", .pass, console: JudgeRow.warning, allow: [JudgeRow.entry("WARNING*gup_leaf")]),
    JudgeRow(
      "splat not allowed", .fail, "WARNING in gup_leaf", console: JudgeRow.warning,
      allow: [JudgeRow.entry("WARNING*other")]),
    JudgeRow(
      "splat beyond the allowed count", .fail, "seen 2 times; allowed: at most 1",
      console: JudgeRow.warning + JudgeRow.warning, allow: [JudgeRow.entry("WARNING: *gup_leaf", .atMost(1))]),
    JudgeRow(
      "an expected message is no excuse for the splat around it", .fail, "WARNING in gup_leaf",
      console: JudgeRow.warning.replacing("Modules linked in:", with: "Memory failure: 0x1: Recovered"),
      expect: [JudgeRow.entry("Memory failure: *")]),
    JudgeRow(
      "expected message", .pass, console: JudgeRow.poison,
      expect: [JudgeRow.entry("recovery action for dax page: Recovered")]),
    JudgeRow(
      "expected message missing", .fail, "expected at least 1 times but seen 0",
      expect: [JudgeRow.entry("Memory failure: *")]),
    JudgeRow(
      "expected message, count wrong", .fail, "expected 2 times but seen 1", console: JudgeRow.poison,
      expect: [JudgeRow.entry("Memory failure: *", .exactly(2))]),
    JudgeRow(
      "expected message in one of its wordings", .pass, console: JudgeRow.poison,
      expect: [JudgeRow.either("soft offline: *", "recovery action for *: Recovered", .exactly(1))]),
    JudgeRow(
      "expected message in none of its wordings", .fail, "kernel message 'soft offline' or 'hard *' was expected",
      console: JudgeRow.poison, expect: [JudgeRow.either("soft offline", "hard *")]),
    JudgeRow(
      "expected message that matches two wordings is one", .pass, console: JudgeRow.poison,
      expect: [JudgeRow.either("Memory failure: *", "Recovered", .exactly(1))]),
    JudgeRow(
      "expected message forged by a program", .fail, "seen 0 times", console: "Memory failure: 0x1: Recovered\r\n",
      expect: [JudgeRow.entry("Memory failure: *")]),
    JudgeRow(
      "a skip expects no message", .skip, "all 2", output: JudgeRow.skipped,
      expect: [JudgeRow.entry("Memory failure: *")]),
    JudgeRow("panic", .crash, "kernel panic", ending: .guestGone, console: JudgeRow.panic),
    JudgeRow("panic after ok", .crash, "kernel panic", console: JudgeRow.panic),
    JudgeRow(
      "reset after a warning", .crash, "after: WARNING in gup_leaf", ending: .guestGone, console: JudgeRow.warning),
    JudgeRow("agent died", .error, "agent died", ending: .guestGone, console: JudgeRow.initDied),
    JudgeRow(
      "agent died of a kernel's fault", .crash, "kernel panic: Attempted to kill init", ending: .guestGone,
      console: JudgeRow.warning + String(repeating: "[  100.000000] x\r\n", count: 40)
        + JudgeRow.initDied.replacing("    4.4", with: "  100.4")),
    JudgeRow("crash before timeout", .crash, "kernel panic", ending: .silent, console: JudgeRow.panic),
    JudgeRow(
      "timeout before error and fail", .timeout, "timed out", output: JudgeRow.bad,
      ending: JudgeRow.end(timedOut: true),
      console: JudgeRow.warning),
    JudgeRow(
      "error before fail", .error, "QEMU ended", output: JudgeRow.bad, ending: .hostLostGuest, console: JudgeRow.warning
    ),
    JudgeRow("fail before skip", .fail, "WARNING", output: JudgeRow.skipped, console: JudgeRow.warning),
  ]

  private static let silenced = KernelLogReport.Change(
    path: "/proc/sys/kernel/printk", before: "7 4 1 7", after: "1 4 1 7")
  private static let poison = JudgeRow.pattern("Memory failure: *: recovery action")

  static let logRows: [JudgeRow] = [
    JudgeRow(
      "the agent's last line is missing", .error, "the agent's line at the case's end is missing",
      log: LogEvidence(hasEnd: false)),
    JudgeRow(
      "the agent's first line is missing", .error, "the agent's line at the case's start is missing",
      log: LogEvidence(hasBegin: false)),
    JudgeRow(
      "a skip with a silent log", .error, "at the case's start and end is missing", output: JudgeRow.skipped,
      log: LogEvidence(hasBegin: false, hasEnd: false)),
    JudgeRow(
      "a failure with a silent log", .fail, "b failed", output: JudgeRow.bad, log: LogEvidence(hasEnd: false)),
    JudgeRow(
      "a message that a silent log cannot show", .error, "the agent's line", expect: [DmesgEntry(match: poison)],
      log: LogEvidence(hasEnd: false)),
    JudgeRow(
      "a timeout with a silent log", .timeout, "timed out", ending: JudgeRow.end(timedOut: true),
      log: LogEvidence(hasEnd: false)),
    JudgeRow(
      "messages that nobody could keep", .error, "the kernel dropped messages",
      ending: JudgeRow.end(log: KernelLogReport(isIncomplete: true)), log: LogEvidence(hasDropped: true)),
    JudgeRow(
      "a message that the console may have lost", .error, "the console shows 1, and the log buffer",
      ending: JudgeRow.end(log: KernelLogReport(isIncomplete: true)), console: "[    4.4] the line\n[  e line\n",
      expect: [JudgeRow.entry("the line", .exactly(2))]),
    JudgeRow(
      "a message that the console has too often", .fail, "seen 2 times",
      ending: JudgeRow.end(log: KernelLogReport(isIncomplete: true)),
      console: "[    4.4] the line\n[    4.5] the line\n", expect: [JudgeRow.entry("the line", .exactly(1))]),
    JudgeRow(
      "a message that the console has in spite of an overflow", .pass,
      ending: JudgeRow.end(log: KernelLogReport(isIncomplete: true)), console: "[    4.4] the line\n",
      expect: [JudgeRow.entry("the line", .exactly(1))]),
    JudgeRow("messages that only the console dropped", .pass, log: LogEvidence(hasDropped: true)),
    JudgeRow(
      "the log says more than before", .pass,
      ending: JudgeRow.end(
        log: KernelLogReport(changes: [
          .init(path: silenced.path, before: "7 4 1 7", after: "15 4 1 7"),
          .init(path: "/sys/module/printk/parameters/ignore_loglevel", before: "N", after: "Y"),
        ]))),
    JudgeRow(
      "the case silenced the log", .error, "(/proc/sys/kernel/printk: 7 4 1 7 → 1 4 1 7)",
      ending: JudgeRow.end(log: KernelLogReport(changes: [silenced]))),
    JudgeRow(
      "the case silenced the log and failed", .fail, "b failed", output: JudgeRow.bad,
      ending: JudgeRow.end(log: KernelLogReport(changes: [silenced]))),
    JudgeRow(
      "a warning by its taint only", .error, "the kernel says that it warned (taint W), but its log does not show it",
      ending: JudgeRow.end(log: KernelLogReport(taints: 1 << 9))),
    JudgeRow(
      "a warning by its count only", .error, "it warned (warn_count)",
      ending: JudgeRow.end(log: KernelLogReport(warnings: 1))),
    JudgeRow(
      "an oops by its count only", .error, "it oopsed (oops_count)",
      ending: JudgeRow.end(log: KernelLogReport(oopses: 1))),
    JudgeRow(
      "a taint without a message", .pass, ending: JudgeRow.end(log: KernelLogReport(taints: 1 << 12 | 1 << 18))),
    JudgeRow(
      "an allowed warning that is counted and seen", .pass,
      ending: JudgeRow.end(log: KernelLogReport(taints: 1 << 9, warnings: 1)), console: JudgeRow.warning,
      allow: [DmesgEntry(splat: "WARNING in gup_leaf")]),
    JudgeRow(
      "a warning that the console did not show", .fail, "WARNING in gup_leaf (in the log buffer, not on the console)",
      ending: JudgeRow.end(log: KernelLogReport(warnings: 1)), log: JudgeRow.buffer(JudgeRow.warning)),
    JudgeRow(
      "an oops that the console did not show", .crash, "kernel panic: sysrq triggered crash (in the log buffer",
      log: JudgeRow.buffer(JudgeRow.panic)),
    JudgeRow(
      "an allowed warning that the console did not show", .pass, allow: [DmesgEntry(splat: "WARNING in gup_leaf")],
      log: JudgeRow.buffer(JudgeRow.warning)),
    JudgeRow(
      "expected message written by a program", .fail, "seen 0 times", console: JudgeRow.poison,
      expect: [DmesgEntry(match: poison)], log: JudgeRow.buffer("", poison)),
    JudgeRow(
      "expected message of the kernel's own", .pass, console: JudgeRow.poison + JudgeRow.poison,
      expect: [DmesgEntry(match: poison, count: .exactly(1))], log: JudgeRow.buffer(JudgeRow.poison, poison)),
    JudgeRow(
      "splat written by a program where one is expected", .fail, "seen 0 times", console: JudgeRow.warning,
      expect: [DmesgEntry(splat: "WARNING in gup_leaf")], log: JudgeRow.buffer("")),
  ]

  @Test("a rule", arguments: subtestRows + exitRows + metricRows + kernelRows + logRows)
  func rule(_ row: JudgeRow) {
    let result = Judge.judge(row.evidence, boot: 1)
    #expect(result.verdict == row.verdict, "\(result.reason ?? "no reason")")
    #expect(row.also.isEmpty || result.findings.contains { $0.text.contains(row.also) }, "\(result.findings)")
    if row.reason.isEmpty {
      #expect(result.reason == nil)
    } else {
      #expect(result.reason?.contains(row.reason) == true, "\(result.reason ?? "no reason")")
    }
  }

  @Test("row names are unique: docs/verdicts.md names them")
  func names() {
    let names = (Self.subtestRows + Self.exitRows + Self.metricRows + Self.kernelRows).map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test("a known failure that passes again is pointed out, one that fails is not counted as a failure")
  func knownNotes() {
    let passes = Judge.judge(JudgeRow("", .pass, known: [JudgeRow.knows("b")]).evidence, boot: nil)
    #expect(passes.notes == [SubtestNote(id: "b", verdict: .pass, known: true, detail: "since 6.1")])
    #expect(passes.subtests == SubtestCounts(pass: 2))
    let fails = Judge.judge(JudgeRow("", .pass, output: JudgeRow.bad, known: [JudgeRow.knows("b")]).evidence, boot: nil)
    #expect(fails.notes == [SubtestNote(id: "b", verdict: .fail, known: true, detail: "since 6.1")])
    #expect(fails.subtests == SubtestCounts(pass: 1, known: 1))
  }

  @Test("crash > timeout > error > fail > skip > pass; a group is its worst member, skips aside")
  func precedence() {
    #expect(Verdict.allCases.sorted() == [.pass, .skip, .fail, .error, .timeout, .crash])
    #expect(Verdict.summary(of: [.pass, .skip]) == .pass)
    #expect(Verdict.summary(of: [.skip, .skip]) == .skip)
    #expect(Verdict.summary(of: []) == .skip)
    #expect(Verdict.summary(of: [.pass, .fail, .skip]) == .fail)
    for (place, low) in Verdict.allCases.enumerated() {
      for high in Verdict.allCases[place...] {
        #expect(Verdict.summary(of: [low, high]) == (high == .skip ? low : high))
      }
    }
  }

  @Test("all that was wrong is told, the most telling first, and how the program ended")
  func allFindings() {
    let row = JudgeRow(
      "", .fail, output: "1..5\nok 1 a\nnot ok 2 b\n",
      ending: JudgeRow.end(.signalled(signal: 11), dropped: 9), console: JudgeRow.warning,
      expect: [JudgeRow.entry("Memory failure: *")], subtests: .exactly(5))
    var evidence = row.evidence
    evidence.remarks = [CaseFinding(.artefact, .pass, "trace.dat was cut")]
    let result = Judge.judge(evidence, boot: nil)
    #expect(
      result.findings.map(\.kind) == [
        .splat, .program, .outputLimit, .incomplete, .subtest, .vacuous, .kernelMessage, .artefact,
      ])
    #expect(result.reason == "kernel: WARNING in gup_leaf" && result.reason == result.findings.first?.text)
    #expect(result.otherFindings == Array(result.findings.dropFirst()))
    #expect(result.program == ProgramEnd(how: .signalled, signal: 11) && result.program?.text == "killed by SIGSEGV")

    let fatal = Judge.judge(
      JudgeRow("", .crash, output: JudgeRow.bad, ending: .guestGone, console: JudgeRow.panic).evidence, boot: nil)
    #expect(fatal.findings.map(\.kind) == [.fatalSplat, .guestEnded, .subtest] && fatal.program == nil)
  }

  @Test("an artefact that was left behind changes no verdict")
  func remarks() {
    var evidence = JudgeRow("", .pass).evidence
    evidence.remarks = [CaseFinding(.artefact, .pass, "trace.dat was cut")]
    let result = Judge.judge(evidence, boot: nil)
    #expect(result.verdict == .pass && result.reason == nil && result.findings == evidence.remarks)
    #expect(result.otherFindings == evidence.remarks && result.program == ProgramEnd(how: .exited, status: 0))
  }

  /// ndctl's device-dax, which ended with 250: the report spoke of a kernel message only.
  @Test("the program's own word comes before an expected message that is missing")
  func programBeforeMessage() {
    let row = JudgeRow(
      "", .fail, output: nil, status: 250, expect: [JudgeRow.entry("Memory failure: *: Sending SIGBUS")])
    var evidence = row.evidence
    evidence.tellingLine = "verify loop took too long usecs: 31718"
    let result = Judge.judge(evidence, boot: nil)
    #expect(result.reason == "exited with 250, saying 'verify loop took too long usecs: 31718'")
    #expect(result.findings.map(\.kind) == [.program, .kernelMessage])
    #expect(
      result.program == ProgramEnd(how: .exited, status: 250, said: "verify loop took too long usecs: 31718"))
  }

  @Test("signals have their names")
  func signals() {
    #expect(ProgramEnd.signalName(6) == "SIGABRT" && ProgramEnd.signalName(34) == "signal 34")
  }
}
