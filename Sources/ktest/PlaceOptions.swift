import ArgumentParser
import Foundation
import KTestHarness

/// The directories, with the same options in every command that needs them.
struct PlaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Keep runs in this directory.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("Keep kernels, images and probes in this directory.", valueName: "dir"))
  var cache: String?

  var places: Places { .current(state: state, cache: cache) }

  /// The session of this command, with its progress on the terminal.
  var session: Session { .onTerminal(places) }

  /// A relative directory means nothing where the working directory was deleted.
  func validate() throws {
    for (option, path) in [("--state", state), ("--cache", cache)] {
      guard let path, !path.hasPrefix("/"), FileManager.default.currentDirectoryPath.isEmpty else { continue }
      throw ValidationError(
        "\(option) \(path) is relative, but the working directory no longer exists; give an absolute path")
    }
    if let problem = places.problem { throw ValidationError(problem) }
  }
}

extension Places {
  /// The places of this process.
  static func current(state: String? = nil, cache: String? = nil) -> Places {
    Places(
      state: state, cache: cache, environment: ProcessInfo.processInfo.environment,
      workingDirectory: FileManager.default.currentDirectoryPath,
      executable: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        ?? CommandLine.arguments[0])
  }
}

extension TerminalStyle {
  /// The style of standard output.
  static var output: TerminalStyle { .detect(1, environment: ProcessInfo.processInfo.environment) }
}

extension Session {
  static func onTerminal(_ places: Places) -> Session {
    Session(places: places, arguments: Array(CommandLine.arguments.dropFirst()), display: TerminalDisplay())
  }
}
