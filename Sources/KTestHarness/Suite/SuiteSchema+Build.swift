extension SuiteSchema {
  static let warningCount = 0...1_000_000

  static let buildConfig = SchemaType.table(keyPattern: NameRule.symbol.pattern, .written)

  static let buildTargets = SchemaType.list(.text(pattern: CaseBuild.targetPattern), nonEmpty: true)

  static let buildCase = SchemaShape(
    "build-case", "a case of a suite with kind: build",
    [
      .init(
        "name", .text(pattern: NameRule.testCase.pattern), "Unique in the suite.", example: "no-numa", required: true),
      .init("description", .text(), "What the configuration is about.", example: "One node."),
      .init(
        "config", buildConfig, "Symbols without CONFIG_: y, m, n or a number; they go before the suite's.",
        example: "{NUMA: n, TEST_HMM: m}"),
      .init(
        "targets", buildTargets, "What make is to build, instead of the suite's: directories, objects, modules.",
        example: "[mm/, lib/test_hmm.ko]"),
      .init(
        "warnings", .integer(warningCount), "How many warnings are allowed, instead of the suite's number.",
        example: "0"),
      .init("timeout", .duration, "Of the whole build; default 1h.", example: "20m"),
    ])
}
