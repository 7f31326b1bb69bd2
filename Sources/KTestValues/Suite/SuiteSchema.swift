/// All keys of a suite file. The reader and `ktest suite schema` both use these tables.
package enum SuiteSchema {
  /// The JSON Schema (draft 2020-12) of a suite file.
  package static var json: String { SchemaPrinter.print(suite, title: "ktest suite") }

  package static let suite = SchemaShape(
    "suite", "a suite",
    [
      .init(
        "suite", .text(pattern: NameRule.suite.pattern), "The suite's name.", example: "device-dax", required: true),
      .init("description", .text(), "Description of the suite.", example: "Mappings of persistent memory."),
      .init(
        "kind", .choice(Suite.Kind.allCases.map(\.rawValue)),
        "test (default), build for one that compiles, or selftest for one that tests ktest itself.", example: "test"),
      .init("guest", .map(guest), "The machine to boot.", example: "{memory: 8GiB}"),
      .init(
        "requires", .map(requirements), "Requirements of every case; otherwise it is skipped.",
        example: "{cpu: [pdpe1gb]}"),
      .init(
        "image", .text(pattern: NameRule.image.pattern), "Name of the image recipe; default base.", example: "ndctl"),
      .init("modules", modules, "Kernel modules to load after boot, in this order.", example: "[libnvdimm]"),
      .init(
        "parameters", .table(keyPattern: NameRule.parameter.pattern, .map(parameter)),
        "Values for --set NAME=VALUE on the command line, for which ${NAME} stands.",
        example: "{ndctl: {description: A checkout of ndctl.}}"),
      .init(
        "matrix", .table(keyPattern: NameRule.axis.pattern, axisValues),
        "Axes with their values. Each combination is a cell, in which ${axis} stands for the value.",
        example: "{thp: [always, madvise]}"),
      .init(
        "dmesg", .map(dmesg), "Messages that the kernel log must or may contain, for every case.",
        example: "{allow: [Memory failure]}"),
      .init(
        "setup", .list(argv),
        "Programs with arguments that run before the first case of a boot; if one fails, the boot is an error.",
        example: "[[mount, -a]]"),
      .init(
        "isolation", .choice(Suite.Isolation.allCases.map(\.rawValue)),
        "shared (default) if cases share a guest, case if each gets one of its own.", example: "case"),
      .init(
        "cases", .list(.anyOf([.map(testCase), .map(buildCase)]), nonEmpty: true),
        "The cases, in order; with a collection there may be none.", example: "[{name: one, run: [one]}]",
        required: true),
      collectionField,
      .init(
        "base", .choice(CaseBuild.Base.allCases.map(\.rawValue)),
        "With kind build only: what configurations start from; default allnoconfig.", example: "defconfig"),
      .init("config", buildConfig, "With kind build only: symbols of all cases.", example: "{64BIT: y, NR_CPUS: 8}"),
      .init("targets", buildTargets, "With kind build only: the default targets of cases.", example: "[mm/]"),
      .init(
        "warnings", .integer(warningCount), "With kind build only: the number of allowed warnings; default any number.",
        example: "3"),
    ])

  static let axisValues = SchemaType.list(.written, nonEmpty: true)

  /// A condition on the values of some axes.
  static let axisCondition = SchemaType.anyOf([.written, axisValues])

  /// A program with arguments, in which a list names several programs: the first one that the image has runs.
  static let words = SchemaType.list(.anyOf([.written, .list(.written, nonEmpty: true)]), nonEmpty: true)

  static let argv = SchemaType.list(.written, nonEmpty: true)

  static let modules = SchemaType.list(.anyOf([.text(pattern: NameRule.module.patternOrAbsent), .map(module)]))

  static let module = SchemaShape(
    "module", "a module",
    [
      .init(
        "name", .text(pattern: NameRule.module.patternOrAbsent), "The module's name; with a ? it may be absent.",
        example: "test_hmm", required: true),
      .init(
        "parameters", .table(keyPattern: NameRule.moduleParameter.pattern, .written),
        "Module parameters, with values as written.", example: "{spm_addr_dev0: 0x40000000}"),
    ])

  static let parameter = SchemaShape(
    "parameter", "a parameter",
    [
      .init(
        "description", .text(), "What to give; shown when a case is skipped for lack of it.",
        example: "A checkout of ndctl.", required: true)
    ])

  static let requirements = SchemaShape(
    "requirements", "the requirements",
    [
      .init(
        "config", .list(.anyOf([configSymbol, .map(requiredSymbol)])),
        "Kernel configuration symbols, without CONFIG_; SYMBOL means y or m.",
        example: "[DEV_DAX, DEV_DAX_PMEM=m, MEMORY_FAILURE=y]"),
      .init(
        "modules", .list(.text(pattern: NameRule.module.pattern)), "Modules that exist or are built in.",
        example: "[device_dax]"),
      .init(
        "cpu", .list(.text(pattern: NameRule.cpuFlag.pattern)), "CPU flags as in /proc/cpuinfo.",
        example: "[pdpe1gb]"),
      .init(
        "parameters", .list(.text(pattern: NameRule.parameter.pattern)),
        "Parameters of the suite that must be given with --set.", example: "[ndctl]"),
    ])

  static let configSymbol = SchemaType.text(pattern: "^[A-Z0-9][A-Za-z0-9_]{0,99}(=[my])?$")

  static let configList = SchemaType.list(configSymbol)

  static let requiredSymbol = SchemaShape(
    "required-symbol", "a required symbol",
    [
      .init("symbol", configSymbol, "The symbol.", example: "MEMORY_FAILURE=y", required: true),
      .init(
        "when", .map(condition), "Where it is required; default everywhere.", example: "{kernel: '<7.2-rc1'}"),
    ])

  static let dmesg = SchemaShape(
    "dmesg", "the dmesg rules",
    [
      .init(
        "expect", .list(dmesgEntry), "Lines that must appear in the kernel log; '*' matches any text.",
        example: "[Sending SIGBUS, {match: 'Memory failure: *: recovery action', count: {min: 1, max: 4}}]"),
      .init(
        "allow", .list(dmesgEntry), "Lines that may appear although they look like a kernel problem.",
        example: "[{match: Memory failure, count: 4}]"),
    ])

  static let dmesgEntry = SchemaType.anyOf([.text(), .map(dmesgMatch)])

  static let dmesgMatch = SchemaShape(
    "dmesg-entry", "a dmesg entry",
    [
      .init(
        "match", .anyOf([.text(), .list(.text(), nonEmpty: true)]),
        "Text to find in a line; '*' matches any text. Of a list any will do.", example: "SIGBUS"),
      .init(
        "splat", .text(),
        "Instead of match: the title of a splat as ktest prints it, or one of its alternative titles.",
        example: "WARNING in try_grab_folio"),
      .init("count", count, "How often; in allow, a number is a maximum.", example: "{max: 3}"),
      .init("when", .map(condition), "Where the entry holds; default everywhere.", example: "{kernel: '>=6.13'}"),
    ])

  static let count = SchemaType.anyOf([.integer(SuiteLimits.count), .map(countRange)])

  static let countRange = SchemaShape(
    "count", "a count",
    [
      .init("min", .integer(SuiteLimits.count), "The minimum.", example: "1"),
      .init("max", .integer(SuiteLimits.count), "The maximum.", example: "9"),
    ])
}

/// Limits that the schema prints and the reader checks.
enum SuiteLimits {
  static let count = 1...1_000_000
  static let cpus = 1...255
  static let nodes = 0...63
  static let hugepages = 1...1_000_000
  static let exitCodes = 1...255
  static let retries = 1...9
  static let cases = 2_000
  /// The maximum number of combinations of a matrix.
  static let cells = 100
  /// The maximum length in bytes. The kernel reads 2048 bytes on x86, and the harness adds its own parameters.
  static let commandLine = 1536
}
