import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

struct PagesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pages", abstract: "Write the results of all nights and runs as static pages.",
    discussion: """
      The pages need no server and no network: open DIR/index.html, or copy DIR to any web server. What exists already is \
      not written again, so that this can be called after each run.

      Examples:
        ktest pages ~/public_html/ktest
        ktest pages /srv/www/ktest --url https://ci.example.org/ktest
      """)

  @Argument(help: ArgumentHelp("The directory, which is new, empty, or has pages.", valueName: "dir")) var directory:
    String
  @Option(help: ArgumentHelp("Where the pages are published; for the files that other labs fetch.", valueName: "url"))
  var url: String?
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let address = try url.map { text in
        guard let address = pageAddress(text) else {
          throw Failure(.usage, "--url: '\(text)' is no address such as https://ci.example.org/ktest")
        }
        return address
      }
      let state = places.places.stateDirectory
      let order = PageOrder(
        state: state, directory: directory, address: address, excuses: try readExcuses(in: state))
      let outcome = try await interruptible { try await writePages(order) }
      for (name, reason) in outcome.unreadable.sorted(by: { $0.key < $1.key }) {
        writeAll("ktest: \(sanitised("\(name) is left out: \(reason)"))\n", to: 2)
      }
      let text =
        "\(outcome.written) files written: \(outcome.runs) new runs, \(outcome.tests) tests, \(outcome.nights) nights"
      writeAll("\(sanitised(text))\n\(sanitised("\(directory)/index.html"))\n", to: 1)
    }
  }
}
