import ArgumentParser
import Foundation
import KTestHarness

struct BisectShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Draw where a search stands, also while it runs.")

  @Argument(help: "The search: its name, or latest.") var search = "latest"
  @Flag(help: "List every run.") var steps = false
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let directory = try findSearch(search, in: places.places.stateDirectory)
      try await interruptible {
        var shown = -1
        while true {
          let (header, steps, isAlive) = try BisectJob.Record.contents(of: directory)
          // On a terminal a search that runs is drawn again after each of its steps.
          let isLive = isAlive && isatty(1) == 1
          if steps.count != shown || !isLive {
            let text = sanitised(try text(directory, header, steps, isAlive), keepingLines: true)
            writeAll((isLive || shown >= 0 ? "\u{1B}[H\u{1B}[J" : "") + text, to: 1)
          }
          guard isLive else { return }
          shown = steps.count
          try await Task.sleep(for: .seconds(1))
        }
      }
    }
  }

  private func text(
    _ directory: String, _ header: BisectHeader, _ steps: [SearchStep], _ isAlive: Bool
  ) throws -> String {
    var lines = [
      "search \(directory.split(separator: "/").last ?? "")  \(header.suiteName)\(isAlive ? "  (running)" : "")"
    ]
    lines.append("  from \(header.goodNames.joined(separator: ", ")) to \(header.badName)")
    if let aim = BisectFiles.load(BisectAim.self, "target.json", directory) {
      lines.append("  target: \(aim.target.text) (case \(aim.testCase))")
    }
    if self.steps {
      lines += BisectShow.rows(steps, directory)
    }
    if let report = try? RegularFile.bytes(of: directory + "/report.txt", limit: 1 << 26) {
      return lines.joined(separator: "\n") + "\n\n" + String(decoding: report, as: UTF8.self)
    }
    if let differences = BisectFiles.load(BisectDifferences.self, "differences.json", directory) {
      if !self.steps { lines += BisectShow.rows(steps, directory) }
      lines.append("  \(differences.names.count) differences")
      return lines.joined(separator: "\n") + "\n"
    }
    guard let graph = BisectFiles.load(CommitGraph.self, "graph.json", directory) else {
      return lines.joined(separator: "\n") + "\n  the ends are being built\n"
    }
    var bisection = Bisection(graph, header.parameters)
    for step in steps { bisection.replay(step) }
    lines += BisectShow.drawing(bisection)
    if let rest = bisection.rest() {
      lines.append("  about \(rest.runs) runs and \(BisectText.seconds(rest.seconds)) to go")
    }
    let next = bisection.next()
    if case .probe(let probe) = next {
      lines.append(
        "  next: \(BisectText.word(probe.purpose)) \(BisectText.short(probe.commit)), at most \(probe.runs) runs")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The commits that are left, the likeliest first, each with its chance as a bar.
  static func drawing(_ bisection: Bisection, limit: Int = 20) -> [String] {
    let evidence = bisection.evidence
    let runs = evidence.filter { $0.source == .run && $0.outcome != .infrastructure }.count
    let built = Set(evidence.map(\.subject)).count
    let spent = evidence.compactMap(\.cost).reduce(0) { $0 + ($1.build ?? 0) + $1.boot + $1.run }
    var lines = ["  \(runs) runs on \(built) kernels in \(BisectText.seconds(spent))"]
    if let rate = bisection.showingRate, evidence.contains(where: { $0.outcome == .targetSeen }) {
      lines.append(
        "  the target shows in about \(Int(max(0, min(100, (rate * 100).rounded())))) % of runs that have it")
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

extension BisectShow {
  /// A row for each step.
  static func rows(_ steps: [SearchStep], _ directory: String) -> [String] {
    let names = BisectFiles.load(BisectDifferences.self, "differences.json", directory)?.names ?? []
    var number = 0
    return steps.flatMap { step -> [String] in
      switch step {
      case .trial(let trial):
        number += 1
        return BisectText.line(trial, names, number: number)
      case .evidence: number += 1
      case .built, .identical, .prepared: break
      }
      return BisectText.line(step, number: number) ?? []
    }
  }
}

enum BisectFiles {
  static func load<Value: Decodable>(_ type: Value.Type, _ name: String, _ directory: String) -> Value? {
    (try? RegularFile.bytes(of: "\(directory)/\(name)", limit: 1 << 28)).flatMap {
      try? JSONDecoder().decode(type, from: Data($0))
    }
  }
}
