extension SuiteSchema {
  static let testCase = SchemaShape(
    "case", "a case",
    [
      .init(
        "name", .text(pattern: NameRule.testCase.pattern), "Unique in the suite.", example: "align-2m",
        required: true),
      .init("description", .text(), "What the case shows.", example: "Mappings of 2 MiB."),
      .init("run", argv, "The program and its arguments, no shell.", example: "[prog, --n, 5]", required: true),
      .init(
        "format", .choice(Case.Format.allCases.map(\.rawValue)),
        "How the program says what it found; default ktap.", example: "ktap"),
      .init(
        "exit-code", .choice(Case.ExitCode.allCases.map(\.rawValue)),
        "With format exit-code: status (default), or failures where it is the number of failures.", example: "failures"),
      .init(
        "skip-codes", .list(.integer(SuiteLimits.exitCodes)),
        "Exit codes that mean skip, with format exit-code; default [4, 77].", example: "[77]"),
      .init(
        "subtests", .anyOf([.integer(SuiteLimits.count), .map(subtests)]),
        "How many subtests must be executed; with fewer the case fails as vacuous.", example: "{min: 3}"),
      .init("requires", .map(requirements), "What this case needs besides.", example: "{config: [MEMORY_FAILURE]}"),
      .init("modules", modules, "Modules to load before this case.", example: "[{name: test_hmm}]"),
      .init("timeout", .duration, "Under KVM; longer under TCG. Default 60s.", example: "90s"),
      .init("memory-limit", .size, "Memory of all processes of the case.", example: "256MiB"),
      .init("output-limit", .size, "Bytes on stdout and stderr together.", example: "1MiB"),
      .init(
        "environment", .table(keyPattern: NameRule.environment.pattern, .written),
        "Variables, with values as written.", example: "{LEVEL: 3}"),
      .init(
        "artefacts", .list(.text()), "Files of the case's working directory to bring back; '*' stands for any text.",
        example: "['*.log']"),
      .init(
        "known", .list(.map(known)), "Failures that are known and do not fail a run.",
        example: "[{subtest: 'hmm.exclusive*', reason: refused for large folios}]"),
      .init(
        "when", .table(keyPattern: NameRule.axis.pattern, axisCondition),
        "Values of the suite's axes on which the case exists; default all.", example: "{thp: always}"),
      .init(
        "metrics", .list(.map(metric)), "Numbers that the case must give when it passes.",
        example: "[{name: total, pattern: 'Total time: * us', unit: us, better: lower}]"),
      .init("dmesg", .map(dmesg), "Rules for the kernel log besides those of the suite.", example: "{expect: [x]}"),
      .init("fresh", .boolean, "Needs a boot of its own; default false.", example: "true"),
      .init(
        "selftest", .map(selftest), "In suites of kind selftest only: what ktest must make of the case.",
        example: "{verdict: crash}"),
    ])

  static let subtests = SchemaShape(
    "subtests", "a number of subtests",
    [.init("min", .integer(SuiteLimits.count), "At least so many.", example: "3", required: true)])

  static let known = SchemaShape(
    "known-failure", "a known failure",
    [
      .init(
        "subtest", .text(), "The whole name of the subtest; '*' stands for any text.", example: "'hmm.exclusive*'",
        required: true),
      .init("reason", .text(), "Why it fails.", example: "refused for large folios", required: true),
      .init("link", .text(), "Where it is discussed.", example: "'https://lore.kernel.org/x/'"),
      .init(
        "when", .map(condition), "Where it fails; default everywhere.",
        example: "{cmdline: [transparent_hugepage=always]}"),
    ])

  static let condition = SchemaShape(
    "condition", "a condition",
    [
      .init("config", configList, "Symbols that are all set.", example: "[KASAN]"),
      .init(
        "cmdline", .list(.text()), "Kernel parameters that are all given; '*' stands for any text.",
        example: "[transparent_hugepage=always]"),
    ], others: axisCondition)

  static let metric = SchemaShape(
    "metric", "a metric",
    [
      .init("name", .text(pattern: NameRule.metric.pattern), "The metric's name.", example: "total", required: true),
      .init(
        "pattern", .text(),
        "Text of a line with one '*', which is the number; without it the case prints '# metric' lines.",
        example: "'Total time: * us'"),
      .init("unit", .text(pattern: NameRule.unit.pattern), "With pattern: its unit.", example: "us"),
      .init(
        "better", .choice(MetricDeclaration.Better.allCases.map(\.rawValue)), "With pattern: which is better.",
        example: "lower"),
    ])

  static let selftest = SchemaShape(
    "selftest", "the selftest's expectation",
    [
      .init(
        "verdict", .choice(SelftestExpectation.Outcome.allCases.map(\.rawValue)), "The verdict it must get.",
        example: "error", required: true),
      .init(
        "fault", .choice(SelftestExpectation.Fault.allCases.map(\.rawValue)),
        "What ktest does to itself meanwhile; default none.", example: "kill-qemu"),
      .init("reason", .text(), "Text to be found in the verdict's reason.", example: "no space left"),
      .init("evidence", .text(), "Text to be found in what is said of a guest that hangs.", example: "in D state"),
      .init("optional", .boolean, "May be skipped by a kernel that lacks what the case requires.", example: "true"),
    ])
}
