extension SuiteSchema {
  static let testCase = SchemaShape(
    "case", "a case",
    [
      .init(
        "name", .text(pattern: NameRule.testCase.pattern), "Unique in the suite.", example: "align-2m",
        required: true),
      .init("description", .text(), "Description of the case.", example: "Mappings of 2 MiB."),
      .init(
        "run", words, "The program and its arguments, no shell. A list in place of a word names alternatives.",
        example: "[prog, --n, 5]", required: true),
      .init(
        "format", .choice(Case.Format.allCases.map(\.rawValue)),
        "How the program reports results; default ktap.", example: "ktap"),
      .init(
        "exit-code", .choice(Case.ExitCode.allCases.map(\.rawValue)),
        "With format exit-code: status (default), or failures if it is the number of failures.", example: "failures"),
      .init(
        "skip-codes", .list(.integer(SuiteLimits.exitCodes)),
        "Exit codes that mean skip, with format exit-code; default [4, 77].", example: "[77]"),
      .init(
        "subtests", .anyOf([subtestRule, .list(subtestRule, nonEmpty: true)]),
        "How many subtests must be executed: a number, a minimum, or all; otherwise the case fails. Of a list, the first "
          + "that holds counts.", example: "{min: 3}"),
      .init(
        "skips", .list(.map(skip)), "With subtests all: subtests that may be skipped.",
        example: "[{subtest: 'ksm*', reason: the kernel has no KSM}]"),
      .init(
        "requires", .map(requirements), "Additional requirements of this case.", example: "{config: [MEMORY_FAILURE]}"),
      .init("modules", modules, "Modules to load before this case.", example: "[{name: test_hmm}]"),
      .init(
        "each-module", .text(pattern: NameRule.parameter.pattern),
        "A parameter that names modules: the case exists once for each, which is loaded first and is ${module}.",
        example: "modules"),
      .init("timeout", .duration, "Under KVM; longer under TCG. Default 60s.", example: "90s"),
      .init("memory-limit", .size, "Memory limit of all processes of the case together.", example: "256MiB"),
      .init("output-limit", .size, "How many bytes of stdout and stderr together are kept.", example: "1MiB"),
      .init(
        "environment", .table(keyPattern: NameRule.environment.pattern, .written),
        "Variables, with values as written.", example: "{LEVEL: 3}"),
      .init(
        "artefacts", .list(.text()), "Files to fetch from the case's working directory; '*' matches any text.",
        example: "['*.log']"),
      .init(
        "known", .list(.map(known)), "Known failures, which do not fail a run.",
        example: "[{subtest: 'hmm.exclusive*', reason: refused for large folios}]"),
      .init(
        "flaky", .map(flaky),
        "The case fails now and then for a reason that is not the kernel's; --retry runs it again.",
        example: "{reason: a busy host misses its deadline of 31 ms}"),
      .init(
        "when", .map(condition), "Where the case exists; default everywhere. Elsewhere it is not part of the run.",
        example: "{kernel: '>=6.13'}"),
      .init(
        "tags", .list(.text(pattern: NameRule.tag.pattern)), "Words by which cases are selected: --tag.",
        example: "[thp, hmm]"),
      .init(
        "metrics", .list(.map(metric)), "Metrics that the case must print to pass.",
        example: "[{name: total, pattern: 'Total time: * us', unit: us, better: lower}]"),
      .init("dmesg", .map(dmesg), "Additional rules for the kernel log.", example: "{expect: [x]}"),
      .init(
        "fresh", .anyOf([.boolean, .choice(["boot"])]),
        "Whether the case gets a guest of its own, and with boot one that is booted for it, not cloned; default false.",
        example: "true"),
      .init(
        "selftest", .map(selftest), "In suites of kind selftest only: the result that ktest must report.",
        example: "{verdict: crash}"),
    ])

  /// How many subtests must be executed.
  static let subtestCount = SchemaType.anyOf([.integer(SuiteLimits.count), .choice(["all"])])

  static let subtestRule = SchemaType.anyOf([.integer(SuiteLimits.count), .choice(["all"]), .map(subtests)])

  static let subtests = SchemaShape(
    "subtests", "a rule for subtests",
    [
      .init("count", subtestCount, "The number, or all that are planned.", example: "all"),
      .init("min", .integer(SuiteLimits.count), "Instead of count: the minimum.", example: "3"),
      .init("when", .map(condition), "Where the rule holds; default everywhere.", example: "{kernel: '>=6.13'}"),
    ])

  static let skip = SchemaShape(
    "known-skip", "a known skip",
    [
      .init(
        "subtest", .text(), "The whole name of the subtest; '*' matches any text.", example: "'ksm*'", required: true),
      .init(
        "says", .text(), "Text in the reason that the test gives; default any.", example: "'not supported'"),
      .init("reason", .text(), "Why it is skipped.", example: "the kernel has no KSM", required: true),
      .init("when", .map(condition), "Where it is skipped; default everywhere.", example: "{kernel: '>=6.13'}"),
    ])

  static let known = SchemaShape(
    "known-failure", "a known failure",
    [
      .init(
        "subtest", .text(), "The whole name of the subtest; '*' matches any text.", example: "'hmm.exclusive*'",
        required: true),
      .init("reason", .text(), "Why it fails.", example: "refused for large folios", required: true),
      .init("link", .text(), "Where it is discussed.", example: "'https://lore.kernel.org/x/'"),
      .init(
        "when", .map(condition), "Where it fails; default everywhere.",
        example: "{cmdline: [transparent_hugepage=always]}"),
    ])

  static let flaky = SchemaShape(
    "flaky", "a flaky case",
    [
      .init(
        "reason", .text(), "Why it fails now and then.", example: "a busy host misses its deadline of 31 ms",
        required: true),
      .init("link", .text(), "Where that is discussed, or can be read.", example: "'https://lore.kernel.org/x/'"),
      .init(
        "retries", .integer(SuiteLimits.retries), "How often --retry may run it again after a failure; default 1.",
        example: "2"),
    ])

  static let condition = SchemaShape(
    "condition", "a condition",
    [
      .init(
        "kernel", .anyOf([.written, .list(.written, nonEmpty: true)]),
        "Versions of the kernel: >=VERSION, <VERSION or VERSION, all of which must hold; of a list any will do.",
        example: "'>=6.13 <7.0'"),
      .init("config", configList, "Symbols that are all set.", example: "[KASAN]"),
      .init(
        "cmdline", .list(.text()), "Kernel parameters that are all given; '*' matches any text.",
        example: "[transparent_hugepage=always]"),
      .init(
        "arch", .choice(Condition.Architecture.allCases.map(\.rawValue)), "The kernel's architecture.",
        example: "x86_64"),
    ], others: axisCondition)

  static let metric = SchemaShape(
    "metric", "a metric",
    [
      .init("name", .text(pattern: NameRule.metric.pattern), "The metric's name.", example: "total", required: true),
      .init(
        "pattern", .text(),
        "Text of a line with one '*', which is the number; without it the case prints '# metric' lines.",
        example: "'Total time: * us'"),
      .init("unit", .text(pattern: NameRule.unit.pattern), "With pattern: the unit.", example: "us"),
      .init(
        "better", .choice(MetricDeclaration.Better.allCases.map(\.rawValue)), "With pattern: which is better.",
        example: "lower"),
    ])

  static let selftest = SchemaShape(
    "selftest", "the selftest's expectation",
    [
      .init(
        "verdict", .choice(SelftestExpectation.Outcome.allCases.map(\.rawValue)), "The expected verdict.",
        example: "error", required: true),
      .init(
        "fault", .choice(SelftestExpectation.Fault.allCases.map(\.rawValue)),
        "The fault that ktest injects; default none.", example: "kill-qemu"),
      .init("reason", .text(), "Text that the verdict's reason must contain.", example: "no space left"),
      .init("evidence", .text(), "Text that the evidence of a hanging guest must contain.", example: "in D state"),
      .init(
        "optional", .boolean, "Whether a kernel that does not meet the requirements may skip the case.", example: "true"
      ),
      .init(
        "guest", .choice(SelftestExpectation.Origin.allCases.map(\.rawValue)),
        "Whether the case's guest must have been booted for it, or be a clone; default either.", example: "clone"),
      .init("notice", .text(), "Text that a notice of the run must contain.", example: "in a guest that is booted"),
      .init(
        "console", .text(), "Text that the console of the case's guest must contain, and of no other guest of the run.",
        example: "sysrq triggered crash"),
    ])
}
