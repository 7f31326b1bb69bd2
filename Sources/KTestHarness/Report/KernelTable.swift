package import KTestValues

/// Suites by kernels, over one or several runs: how many cases have which verdict, and the reason for each result that is
/// no plain pass.
///
/// If several runs have a case on the same kernel, the last of them counts; where their verdicts differ, a remark says so.
package struct KernelTable: Sendable, Equatable {
  struct Column: Sendable, Equatable {
    var label: String
    /// Where the kernel is from; empty if the run has no manifest.
    var origin: String
    /// What distinguishes the build from others.
    var identity: String
  }

  struct Row: Sendable, Equatable {
    var suite: String
    /// One for each kernel; nil if the suite did not run on it.
    var cells: [Cell?]
  }

  struct Cell: Sendable, Equatable {
    var counts: [Verdict: Int] = [:]
    var absent = 0
    /// How many of the passes were none at the first attempt.
    var flaky = 0
    var badBoots = 0
    /// Places in ``KernelTable/remarks``, without duplicates.
    var remarks: [Int] = []
  }

  /// A reason, and every result that has it.
  struct Remark: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      case verdict(Verdict)
      case badBoot(Verdict)
      case absent
      /// Subtests of a case that was not skipped as a whole.
      case skippedSubtests
      case knownFailure
      case knownFailurePasses
      case notSteady
      /// How often a repeated case failed.
      case rounds
      /// The attempts at a flaky case.
      case attempts
    }

    struct Place: Sendable, Equatable {
      var suite: String
      var column: Int
      var test: String
      /// How many subtests of the case it is about; 0 for the case itself.
      var subtests = 0
    }

    var kind: Kind
    var reason: String
    /// Whether places have the reason with other numbers in it.
    var hasVariants = false
    var places: [Place]
  }

  private(set) var columns: [Column] = []
  private(set) var rows: [Row] = []
  private(set) var remarks: [Remark] = []

  package init(_ runs: [RecordedSummary]) {
    var results: [String: [Int: Results]] = [:]
    for run in runs {
      for suite in run.summary.suites {
        let column = column(of: suite.kernel, in: run)
        if !rows.contains(where: { $0.suite == suite.name }) { rows.append(Row(suite: suite.name, cells: [])) }
        results[suite.name, default: [:]][column, default: Results()].add(suite, of: run.summary)
      }
    }
    for row in rows.indices {
      rows[row].cells = columns.map { _ in nil }
      for column in columns.indices {
        guard let found = results[rows[row].suite]?[column] else { continue }
        rows[row].cells[column] = Cell()
        fill(row, column, found)
      }
    }
  }

  /// The number of results of a suite on a kernel.
  func count(_ suite: String, _ column: Int) -> Int {
    rows.first { $0.suite == suite }?.cells[column]?.counts.values.reduce(0, +) ?? 0
  }

  private mutating func column(of label: String, in run: RecordedSummary) -> Int {
    let kernel = run.manifest?.kernels.first { $0.label == label }
    let identity = kernel?.identity ?? label
    if let place = columns.firstIndex(where: { $0.identity == identity }) { return place }
    let same = columns.count { $0.label == label || $0.label.hasPrefix(label + "#") }
    columns.append(
      Column(
        label: same == 0 ? label : "\(label)#\(same + 1)", origin: kernel?.source.brief ?? "", identity: identity))
    return columns.count - 1
  }

  private mutating func fill(_ row: Int, _ column: Int, _ found: Results) {
    for entry in found.entries {
      switch entry.content {
      case .absent(let reason):
        rows[row].cells[column]?.absent += 1
        remark(.absent, "it \(reason)", row, column, entry.name)
      case .result(let result):
        rows[row].cells[column]?.counts[result.verdict, default: 0] += 1
        if result.isFlaky { rows[row].cells[column]?.flaky += 1 }
        remarks(on: result, row, column)
        let verdicts = entry.former + [result.verdict]
        if Set(verdicts).count > 1 {
          remark(.notSteady, verdicts.map(\.rawValue).joined(separator: ", then "), row, column, entry.name)
        }
      }
    }
    for boot in found.badBoots {
      rows[row].cells[column]?.badBoots += 1
      remark(.badBoot(boot.verdict), boot.reason ?? boot.splats.first?.title ?? "no reason given", row, column, "")
    }
  }

  private mutating func remarks(on result: CaseResult, _ row: Int, _ column: Int) {
    if result.verdict != .pass {
      remark(.verdict(result.verdict), result.reason ?? "no reason given", row, column, result.name)
    }
    if let text = result.turnText {
      remark(result.attempt == nil ? .rounds : .attempts, text, row, column, result.name)
    }
    for note in result.notes {
      let kind: Remark.Kind
      switch (note.known, note.verdict) {
      case (true, .pass): kind = .knownFailurePasses
      case (true, _): kind = .knownFailure
      case (false, .skip) where result.verdict != .skip: kind = .skippedSubtests
      default: continue
      }
      remark(kind, note.detail.isEmpty ? "no reason given" : note.detail, row, column, result.name, subtests: 1)
    }
  }

  /// Returns a text with one sign for each number.
  private static func outline(_ text: String) -> [Character] {
    text.reduce(into: []) { outline, character in
      if !("0"..."9").contains(character) {
        outline.append(character)
      } else if outline.last != "0" {
        outline.append("0")
      }
    }
  }

  private mutating func remark(
    _ kind: Remark.Kind, _ reason: String, _ row: Int, _ column: Int, _ test: String, subtests: Int = 0
  ) {
    let number: Int
    // Subtests for each size of something are skipped with as many reasons.
    func isSame(_ other: String) -> Bool {
      other == reason || kind == .skippedSubtests && KernelTable.outline(other) == KernelTable.outline(reason)
    }
    if let known = remarks.firstIndex(where: { $0.kind == kind && isSame($0.reason) }) {
      number = known
      if remarks[known].reason != reason { remarks[known].hasVariants = true }
    } else {
      remarks.append(Remark(kind: kind, reason: reason, places: []))
      number = remarks.count - 1
    }
    if rows[row].cells[column]?.remarks.contains(number) == false { rows[row].cells[column]?.remarks.append(number) }
    let suite = rows[row].suite
    let same = remarks[number].places.firstIndex { $0.suite == suite && $0.column == column && $0.test == test }
    if let same, subtests > 0 {
      remarks[number].places[same].subtests += subtests
    } else {
      remarks[number].places.append(.init(suite: suite, column: column, test: test, subtests: subtests))
    }
  }
}

/// A run with its manifest.
package struct RecordedSummary: Sendable {
  package var summary: RunSummary
  package var manifest: RunManifest?

  package init(_ summary: RunSummary, _ manifest: RunManifest?) {
    self.summary = summary
    self.manifest = manifest
  }
}

/// What is known of a suite on one kernel.
private struct Results {
  enum Content {
    case result(CaseResult)
    case absent(String)
  }

  struct Entry {
    var name: String
    /// A case may run several times in one run.
    var turn: Int
    var content: Content
    /// The verdicts in earlier runs.
    var former: [Verdict] = []
  }

  var entries: [Entry] = []
  /// Those of the last run.
  var badBoots: [BootResult] = []

  mutating func add(_ suite: SuiteResult, of run: RunSummary) {
    var turns: [String: Int] = [:]
    for result in suite.cases {
      put(result.name, turns[result.name, default: 0], .result(result))
      turns[result.name, default: 0] += 1
    }
    for test in suite.absent { put(test.name, 0, .absent(test.reason)) }
    badBoots = run.boots.filter { boot in
      guard boot.verdict.isBad, boot.suite == suite.name, boot.kernel == suite.kernel else { return false }
      // A boot that failed gives its reason to each of its cases.
      return !suite.cases.contains { $0.boot == boot.id && $0.reason == boot.reason && $0.verdict.isBad }
    }
  }

  private mutating func put(_ name: String, _ turn: Int, _ content: Content) {
    guard let place = entries.firstIndex(where: { $0.name == name && $0.turn == turn }) else {
      entries.append(Entry(name: name, turn: turn, content: content))
      return
    }
    if case .result(let former) = entries[place].content { entries[place].former.append(former.verdict) }
    entries[place].content = content
  }
}
