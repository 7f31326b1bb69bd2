import ArgumentParser
import Glibc
import KTestHarness
import KTestHost
import KTestValues

struct BisectShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the state of a search, also while it runs.")

  @Argument(help: "The search: its name, or latest.") var search = "latest"
  @Flag(help: "List every run.") var steps = false
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let places = places.session.places
      // Another search may begin while this one is shown.
      let directory = try SearchView(search, in: places).directory
      try await interruptible {
        var shown = -1
        while true {
          let view = try SearchView(directory, in: places)
          // On a terminal, a running search is redrawn after each of its steps.
          let isLive = view.isAlive && isatty(1) == 1
          if view.steps.count != shown || !isLive {
            let text = sanitised(view.text(withSteps: steps), keepingLines: true)
            writeAll((isLive || shown >= 0 ? "\u{1B}[H\u{1B}[J" : "") + text, to: 1)
          }
          guard isLive else { return }
          shown = view.steps.count
          try await Task.sleep(for: .seconds(1))
        }
      }
    }
  }
}

struct BisectLog: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Print a search in the format of 'git bisect replay'.")

  @Argument(help: "The search: its name, or latest.") var search = "latest"
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let log = try await SearchView(search, in: places.session.places).gitLog()
      writeAll(sanitised(log, keepingLines: true), to: 1)
    }
  }
}
