import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

struct SuiteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite", abstract: "List, show and check suites.",
    subcommands: [List.self, Show.self, Check.self, Schema.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the suites that ktest finds.")

    @Option(help: "text or json.") var format = OutputFormat.text
    @Option(help: ArgumentHelp("Only suites with such a case, and count only those.", valueName: "tag"))
    var tag: [String] = []

    func run() async throws {
      try await reporting {
        let session = Session.onTerminal(.current())
        var files = try session.namedSuitePaths().compactMap { path -> SuiteFile? in
          do { return try session.suite(at: path) } catch {
            writeAll("\(Failure(error))\n", to: 2)
            return nil
          }
        }
        if !tag.isEmpty { files = try files.selecting(tags: tag) }
        let suites = try files.map { try $0.chosenSuite }
        if format == .json { return try printJSON(suites) }
        let rows = suites.map { suite in
          let count = suite.cases.count
          let summary = suite.description.split(separator: "\n").first.map(String.init) ?? ""
          return [suite.name, "\(count) \(count == 1 ? "case" : "cases")", summary]
        }
        writeAll(columnReport(["", "", ""], rows, style: .output), to: 1)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the cases of suites: tags, conditions, subtests; with --kernel, which of them exist there.")

    @Argument(help: "Suites, as for ktest run.") var suites: [String]
    @Option(name: .shortAndLong, help: "A kernel, as for ktest run. Can be repeated.") var kernel: [String] = []
    @Option(help: ArgumentHelp("Only cases with this tag. Can be repeated.", valueName: "tag")) var tag: [String] = []
    @Option(help: "text or json.") var format = OutputFormat.text
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let session = places.session
        var files = try suites.map(session.suite)
        if !tag.isEmpty { files = try files.selecting(tags: tag) }
        let chosen = try files.map { try $0.chosenSuite }
        if format == .json { return try printJSON(chosen) }
        var kernels: [KernelBuild] = []
        for name in kernel { kernels.append(try await session.silent.kernel(name)) }
        for suite in chosen {
          let absent = try kernels.map { (kernel: $0.label, cases: try absentCases(of: suite, on: $0)) }
          writeAll(suiteReport(suite, absent: absent, style: .output), to: 1)
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
            let tags = Set(suite.cases.flatMap(\.tags)).sorted().joined(separator: ", ")
            let rest = tags.isEmpty ? "" : ", tags: \(tags)"
            writeAll(sanitised("\(path): suite \(suite.name), \(suite.cases.count) cases\(rest)") + "\n", to: 1)
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
