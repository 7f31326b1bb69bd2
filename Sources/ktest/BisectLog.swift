import ArgumentParser
import Foundation
import KTestHarness

struct BisectLog: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Print a search as 'git bisect replay' reads it.")

  @Argument(help: "The search: its name, or latest.") var search = "latest"
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let directory = try findSearch(search, in: places.places.stateDirectory)
      let (header, steps, _) = try BisectJob.Record.contents(of: directory)
      guard case .commits(let repository, _, _) = header.space else {
        throw Failure(.usage, "\(directory) did not search commits; git has no use for it")
      }
      guard let graph = BisectFiles.load(CommitGraph.self, "graph.json", directory) else {
        throw Failure(.usage, "\(directory) has seen no run yet")
      }
      var bisection = Bisection(graph, header.parameters)
      for step in steps { bisection.replay(step) }
      let log = bisection.gitLog
      let history = try? await GitHistory(containing: repository)
      var subjects: [String: String] = [:]
      for entry in log.entries { subjects[entry.commit] = try? await history?.describe(entry.commit).subject }
      writeAll(sanitised(log.text { subjects[$0] }, keepingLines: true), to: 1)
    }
  }
}

extension BisectRun {
  /// What `git bisect log` wrote, as statements of somebody else: a run can overrule them.
  static func imported(_ path: String) throws -> [Evidence] {
    let text = try readInput(path)
    do {
      return try GitBisectLog(parsing: text).evidence
    } catch { throw Failure(.usage, "\(path): \(error)") }
  }
}
