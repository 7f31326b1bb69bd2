import Foundation
import KTestHarness
import KTestValues

/// A run's directory through its reader, and what was read through every report and a comparison.
struct JournalFuzz: FuzzTarget {
  static let name = "journal"
  private let mutator = Mutator(seeds: JournalSeeds.all, words: Self.words)
  private let directory: String
  private let good: RunComparison.Run

  private static let words = [
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "{}", "[]", "\"\"", "\n", "\\u001b[31m", "\\u0000", "\\u202e",
    "\\ud800", "\\\"", "<&>", "]]>", "/", "../", "1e999", "-0.0", "0.1", "\"type\":\"runFinished\"", "\"v\":2",
    "=== events.jsonl\n", "=== manifest.json\n",
  ]

  private static let files = [
    "manifest.json", "events.jsonl", "consoles/boot-1.log", "consoles/boot-2.log", "output/6.12/demo/poison.out",
    "output/6.1/demo/map.err",
  ]

  init(_ files: SeedFiles) throws {
    directory = files.scratch + "/2026-11-21T101502-4000"
    for file in Self.files {
      let folder = URL(filePath: "\(directory)/\(file)").deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try Self.write(JournalSeeds.all[0], to: directory)
    let journal = try readJournal(at: directory)
    good = RunComparison.Run(summary: journal.summary, manifest: journal.manifest)
  }

  private static func write(_ input: [UInt8], to directory: String) throws {
    let parts = JoinedFiles.split(input)
    for file in files {
      let path = URL(filePath: "\(directory)/\(file)")
      if let bytes = parts[file] {
        try Data(bytes).write(to: path)
      } else {
        try? FileManager.default.removeItem(at: path)
      }
    }
  }

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with input: [UInt8], _ dice: inout Dice) throws -> String? {
    try Self.write(input, to: directory)
    let journal: JournalContents
    do {
      journal = try readJournal(at: directory)
    } catch let error as JournalError {
      return PlainText.problem(sanitised("\(error)"), "the error", limit: 1 << 20)
    }
    return reports(of: journal, input.count, &dice) ?? comparisons(journal, input.count)
  }

  private func reports(of journal: JournalContents, _ size: Int, _ dice: inout Dice) -> String? {
    let summary = journal.summary
    // A case in a table of several kernels is repeated in its row for each of them; a few bytes of input are a line.
    let limit = (1 << 20) + size * 256
    let narrow = TerminalStyle(isTerminal: true, color: false, columns: 20 + dice.below(160))
    let texts = [
      ("the report", terminalReport(journal, style: .plain)),
      ("the narrow report", terminalReport(journal, style: narrow)),
      ("the metrics", metricReport(summary, style: narrow)), ("KTAP", ktapReport(summary)),
      ("JSON", jsonReport(summary)), ("the metrics' JSON", metricJSON(summary)),
    ]
    for (what, text) in texts {
      if let problem = PlainText.problem(text, what, limit: limit) { return problem }
    }
    for (what, text) in texts where what.hasSuffix("JSON") {
      if let problem = Self.json(text, what) { return problem }
    }
    let xml = junitReport(summary)
    if let problem = XMLCheck.problem(in: xml) { return problem }
    if xml.utf8.count > limit { return "JUnit has \(xml.utf8.count) bytes" }
    return ktap(summary) ?? verdicts(summary, xml) ?? live(journal)
  }

  private static func json(_ text: String, _ what: String) -> String? {
    (try? JSONSerialization.jsonObject(with: Data(text.utf8))) == nil ? "\(what) cannot be parsed" : nil
  }

  /// Our own KTAP, read by our own parser, has as many results as the run.
  private func ktap(_ summary: RunSummary) -> String? {
    var parser = KTAPParser()
    for line in ktapReport(summary).split(separator: "\n", omittingEmptySubsequences: false) {
      parser.push(String(line))
    }
    let report = parser.finish()
    return report.missing == 0 ? nil : "KTAP lacks results: \(report.problems)"
  }

  /// A report that only counts must not show green where the run is not.
  private func verdicts(_ summary: RunSummary, _ xml: String) -> String? {
    let isBad = summary.verdict.isBad || summary.interrupted
    let isTold = summary.suites.contains { $0.verdict.isBad }
    if isTold, !summary.verdict.isBad { return "a suite is bad and the run is \(summary.verdict)" }
    let isRed = xml.contains("<failure") || xml.contains("<error")
    if isRed, !isBad { return "JUnit is red and the run is \(summary.verdict)" }
    if !isRed, isTold || summary.interrupted { return "JUnit is green and the run is not" }
    return nil
  }

  /// The events once more, as they would have been shown while they happened.
  private func live(_ journal: JournalContents) -> String? {
    var reporter = TerminalReporter(style: .plain, namesKernels: true)
    var text = ""
    for event in journal.events.compactMap(\.event) { text += reporter.apply(event, at: 1) }
    return PlainText.problem(text, "the live view", limit: (1 << 20) + journal.events.count * 65_536)
  }

  private func comparisons(_ journal: JournalContents, _ size: Int) -> String? {
    let run = RunComparison.Run(summary: journal.summary, manifest: journal.manifest)
    for (base, with) in [(run, run), (good, run), (run, good)] {
      let comparison = RunComparison(base: [base], with: [with])
      let limit = (1 << 20) + size * 256
      let text = comparisonReport(comparison, style: .plain)
      let json = comparisonJSON(comparison)
      if let problem = PlainText.problem(text, "the comparison", limit: limit) { return problem }
      if let problem = PlainText.problem(json, "the comparison's JSON", limit: limit) { return problem }
      if let problem = Self.json(json, "the comparison's JSON") { return problem }
    }
    return RunComparison(base: [run], with: [run]).isWorse ? "a run is worse than itself" : nil
  }
}
