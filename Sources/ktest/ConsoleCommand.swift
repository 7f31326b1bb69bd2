import ArgumentParser
import Foundation
import KTestHarness

struct ConsoleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "console", abstract: "Find the splats in a kernel console log, of this tool or another.",
    discussion: "Exit codes: 0 the log was read, whatever is in it; 64 it cannot be read.")

  @Argument(help: "A log, also one packed by gzip, or '-' for standard input.") var file: String
  @Option(help: "text or json.") var format = OutputFormat.text

  @Flag(help: "Wait for more at the end of the log, and print each splat when it is over.")
  var follow = false

  @Option(
    help: ArgumentHelp("Say source files and lines, from the vmlinux of the kernel that ran.", valueName: "vmlinux"))
  var symbolize: String?

  @Option(
    name: .customLong("module"),
    help: ArgumentHelp("A module that was loaded (.ko), for --symbolize; can be repeated.", valueName: "file"))
  var modules: [String] = []

  @Option(
    help: ArgumentHelp("The source tree, for --symbolize: adds who maintains the file to blame.", valueName: "dir"))
  var source: String?

  /// Splats that wait for their symbols at once; each kernel file is read once for all of them.
  private static let batch = 256
  /// Milliseconds after which a followed log is taken to have said all.
  private static let silence = 2000

  func validate() throws {
    if symbolize == nil, source != nil || !modules.isEmpty {
      throw ValidationError("--source and --module say more to --symbolize, which is missing")
    }
  }

  func run() async throws {
    try await reporting {
      let symbolizer = try symbolize.map { try Symbolizer(kernel: $0, modules: modules, source: source) }
      if follow {
        try await interruptible { try await read(symbolizer) }
      } else {
        try await read(symbolizer)
      }
    }
  }

  private func read(_ symbolizer: Symbolizer?) async throws {
    var output = SplatOutput(format: format, symbolizer: symbolizer)
    var stream = SplatStream()
    var pending: [Splat] = []
    do {
      try await readLog(file, following: follow) { input in
        switch input {
        case .bytes(let bytes): pending += stream.push(bytes)
        case .silence(let milliseconds): if milliseconds >= Self.silence { pending += stream.settle() }
        case .restarted:
          pending += stream.finish()
          stream = SplatStream()
        }
        // Without symbols there is nothing to wait for.
        if pending.count >= (follow || symbolizer == nil ? 1 : Self.batch) {
          defer { pending = [] }
          return try await output.write(pending)
        }
        return output.isOpen
      }
    } catch let error as LogError {
      // What could be read is worth having.
      if stream.offset > 0 { _ = try await output.write(pending + stream.finish()) }
      output.end(isWhole: stream.offset > 0)
      throw Failure(error.isUsage ? .usage : .host, error.description)
    }
    _ = try await output.write(pending + stream.finish())
    output.end(isWhole: true)
  }
}
