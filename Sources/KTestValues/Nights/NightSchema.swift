/// All keys of the plan of a night. The reader and the printed schema both use these tables.
package enum NightSchema {
  /// The JSON Schema (draft 2020-12) of a plan.
  package static var json: String { SchemaPrinter.print(night, title: "ktest night") }

  static let runs = 0...10_000
  static let searches = 0...100
  static let every = 1...1000

  package static let night = SchemaShape(
    "night", "a night",
    [
      .init(
        "night", .text(pattern: NameRule.suite.pattern), "The plan's name, by which nights are found again.",
        example: "mm", required: true),
      .init(
        "kernels", .list(.anyOf([.text(), .map(kernel)]), nonEmpty: true), "The kernels, each as for --kernel.",
        example: "[debian:6.12-cloud]", required: true),
      .init(
        "suites", .list(.anyOf([.text(), .map(suite)]), nonEmpty: true), "The suites: names or files.",
        example: "[device-dax]", required: true),
      .init("budget", .map(budget), "How much a night may take.", example: "{time: 8h}"),
      .init("drills", .map(drills), "Known bugs that are planted.", example: "{patches: [bug.patch]}"),
      .init(
        "labs", .list(.map(lab)), "Other labs whose results are shown beside ours.",
        example: "[{name: other, results: /srv/other/nipa}]"),
      .init("excuses", .text(), "A file with failures that are excused.", example: "excuses.yaml"),
      .init("pages", .text(), "A directory for the pages.", example: "pages"),
      .init("mail", .map(mail), "Who is told of what changed.", example: "{to: [a@example.org], file: mail.txt}"),
      .init("kcidb", .text(), "A file for the report to KCIDB.", example: "kcidb.json"),
    ])

  static let kernel = SchemaShape(
    "night-kernel", "a kernel of a night",
    [
      .init("name", .text(), "The name in reports; by default the source.", example: "linux-mm"),
      .init(
        "kernel", .text(), "As for --kernel. A tree, TREE@REVISION and debian:linux-source-VERSION are built.",
        example: "debian:7.3-cloud@trixie-backports"),
      .init(
        "tree", .text(), "Instead of kernel: a git tree, with a branch that is fetched first.", example: "../linux"),
      .init("branch", .text(), "The branch of the tree.", example: "mm-unstable"),
      .init("remote", .text(), "Where the branch is fetched from: a remote or a URL; default origin.", example: "akpm"),
      .init(
        "base", .text(), "The start of the configuration: allnoconfig (default), defconfig or a file.",
        example: "defconfig"),
      .init("fragments", .list(.text()), "Files with lines of a .config.", example: "[debug.config]"),
      .init(
        "for", .list(.text()), "Suites that it is configured for, beside those that run on it.", example: "[hmm-tests]"),
    ])

  static let suite = SchemaShape(
    "night-suite", "a suite of a night",
    [
      .init("suite", .text(), "The suite: a name or a file.", example: "mm", required: true),
      .init("cases", .list(.text(), nonEmpty: true), "The cases; '*' matches any text.", example: "[cow, 'hugetlb-*']"),
      .init("cells", .list(.text(), nonEmpty: true), "Cells of its matrix, AXIS=VALUE.", example: "[thp=madvise]"),
      .init("tags", .list(.text(), nonEmpty: true), "Only cases with one of these tags.", example: "[thp]"),
      .init(
        "set", .table(keyPattern: NameRule.parameter.pattern, .written), "Parameters of the suite.",
        example: "{ndctl: ../ndctl}"),
      .init("kernels", .list(.text(), nonEmpty: true), "Only on these kernels, by their names.", example: "[linux-mm]"),
    ])

  static let budget = SchemaShape(
    "night-budget", "the budget",
    [
      .init("time", .duration, "The night ends after this time; default 8h.", example: "8h"),
      .init("runs", .integer(runs), "The most runs beside those of the plan; default 100.", example: "60"),
      .init("searches", .integer(searches), "The most searches of one night; default 1.", example: "2"),
    ])

  static let drills = SchemaShape(
    "night-drills", "the drills",
    [
      .init("every", .integer(every), "One night in so many has a drill; default 7.", example: "7"),
      .init(
        "patches", .list(.text(), nonEmpty: true), "Files for 'git apply', which take turns.", example: "[bug.patch]",
        required: true),
      .init(
        "kernel", .text(), "The kernel with a tree that they are planted in; default the first.", example: "linux-mm"),
    ])

  static let lab = SchemaShape(
    "night-lab", "a lab",
    [
      .init("name", .text(), "The name in reports.", example: "other", required: true),
      .init(
        "results", .text(), "A directory with results.json as NIPA has it; what brings it there is yours.",
        example: "/srv/other/nipa", required: true),
    ])

  static let mail = SchemaShape(
    "night-mail", "the mail",
    [
      .init("to", .list(.text(), nonEmpty: true), "Addresses.", example: "[mm@example.org]", required: true),
      .init("file", .text(), "Write the mail into this file.", example: "mail.txt"),
      .init(
        "sendmail", .text(), "Give the mail to this program, as to 'sendmail -t'.", example: "/usr/sbin/sendmail"),
    ])
}
