import ArgumentParser
import Foundation
import KTestHarness

extension KernelCommand {
  struct Build: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Build a kernel from source, for the suites that are to run on it.",
      discussion: """
        The path on stdout is what --kernel takes.

        Examples:
          ktest kernel build ../linux --for device-dax
          ktest kernel build ../linux@v6.12 --for hmm-tests --fragment debug.config
          ktest kernel build debian:linux-source-6.12 --for device-dax
        """)

    @Argument(help: "A tree, TREE@REVISION, or debian:linux-source-VERSION.") var source: String
    @Option(name: .customLong("for"), help: "A suite whose needs the configuration covers. May be given again.")
    var suites: [String] = []
    @OptionGroup var options: BuildOptions
    @Flag(help: "Ask apt for a newer source, and build also what is in the cache.") var refresh = false
    @OptionGroup var places: Places

    func run() async throws {
      try await reporting {
        let files = try suites.map(SuiteFile.find)
        var request = try options.request(source, suites: files.map(\.suite))
        request.refresh = refresh
        let built = try await options.build(request, places: places)
        writeAll(sanitised("ktest: \(built.summary)") + "\n", to: 2)
        if let log = built.log, !built.warnings.isEmpty { writeAll(sanitised("ktest: log: \(log)") + "\n", to: 2) }
        let suites = files.isEmpty ? "SUITE" : files.map(\.suite.name).joined(separator: " ")
        writeAll(sanitised("ktest: run it with: ktest run \(suites) --kernel \(built.directory)") + "\n", to: 2)
        writeAll("\(built.directory)\n", to: 1)
      }
    }
  }
}

extension BuiltKernel {
  /// One line about what was done.
  var summary: String {
    let work = isFromCache ? "from the cache" : "\(filesCompiled) files compiled"
    let extra = supplements.isEmpty ? "" : ", also switched on: \(supplements.joined(separator: ", "))"
    let warned = warnings.isEmpty ? "" : ", \(warnings.count) warnings"
    return "kernel \(kernel.label): \(work)\(warned), \(String(format: "%.1f", seconds)) s\(extra)"
  }
}

/// How kernels are built; of `kernel build` and `run --build`.
struct BuildOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A file with lines of a .config. May be given again.", valueName: "file"))
  var fragment: [String] = []

  @Option(
    help: ArgumentHelp("What the configuration starts from: allnoconfig, defconfig or a file.", valueName: "base"))
  var base = "allnoconfig"

  @Option(help: ArgumentHelp("Compile this many files at once; as many as there are CPUs by default.", valueName: "n"))
  var jobs: Int?

  func validate() throws {
    if let jobs, !(1...4096).contains(jobs) { throw ValidationError("--jobs is a number from 1 to 4096") }
  }

  func request(_ source: String, suites: [Suite], casesMayBeSkipped: Bool = false) throws -> KernelBuildRequest {
    var request = KernelBuildRequest(
      source: try KernelTreeName(parsing: source, isDirectory: BuildOptions.isDirectory), base: try start(),
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    for suite in suites {
      let (symbols, modules) = buildWishes(of: suite, casesMayBeSkipped: casesMayBeSkipped)
      request.wishes += symbols
      request.modules += modules
    }
    var problems: [String] = []
    for file in fragment {
      let read = ConfigFragment(parsing: try readInput(file), name: file)
      request.wishes += read.wishes
      problems += read.problems
    }
    guard problems.isEmpty else { throw KernelBuildError.badFragment(problems: problems) }
    return request
  }

  /// Builds with progress on stderr; Ctrl-C ends it.
  func build(_ request: KernelBuildRequest, places: Places) async throws -> BuiltKernel {
    let line = BuildProgressLine()
    let cache = places.builds
    defer { line.finish() }
    return try await interruptible { try await buildKernel(request, cache: cache, progress: { line.show($0) }) }
  }

  /// Whether `--kernel` names something to be built, and not a kernel that is finished.
  static func isSource(_ kernel: String) -> Bool {
    let has = { (name: String) in FileManager.default.fileExists(atPath: "\(kernel)/\(name)") }
    switch try? KernelTreeName(parsing: kernel, isDirectory: isDirectory) {
    case nil: return false
    case .debian, .revision: return true
    case .directory: return has("Makefile") && (has("Kconfig") || has("source"))
    }
  }

  static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  private func start() throws -> KernelBuildRequest.Base {
    switch base {
    case "allnoconfig": .allnoconfig
    case "defconfig": .defconfig
    default: .text(try readInput(base), name: base)
    }
  }
}
