import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

extension KernelCommand {
  struct Build: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Build a kernel from source, configured for the given suites.",
      discussion: """
        The path on stdout can be given to --kernel.

        Examples:
          ktest kernel build ../linux --for device-dax
          ktest kernel build ../linux@v6.12 --for hmm-tests --fragment debug.config
          ktest kernel build debian:linux-source-6.12 --for device-dax
          ktest kernel build . --for mm:cow
        """)

    @Argument(help: "A tree, TREE@REVISION, or debian:linux-source-VERSION[@SUITE].") var source: String
    @Option(name: .customLong("for"), help: "A suite, or SUITE:CASE, to configure the kernel for. Can be repeated.")
    var suites: [String] = []
    @OptionGroup var options: BuildOptions
    @Option(help: ArgumentHelp("Build on other hosts, see 'ktest run --help'.", valueName: "where")) var on: String?
    @Flag(help: "Ask apt for a newer source, and build even if the kernel is in the cache.") var refresh = false
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let session = places.session
        let files = try suites.map(session.suite)
        var request = try options.options.request(source, suites: files.map { try $0.chosenSuite })
        request.refresh = refresh
        var hosts = GuestOptions()
        hosts.elsewhere = on
        let built = try await interruptible { [request, hosts] in
          try await session.building(on: hosts).build(request)
        }
        session.display.notice(built.summary)
        if let log = built.log, !built.warnings.isEmpty { writeAll(sanitised("ktest: log: \(log)") + "\n", to: 2) }
        let suites = files.isEmpty ? "SUITE" : files.map(\.suite.name).joined(separator: " ")
        writeAll(sanitised("ktest: run it with: ktest run \(suites) --kernel \(built.directory)") + "\n", to: 2)
        writeAll("\(built.directory)\n", to: 1)
      }
    }
  }
}

/// The options for building kernels, of `kernel build` and `run --build`.
struct BuildOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A file with lines of a .config. Can be repeated.", valueName: "file"))
  var fragment: [String] = []

  @Option(
    help: ArgumentHelp("The start of the configuration: allnoconfig, defconfig or a file.", valueName: "base"))
  var base = "allnoconfig"

  @Option(help: ArgumentHelp("Compile this many files at once; the default is the number of CPUs.", valueName: "n"))
  var jobs: Int?

  func validate() throws {
    if let jobs, !(1...4096).contains(jobs) { throw ValidationError("--jobs must be a number from 1 to 4096") }
  }

  var options: KernelBuildOptions { KernelBuildOptions(base: base, fragments: fragment, jobs: jobs) }
}
