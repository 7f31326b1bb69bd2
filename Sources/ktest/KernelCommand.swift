import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

struct KernelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel", abstract: "Fetch, build and inspect kernels.",
    subcommands: [List.self, Show.self, Fetch.self, Build.self, Check.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the kernels in the cache.")

    @Option(help: "text or json.") var format = OutputFormat.text
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let kernels = listKernels(in: places.session.kernelCache)
        if format == .json { return try printJSON(kernels.map(\.build)) }
        if kernels.isEmpty {
          writeAll("no kernels yet; 'ktest kernel fetch debian:6.12-cloud' fetches one\n", to: 2)
        }
        let width = kernels.map(\.build.label.count).max() ?? 0
        for kernel in kernels {
          let label = kernel.build.label.padding(toLength: width, withPad: " ", startingAt: 0)
          let suite = kernel.build.source.suite.map { " (\($0))" } ?? ""
          writeAll("\(label)  \(kernel.build.imageFormat.rawValue)  \(kernel.build.source)\(suite)\n", to: 1)
        }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the properties of a kernel.")

    @Argument(help: "A kernel, as for --kernel, or a release from 'ktest kernel list'.") var kernel: String
    @Option(help: "text or json.") var format = OutputFormat.text
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let build: KernelBuild
        let session = places.session
        if let cached = cachedKernels(named: kernel, in: session.kernelCache).last {
          build = cached.build
        } else {
          build = try await session.silent.kernel(kernel)
        }
        if format == .json { return try printJSON(build) }
        let rows = [
          ("label", build.label), ("release", build.release), ("image", build.imagePath),
          ("format", build.imageFormat.rawValue), ("sha256", build.identity),
          ("config", build.configPath ?? "not known"), ("config hash", build.configHash ?? "not known"),
          ("modules", build.modulesPath ?? "none"), ("source", "\(build.source)"),
        ]
        for (name, value) in rows {
          writeAll("\(name.padding(toLength: 12, withPad: " ", startingAt: 0)) \(sanitised(value))\n", to: 1)
        }
      }
    }
  }

  struct Fetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fetch kernels into the cache.")

    @Argument(help: "debian:NAME[@SUITE], for example debian:6.12-cloud, or the path of a .deb or .rpm.") var kernels:
      [String]
    @Flag(help: "Ask apt again, even for a kernel that is in the cache.") var refresh = false
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let session = places.session
        for name in kernels {
          let build = try await interruptible { [refresh] in try await session.kernel(name, refresh: refresh) }
          writeAll("\(build.release)  \(build.imagePath)\n", to: 1)
        }
      }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show which cases of a suite a kernel can run, without booting it.")

    @Argument(help: "A kernel, as for --kernel.") var kernel: String
    @Option(name: .customLong("for"), help: "A suite, or SUITE:CASE.") var suites: [String]
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let session = places.session
        let build = try await session.silent.kernel(kernel)
        var isComplete = true
        for file in try suites.map(session.suite) {
          let suite = try file.chosenSuite
          let (cases, absent) = try await preflight(
            suite, kernel: build, images: try session.places.folders("images"))
          for test in absent {
            writeAll(sanitised("absent  \(suite.name)/\(test.name): it \(test.reason)") + "\n", to: 1)
          }
          for test in cases {
            isComplete = isComplete && test.skip == nil
            let word = test.skip.map { "skip  \(file.suite.name)/\(test.test.name): \($0)" }
            writeAll(sanitised(word ?? "run   \(file.suite.name)/\(test.test.name)") + "\n", to: 1)
          }
        }
        if !isComplete { throw ExitCode(1) }
      }
    }
  }
}

/// Prints pretty JSON with sorted keys on stdout.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  writeAll(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n", to: 1)
}
