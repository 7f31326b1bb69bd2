import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

/// The value of `--report`, such as `junit=FILE`.
struct ReportTarget: ExpressibleByArgument {
  enum Kind: String, CaseIterable {
    case ktap, junit, json, markdown, kcidb

    func text(of run: RecordedSummary, origin: KCIDBOrigin) -> String {
      switch self {
      case .ktap: ktapReport(run.summary)
      case .junit: junitReport(run.summary)
      case .json: jsonReport(run.summary)
      case .markdown: markdownReport([run])
      case .kcidb: kcidbReport(run.summary, manifest: run.manifest, origin: origin)
      }
    }
  }

  var kind: Kind
  var file: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let kind = Kind(rawValue: parts[0]) else { return nil }
    self.kind = kind
    file = parts[1]
  }
}

/// The files of the reports, which were checked when this was created.
struct ReportFiles: Sendable {
  private var targets: [(kind: ReportTarget.Kind, file: OutputFile?)] = []
  private let origin: KCIDBOrigin

  /// Whether one of them uses standard output.
  var takesOutput: Bool { targets.contains { $0.file == nil } }

  init(_ targets: [ReportTarget], origin: KCIDBOrigin) throws {
    self.origin = origin
    for target in targets {
      let file = target.file == "-" ? nil : try OutputFile(target.file)
      if let file, self.targets.contains(where: { $0.file == file }) {
        throw Failure(.usage, "two reports have the same file \(file.path)")
      }
      self.targets.append((target.kind, file))
    }
  }

  /// Writes all reports. Throws the first error after the others are written.
  func write(_ run: RecordedSummary) throws { try write { $0.text(of: run, origin: origin) } }

  /// Writes the reports of several runs: only Markdown has them in one.
  func write(_ runs: [RecordedSummary]) throws {
    guard targets.allSatisfy({ $0.kind == .markdown }) else {
      throw Failure(.usage, "several runs make one report only as markdown=FILE; name one run for the other kinds")
    }
    let text = markdownReport(runs)
    try write { _ in text }
  }

  private func write(_ text: (ReportTarget.Kind) -> String) throws {
    var problem: OutputProblem?
    for (kind, file) in targets {
      let text = text(kind)
      guard let file else {
        writeAll(text, to: 1)
        continue
      }
      do throws(OutputProblem) { try file.write(text) } catch { problem = problem ?? error }
    }
    if let problem { throw problem }
  }
}
