import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

struct SuiteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite", abstract: "List and check suites.", subcommands: [List.self, Check.self, Schema.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the suites that ktest finds.")

    @Option(help: "text or json.") var format = OutputFormat.text

    func run() async throws {
      try await reporting {
        let session = Session.onTerminal(.current())
        let files = try session.namedSuitePaths().compactMap { path -> SuiteFile? in
          do { return try session.suite(at: path) } catch {
            writeAll("\(Failure(error))\n", to: 2)
            return nil
          }
        }
        if format == .json { return try printJSON(files.map(\.suite)) }
        let rows = files.map { file in
          let count = file.suite.cases.count
          let summary = file.suite.description.split(separator: "\n").first.map(String.init) ?? ""
          return [file.suite.name, "\(count) \(count == 1 ? "case" : "cases")", summary]
        }
        writeAll(columnReport(["", "", ""], rows, style: .output), to: 1)
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
