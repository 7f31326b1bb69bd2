import ArgumentParser
import Foundation
import KTestHarness
import KTestHost

struct ConsoleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "console", abstract: "Find the splats in any kernel log.",
    discussion: "Exit codes: 0 the log was read, whatever is in it; 64 the log cannot be read.")

  @Argument(help: "A log, which may be compressed with gzip, or '-' for standard input.") var file: String
  @Option(help: "text or json.") var format = OutputFormat.text

  @Flag(help: "Wait for more at the end of the log, and print each splat when it has ended.")
  var follow = false

  @Option(
    help: ArgumentHelp("Show source files and lines, using the vmlinux of the kernel that ran.", valueName: "vmlinux"))
  var symbolize: String?

  @Option(
    name: .customLong("module"),
    help: ArgumentHelp("A module that was loaded (.ko), for --symbolize. Can be repeated.", valueName: "file"))
  var modules: [String] = []

  @Option(
    help: ArgumentHelp("The source tree, for --symbolize; adds the maintainers of the file to blame.", valueName: "dir")
  )
  var source: String?

  func validate() throws {
    if symbolize == nil, source != nil || !modules.isEmpty {
      throw ValidationError("--source and --module need --symbolize")
    }
  }

  func run() async throws {
    try await reporting {
      let reading = SplatReading(
        file, follow: follow,
        symbolizer: try symbolize.map { try Symbolizer(kernel: $0, modules: modules, source: source) })
      if follow {
        try await interruptible { try await print(reading) }
      } else {
        try await print(reading)
      }
    }
  }

  private func print(_ reading: SplatReading) async throws {
    var output = SplatOutput(format: format)
    try await reading.perform { try output.write($0) }
  }
}
