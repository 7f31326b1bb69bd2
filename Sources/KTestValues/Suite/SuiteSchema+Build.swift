extension SuiteSchema {
  static let warningCount = 0...1_000_000

  static let buildConfig = SchemaType.table(keyPattern: NameRule.symbol.pattern, .written)

  static let buildTargets = SchemaType.list(.text(pattern: CaseBuild.targetPattern), nonEmpty: true)

  static let buildCase = SchemaShape(
    "build-case", "a case of a suite with kind: build",
    [
      .init(
        "name", .text(pattern: NameRule.testCase.pattern), "Unique in the suite.", example: "no-numa", required: true),
      .init("description", .text(), "Description of the configuration.", example: "One node."),
      .init(
        "config", buildConfig, "Symbols without CONFIG_: y, m, n or a number; they override the suite's.",
        example: "{NUMA: n, TEST_HMM: m}"),
      .init(
        "targets", buildTargets, "Targets for make, instead of the suite's: directories, objects, modules.",
        example: "[mm/, lib/test_hmm.ko]"),
      .init(
        "warnings", .integer(warningCount), "The number of allowed warnings, instead of the suite's.",
        example: "0"),
      .init("timeout", .duration, "For the whole build; default 1h.", example: "20m"),
    ])
}
