import KTestHarness
import KTestHost
import KTestValues

/// The YAML of suites, recipes, plans of nights and excuses: there is one, or there is an error.
struct SuiteFuzz: FuzzTarget {
  static let name = "suite"
  private let mutator: Mutator

  private static let words = [
    "\t", "*a", "&a ", "[", "]", "{", "}", ": ", "- ", "'", "\"", "|", ">", "?", "!!x ", "---\n", "...\n", "~", "%",
    "@", "#",
    "\n", "   ", "99999999999999999999", "-1", "suite: x\n", "cases:\n", "  - name: a\n    run: [b]\n", "matrix:\n",
    "${a}",
    "guest:\n", "1 PiB", "0 s", "1e9 h", "numa:\n", "[x, [y, {z: 1}]]", "dmesg:\n", "known:\n", "layers:\n",
    "night: x\n", "kernels: [k]\n", "suites:\n  - suite: s\n", "{tree: t, branch: b}", "budget: {time: 1h, runs: 2}\n",
    "excuses:\n", "  - series: 'a:*'\n    reason: b\n    link: https://c\n    until: 2027-01-31\n", "splat: WARNING\n",
  ]

  init(_ files: SeedFiles) {
    mutator = Mutator(
      seeds: files.contents(
        below: "suites", "images", "Tests/KTestHarnessTests/Fixtures/Suite", "Tests/KTestHarnessTests/Fixtures/Image",
        "examples",
        suffixes: [".yaml"]), words: Self.words)
  }

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with input: [UInt8], _ dice: inout Dice) -> String? {
    let (suite, suiteProblems) = Suite.read(bytes: input, file: "t.yaml")
    let (recipe, recipeProblems) = Recipe.read(bytes: input, file: "t.yaml")
    let (night, nightProblems) = NightPlan.read(bytes: input, file: "t.yaml")
    let (excuses, excuseProblems) = Excuses.read(bytes: input, file: "t.yaml")
    return check(suite != nil, suiteProblems, input, "a suite")
      ?? check(night != nil, nightProblems, input, "a plan of a night")
      ?? check(recipe != nil, recipeProblems, input, "a recipe")
      ?? check(excuses != nil, excuseProblems, input, "excuses")
  }

  private func check(_ isThere: Bool, _ diagnostics: [Diagnostic], _ input: [UInt8], _ what: String) -> String? {
    if isThere == diagnostics.contains(where: { $0.severity == .error }) {
      return "\(what) \(isThere ? "and an error" : "neither is there nor an error")"
    }
    if diagnostics.contains(where: \.message.isEmpty) { return "a message is empty" }
    return PlainText.problem(
      DiagnosticRenderer(source: input).render(diagnostics), "the diagnostics of \(what)", limit: 1 << 20)
  }
}
