import KTestValues

/// The first page where no night is recorded: what the runs that are here say.
struct HistoryMorning: Sendable {
  var summaries: [SeriesSummary]
  var runs: [(id: String, facts: RunFacts)]
  var pages: PageIndex
  var hosts: HostsPage

  private static let latest = 30

  func page() -> Page {
    func ends(with letters: String) -> [SeriesSummary] {
      summaries.filter { summary in summary.recent.last.map { letters.contains($0) } ?? false }
    }
    let untested = ends(with: "sE").filter { $0.tally.runs > 0 }
    let failing = ends(with: "FTC")
    let flaky = summaries.filter { $0.isFlaky && $0.recent.last == "." }
    let parts = [
      ("untested", "Not tested any more", "bad", untested, "They had results, and the newest is none."),
      ("failing", "Failing", "bad", failing, "Their newest result is a failure."),
      ("flaky", "Flaky", "quiet", flaky, "They fail now and then, and no change explains it."),
    ].filter { !$0.3.isEmpty }
    let passing = summaries.count { $0.recent.last == "." }
    var chips = parts.map { anchor, title, kind, members, _ -> PageValues in
      [
        "count": .number(members.count), "word": .text(title.lowercased()), "kind": .text(kind),
        "anchor": .text(anchor),
      ]
    }
    chips.append([
      "count": .number(passing), "word": .text("passing"), "kind": .text("ok"), "anchor": .text("runs"),
    ])
    let sentences = hosts.sentences(from: "")
    return Page(
      path: PagePath.index, title: "Results", template: .night,
      values: [
        "headline": .text(""),
        "about": .markup(
          Markup("No night is recorded, so this page shows the newest result of each test over all runs. ")),
        "hasCounts": .flag(true), "counts": .list(chips), "hasProblems": .flag(false),
        "sections": .list(
          parts.map { anchor, title, kind, members, note in
            [
              "anchor": .text(anchor), "title": .text(title), "note": .text(note),
              "kind": .text(anchor == "untested" ? "bad loud" : kind),
              "count": .number(members.count), "findings": .list([]), "hasLines": .flag(true),
              "lines": .list(members.map(line)),
            ]
          }),
        "hasSearches": .flag(false), "hasDrills": .flag(false), "hasDifferences": .flag(false),
        "hasKernels": .flag(false), "hasHosts": .flag(!sentences.isEmpty),
        "hosts": .list(sentences.map { ["text": .markup($0)] }),
        "hasRuns": .flag(!runs.isEmpty), "runCount": .number(runs.count),
        "runs": .list(runs.suffix(HistoryMorning.latest).reversed().map(run)),
      ], json: historyJSON(summaries))
  }

  private func line(_ summary: SeriesSummary) -> PageValues {
    [
      "strip": .markup(Strip(letters: summary.recent).markup),
      "name": .markup(PageText.link(pages.test(summary.series.name, from: ""), summary.series.name)),
      "kernel": .text(summary.series.placeText), "note": .text("failed in \(PageText.share(summary.tally))"),
    ]
  }

  private func run(_ id: String, _ facts: RunFacts) -> PageValues {
    let overview = facts.overview
    var name = PageText.link(PagePath.run(id), id)
    if let verdict = overview.verdict {
      name.add(" ")
      name.add(PageText.verdict(verdict))
    }
    return [
      "name": .markup(name),
      "about": .text("\(overview.suites.joined(separator: ", ")) on \(overview.kernels.joined(separator: ", "))"),
    ]
  }
}
