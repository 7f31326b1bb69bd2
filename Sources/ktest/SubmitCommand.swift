import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Send the results of runs to KCIDB, the database of kernel test results.",
    discussion: """
      The token is read from the environment variable KTEST_SUBMIT_TOKEN. A run that is sent twice is in the database once. \
      'ktest show RUN --report kcidb=-' shows what would be sent.
      """)

  @Argument(help: "The runs' names, directories, or 'latest'.") var runs: [String]
  @Option(help: ArgumentHelp("Where to send them.", valueName: "url")) var to: String
  @OptionGroup var origin: OriginOption
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      try await interruptible {
        let token = ProcessInfo.processInfo.environment["KTEST_SUBMIT_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        let post = try HTTPPost(to: to, token: token)
        let submission = Submission(by: post.send)
        for name in runs {
          let journal = try readJournal(at: try findRun(name, in: places.places.stateDirectory))
          guard journal.state != .running else {
            throw Failure(.usage, "run \(journal.id) has not ended; send it when it has")
          }
          let report = kcidbReport(journal.summary, manifest: journal.manifest, origin: origin.origin)
          let reply = try await submission.perform(report) { writeAll("\(sanitised($0))\n", to: 2) }
          writeAll("\(journal.id) sent, status \(reply.status)\n", to: 1)
        }
      }
    }
  }
}

/// `--origin`, who reports to KCIDB.
struct OriginOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Who reports to KCIDB: lower-case letters, digits and '_'. Default: ktest.", valueName: "name"))
  var origin = KCIDBOrigin.ktest
}

extension KCIDBOrigin: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
