import ArgumentParser
import Foundation
import KTestHarness

struct SuiteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite", abstract: "List and check suites.", subcommands: [List.self, Check.self, Schema.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the suites that ktest finds.")

    @Option(help: "text or json.") var format = OutputFormat.text

    func run() async throws {
      try await reporting {
        let session = Session.onTerminal(.current())
        let files = try (session.suitePaths() + session.suitePaths(in: "/build")).compactMap { path -> SuiteFile? in
          do { return try session.suite(at: path) } catch {
            writeAll("\(Failure(error))\n", to: 2)
            return nil
          }
        }
        if format == .json { return try printJSON(files.map(\.suite)) }
        for file in files {
          let name = file.suite.name.padding(toLength: 16, withPad: " ", startingAt: 0)
          let summary = file.suite.description.split(separator: "\n").first ?? ""
          writeAll(sanitised("\(name) \(file.suite.cases.count) cases  \(summary)") + "\n", to: 1)
        }
      }
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show everything that is wrong with suite files.")

    @Argument(help: "Suite files.") var files: [String]

    func run() async throws {
      try await reporting {
        var isGood = true
        for path in files {
          let bytes = try SuiteFile.contents(of: path)
          let (suite, diagnostics) = Suite.read(bytes: bytes, file: path)
          let text = DiagnosticRenderer(source: bytes).render(diagnostics)
          if !text.isEmpty { writeAll(text + "\n", to: 2) }
          if let suite {
            writeAll(sanitised("\(path): suite \(suite.name), \(suite.cases.count) cases") + "\n", to: 1)
          } else {
            isGood = false
          }
        }
        if !isGood { throw ExitCode(Failure.Kind.data.exitCode) }
      }
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the JSON Schema of suite files, for editors and other tools.")

    func run() { writeAll(SuiteSchema.json, to: 1) }
  }
}
