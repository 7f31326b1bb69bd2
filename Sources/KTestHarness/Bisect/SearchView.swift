import Foundation
import KTestHost
import KTestValues

/// A read-only view of a search, also while it runs.
package struct SearchView: Sendable {
  package let directory: String
  package let steps: [SearchStep]
  /// Whether a process is working on it.
  package let isAlive: Bool
  let header: BisectHeader

  /// - Parameter name: `latest`, the search's name or its beginning, or a path.
  package init(_ name: String, in places: Places) throws {
    directory = try findSearch(name, in: places.stateDirectory)
    (header, steps, isAlive) = try SearchFiles.Record.contents(of: directory)
  }

  /// The state of the search, or its report once there is one.
  ///
  /// - Parameter withSteps: Whether every run is listed.
  package func text(withSteps: Bool) -> String {
    var lines = [
      "search \(directory.split(separator: "/").last ?? "")  \(header.suiteName)\(isAlive ? "  (running)" : "")"
    ]
    lines.append("  from \(header.goodNames.joined(separator: ", ")) to \(header.badName)")
    if let aim: BisectAim = load("target.json") {
      lines.append("  target: \(aim.target.text) (case \(aim.testCase))")
    }
    if withSteps { lines += rows }
    if let report = try? RegularFile.bytes(of: directory + "/report.txt", limit: 1 << 26) {
      return lines.joined(separator: "\n") + "\n\n" + String(decoding: report, as: UTF8.self)
    }
    if let differences {
      if !withSteps { lines += rows }
      lines.append("  \(differences.names.count) differences")
      return lines.joined(separator: "\n") + "\n"
    }
    guard var bisection else { return lines.joined(separator: "\n") + "\n  the ends are being built\n" }
    lines += SearchView.drawing(bisection)
    if let rest = bisection.rest() {
      lines.append("  about \(rest.runs) runs and \(BisectText.seconds(rest.seconds)) left")
    }
    if case .probe(let probe) = bisection.next() {
      let runs = probe.clones > 1 ? "boots of at most \(probe.clones) runs each" : "runs"
      lines.append(
        "  next: \(BisectText.word(probe.purpose)) \(BisectText.short(probe.commit)), at most \(probe.boots) \(runs)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The search as `git bisect replay` reads it. Throws `Failure` for a search that git has no use for.
  package func gitLog() async throws -> String {
    guard case .commits(let repository, _, _) = header.space else {
      throw Failure(.usage, "\(directory) did not search commits, so it has no git bisect log")
    }
    guard let bisection else { throw Failure(.usage, "\(directory) has no runs yet") }
    let log = bisection.gitLog
    let history = try? await GitHistory(containing: repository)
    var subjects: [String: String] = [:]
    for entry in log.entries { subjects[entry.commit] = try? await history?.describe(entry.commit).subject }
    return log.text { subjects[$0] }
  }

  /// Reads a file beside the steps. A file that is damaged or not there yet is not shown.
  private func load<Value: Decodable>(_ name: String) -> Value? {
    (try? SearchFiles.load(name, in: directory)) ?? nil
  }

  private var differences: BisectDifferences? { load("differences.json") }

  private var bisection: Bisection? {
    guard let graph: CommitGraph = load("graph.json") else { return nil }
    var bisection = Bisection(graph, header.parameters)
    for step in steps { bisection.replay(step) }
    return bisection
  }

  /// Returns a row for each step.
  private var rows: [String] {
    let names = differences?.names ?? []
    var number = 0
    return steps.flatMap { step -> [String] in
      switch step {
      case .trial(let trial):
        number += 1
        return BisectText.line(trial, names, number: number)
      case .evidence: number += 1
      case .built, .identical, .prepared, .began, .dropped: break
      }
      return BisectText.line(step, number: number) ?? []
    }
  }

  /// Returns the remaining commits, the most likely first, each with its probability as a bar.
  private static func drawing(_ bisection: Bisection, limit: Int = 20) -> [String] {
    let evidence = bisection.evidence
    let done = evidence.filter { $0.source == .run && $0.outcome != .infrastructure }
    let runs = BisectText.runs(done.reduce(0) { $0 + $1.runs }, boots: done.count)
    let built = Set(evidence.map(\.subject)).count
    let spent = evidence.compactMap(\.cost).reduce(0) { $0 + ($1.build ?? 0) + $1.boot + $1.run }
    var lines = ["  \(runs) on \(built) kernels in \(BisectText.seconds(spent))"]
    if let rate = bisection.showingRate, evidence.contains(where: { $0.outcome == .targetSeen }) {
      lines.append(
        "  the failure shows in about \(Int(max(0, min(100, (rate * 100).rounded())))) % of runs that have it")
    }
    let ranked = bisection.probabilities.dropLast().enumerated().sorted { $0.element > $1.element }
    let left = ranked.filter { $0.element > 0.001 }
    lines.append("  \(left.count) of \(bisection.graph.candidates) left:")
    for (node, chance) in left.prefix(limit) {
      let bar = String(repeating: "#", count: Int(max(1, min(40, chance * 40))))
      lines.append(
        "  \(BisectText.short(bisection.graph.commit(node)))  \(String(format: "%5.1f %%", chance * 100)) \(bar)")
    }
    if left.count > limit { lines.append("  and \(left.count - limit) more") }
    return lines
  }
}
