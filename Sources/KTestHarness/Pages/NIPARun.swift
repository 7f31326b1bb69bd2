import KTestValues

/// One run on one kernel as NIPA's tools read it (https://github.com/linux-netdev/nipa, contest/): `results.json` lists runs by
/// executor, branch and url, and each url has the results.
struct NIPARun: Sendable {
  /// An entry of `results.json`.
  struct Entry: Codable, Sendable, Equatable {
    /// Beside `results.json`.
    var file: String
    var branch: String
  }

  /// Who ran the tests.
  static let executor = "ktest"

  var entry: Entry
  private var results: [JSONValue] = []
  private var start: WallTime
  private var seconds: Double
  private var link: String

  /// Returns one for each kernel of the run.
  /// - Parameter address: where the pages are published; without it, links are relative.
  static func all(_ journal: JournalContents, id: String, address: String?) -> [NIPARun] {
    let summary = journal.summary
    let start =
      journal.manifest.flatMap { WallTime(iso: $0.started) } ?? journal.events.first?.time ?? WallTime(milliseconds: 0)
    var kernels: [String] = []
    for suite in summary.suites where !kernels.contains(suite.kernel) { kernels.append(suite.kernel) }
    return kernels.enumerated().map { place, kernel in
      let file = "results-\(id)" + (kernels.count > 1 ? "-\(place + 1)" : "") + ".json"
      // NIPA takes the last 17 characters of a branch for its time. Two runs may begin in one minute.
      let day = start.iso.prefix(10)
      let minute = start.iso.dropFirst(11).prefix(5).replacing(":", with: "-")
      let branch = "\(NIPAName(kernel).text)-\(id.suffix(4))-\(day)--\(minute)"
      let page = (address.map { "\($0)/" } ?? "../") + PagePath.run(id)
      var run = NIPARun(
        entry: Entry(file: file, branch: branch), start: start, seconds: summary.seconds, link: page)
      for suite in summary.suites where suite.kernel == kernel {
        run.results += suite.cases.map { result($0, suite, link: page) }
      }
      return run
    }
  }

  private init(entry: Entry, start: WallTime, seconds: Double, link: String) {
    (self.entry, self.start, self.seconds, self.link) = (entry, start, seconds, link)
  }

  var json: String {
    let end = WallTime(milliseconds: start.milliseconds + Int64(min(max(seconds, 0), 1e9) * 1000))
    return JSONValue.object([
      ("executor", .string(NIPARun.executor)), ("branch", .string(entry.branch)),
      ("start", .string(NIPARun.time(start))), ("end", .string(NIPARun.time(end))), ("link", .string(link)),
      ("results", .array(results)),
    ]).page
  }

  /// Returns `results.json`.
  static func manifest(_ entries: [Entry], address: String?) -> String {
    JSONValue.array(
      entries.map { entry in
        .object([
          ("executor", .string(executor)), ("branch", .string(entry.branch)),
          ("url", .string((address.map { "\($0)/nipa/" } ?? "") + entry.file)),
        ])
      }
    ).page
  }

  private static func result(_ result: CaseResult, _ suite: SuiteResult, link: String) -> JSONValue {
    let anchor = RunPage.anchor(suite: suite.name, kernel: suite.kernel, name: result.name)
    var fields: JSONValue.Members = [
      ("test", .string(NIPAName(result.name).text)), ("group", .string("ktest-" + NIPAName(suite.name).text)),
      ("result", .string(word(result.verdict))), ("link", .string("\(link)#\(anchor)")),
      ("time", .seconds(result.seconds)),
    ]
    if !result.splats.isEmpty { fields.append(("crashes", .strings(result.splats.map(\.title)))) }
    let notes = result.notes.filter { !$0.id.isEmpty }
    if !notes.isEmpty {
      fields.append(
        (
          "results",
          .array(
            notes.map { note in
              .object([
                ("test", .string(NIPAName(note.id).text)),
                ("result", .string(note.known ? "skip" : word(note.verdict))),
              ])
            })
        ))
    }
    return .object(fields)
  }

  /// An error of the harness says nothing about the kernel, and NIPA has no other word for that.
  private static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .pass: "pass"
    case .skip, .error: "skip"
    case .fail, .timeout, .crash: "fail"
    }
  }

  /// `2026-11-29 02:15:00+00:00`.
  private static func time(_ time: WallTime) -> String {
    time.iso.prefix(19).replacing("T", with: " ") + "+00:00"
  }
}
