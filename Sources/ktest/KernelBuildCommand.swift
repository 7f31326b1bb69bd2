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
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let session = places.session
        let files = try suites.map(session.suite)
        var request = try options.options.request(source, suites: files.map(\.suite))
        request.refresh = refresh
        let built = try await interruptible { [request] in try await session.build(request) }
        session.display.notice(built.summary)
        if let log = built.log, !built.warnings.isEmpty { writeAll(sanitised("ktest: log: \(log)") + "\n", to: 2) }
        let suites = files.isEmpty ? "SUITE" : files.map(\.suite.name).joined(separator: " ")
        writeAll(sanitised("ktest: run it with: ktest run \(suites) --kernel \(built.directory)") + "\n", to: 2)
        writeAll("\(built.directory)\n", to: 1)
      }
    }
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

  var options: KernelBuildOptions { KernelBuildOptions(base: base, fragments: fragment, jobs: jobs) }
}
