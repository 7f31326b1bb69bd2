import KTestValues

/// The page of a night: the morning that a maintainer reads. What was not tested comes first.
struct NightPage: Sendable {
  var record: NightRecord
  var pages: PageIndex
  /// The former night of the same plan.
  var former: NightRecord?
  /// What rule 3 says of the hosts, as sentences.
  var hosts: [Markup] = []
  /// The newest that is known of each search, by their ids.
  var searches: [String: NightRecord.Search] = [:]

  func page(path: String) -> Page {
    let root = PagePath.root(from: path)
    let counts = NightRecord.Word.inOrder.map { word in (word, record.findings.filter { $0.word == word }) }
    let sections = counts.filter { !$0.1.isEmpty }.map { word, findings in section(word, findings, root) }
    let problems = problems
    return Page(
      path: path, title: "\(record.plan), night of \(PageText.day(record.started))", template: .night,
      values: [
        "headline": .text(headline), "about": .markup(about(root)),
        "isWhole": .flag(isWhole && problems.isEmpty),
        "hasCounts": .flag(true), "counts": .list(chips(counts.map { ($0.0, $0.1.count) }, problems.count)),
        "hasProblems": .flag(!problems.isEmpty), "problems": .list(problems), "sections": .list(sections),
        "hasSearches": .flag(!record.searches.isEmpty), "searches": .list(record.searches.map { search($0, root) }),
        "hasMetrics": .flag(!metrics.isEmpty), "metrics": .list(metrics.map { metric($0, root) }),
        "hasLabs": .flag(record.labs?.isEmpty == false), "labs": .list((record.labs ?? []).map(lab)),
        "hasDrills": .flag(!record.drills.isEmpty), "drills": .list(record.drills.map(drill)),
        "hasDifferences": .flag(!record.differences.isEmpty),
        "differences": .list(
          record.differences.map { difference in
            [
              "what": .text(difference.kind.title + (difference.name.isEmpty ? "" : " \(difference.name)")),
              "before": .text(difference.before), "now": .text(difference.now),
            ]
          }),
        "hasKernels": .flag(!record.kernels.isEmpty), "kernels": .list(record.kernels.map(kernel)),
        "hasHosts": .flag(!hosts.isEmpty), "hosts": .list(hosts.map { ["text": .markup($0)] }),
        "hasRuns": .flag(!record.runs.isEmpty), "runCount": .number(record.runs.count),
        "runs": .list(record.runs.map { run($0, root) }),
      ], json: recordJSON(record))
  }

  /// The night in one sentence.
  private var headline: String {
    let report = NightMail(record)
    return report.summary
  }

  /// Whether all was tested that the plan asks for.
  private var isWhole: Bool {
    record.state == .complete && !record.runs.isEmpty && !record.findings.contains { $0.word == .notTested }
  }

  private func about(_ root: String) -> Markup {
    var text = Markup(text: "Begun \(PageText.time(record.started))")
    if let ended = record.ended {
      text.add(
        text: ", ended \(PageText.time(ended)) after "
          + TerminalText.duration(Double(max(0, ended - record.started)) / 1000))
    }
    text.add(text: "; \(record.state.title). ktest \(record.ktest), night \(record.id).")
    if let former {
      text.add(" ")
      text.add(PageText.link(pages.night(former.pageName, from: root), "The night before"))
      text.add(".")
    } else {
      text.add(" It is the first night of this plan.")
    }
    return text
  }

  private func chips(_ counts: [(NightRecord.Word, Int)], _ problems: Int) -> [PageValues] {
    var chips: [PageValues] = []
    func chip(_ count: Int, _ word: String, _ kind: String, _ anchor: String) {
      guard count > 0 else { return }
      chips.append([
        "count": .number(count), "word": .text(word), "kind": .text(kind), "anchor": .text(anchor),
      ])
    }
    chip(problems, "not tested as a whole", "bad", "untested")
    for (word, count) in counts {
      chip(count, count == 1 ? word.title : word.heading.lowercased(), word.kind, word.rawValue)
    }
    chip(
      metrics.count, metrics.count == 1 ? "metric moved" : "metrics moved",
      metrics.contains { $0.isConfirmed && $0.isWorse } ? "bad" : "quiet", "metrics")
    chip(record.searches.count, record.searches.count == 1 ? "search" : "searches", "quiet", "searches")
    chip(record.differences.count, "different from last night", "quiet", "differences")
    chip(record.passing, "passing", "quiet", "runs")
    return chips
  }

  private var problems: [PageValues] {
    var problems = record.untested.map { problem -> PageValues in
      [
        "what": .text(problem.kind.title), "name": .text(problem.name), "kernel": .text(problem.kernel),
        "reason": .text(problem.reason),
      ]
    }
    for kernel in record.kernels {
      guard let problem = kernel.problem,
        !record.untested.contains(where: {
          $0.kind == .kernel && $0.name == kernel.name || $0.kind == .kernel && $0.kernel == kernel.name
        })
      else { continue }
      problems.append([
        "what": .text("Kernel"), "name": .text(kernel.name), "kernel": .text(""), "reason": .text(problem),
      ])
    }
    problems += record.floods.map { flood in
      let examples = flood.examples.isEmpty ? "" : ", such as " + flood.examples.prefix(5).joined(separator: ", ")
      return [
        "what": .text("Nothing is blamed"), "name": .text(""), "kernel": .text(flood.kernel),
        "reason": .text(
          "\(flood.failed) cases failed in their first run, where \(flood.usual) are usual\(examples): the base of the tree, the host or ktest"
        ),
      ]
    }
    return problems
  }

  private func section(_ word: NightRecord.Word, _ findings: [NightRecord.Finding], _ root: String) -> PageValues {
    let isDetailed = word.isDetailed
    return [
      "anchor": .text(word.rawValue), "title": .text(word.heading), "note": .text(word.explanation),
      "count": .number(findings.count), "kind": .text(word == .notTested ? "bad loud" : word.kind),
      "findings": .list(isDetailed ? findings.map { finding($0, root) } : []),
      "hasLines": .flag(!isDetailed), "lines": .list(isDetailed ? [] : findings.map { line($0, root) }),
    ]
  }

  private func name(_ series: SeriesKey, _ root: String) -> Markup {
    PageText.link(pages.test(series.name, from: root), series.name)
  }

  private func line(_ finding: NightRecord.Finding, _ root: String) -> PageValues {
    var note = finding.rate.map { "fails in \(PageText.percent($0))" } ?? ""
    if let clean = finding.cleanRuns {
      note =
        "not seen in \(TerminalText.count(clean, "run"))"
        + (finding.neededRuns.map { " of \($0) that are needed" } ?? "")
    }
    return [
      "strip": .markup(Strip(letters: finding.strip).markup), "name": .markup(name(finding.series, root)),
      "kernel": .text(finding.kernel), "note": .text(note),
    ]
  }

  private func finding(_ finding: NightRecord.Finding, _ root: String) -> PageValues {
    [
      "name": .markup(name(finding.series, root)), "isNews": .flag(finding.isNews && finding.word != .newFailure),
      "excuse": .text(finding.excuse ?? ""), "place": .text("\(finding.kernel) · \(finding.series.placeText)"),
      "strip": .markup(Strip(letters: finding.strip).markup), "reason": .text(finding.reason),
      "splats": .list(
        finding.splats.map { ["title": .markup(PageText.link(pages.issue(.splat($0), from: root), $0))] }),
      "facts": .list(facts(finding, root)),
      "reproduce": .text(finding.word == .notTested || finding.word == .fixed ? "" : reproduce(finding)),
    ]
  }

  private func reproduce(_ finding: NightRecord.Finding) -> String {
    guard finding.reproduce.isEmpty else { return finding.reproduce }
    let build = finding.firstBad.map { $0.argument.isEmpty ? $0.label : $0.argument }
    return PageText.command(
      suite: finding.series.suiteName, test: finding.series.test, kernel: build ?? finding.kernel)
  }

  private func facts(_ finding: NightRecord.Finding, _ root: String) -> [PageValues] {
    var facts: [PageValues] = []
    if let why = finding.notTested { facts.append(PageText.fact("why", why.title)) }
    if finding.runs > 0 {
      facts.append(PageText.fact("tonight", "failed in \(finding.failures) of \(finding.runs)"))
    }
    if let chance = finding.probability {
      facts.append(PageText.fact("this kernel broke it with", PageText.sureness(chance)))
    }
    if let rate = finding.rate { facts.append(PageText.fact("fails in", PageText.percent(rate))) }
    if let since = finding.since { facts.append(PageText.fact("since", PageText.time(since))) }
    if let clean = finding.cleanRuns {
      facts.append(PageText.fact("not seen in", TerminalText.count(clean, "run")))
    }
    if let good = finding.lastGood { facts.append(PageText.fact("last good", good.title)) }
    if let bad = finding.firstBad { facts.append(PageText.fact("first bad", bad.title)) }
    facts += searchFact(finding.search, finding.noSearch, root)
    if let labs = finding.labs { facts.append(PageText.fact("fails also at", labs.joined(separator: ", "))) }
    if let excuse = finding.excuse { facts.append(PageText.fact("excuse", excuse)) }
    return facts + runsFact(finding.runIDs, root)
  }

  private func searchFact(_ search: String?, _ refusal: SearchWish.Refusal?, _ root: String) -> [PageValues] {
    guard let search else { return refusal.map { [PageText.fact("search", $0.title)] } ?? [] }
    var text = PageText.link(pages.search(search, from: root), search)
    if let known = searches[search] { text.add(text: ", \(known.state.title)" + known.outcome) }
    return [PageText.fact("search", text)]
  }

  private func runsFact(_ ids: [String], _ root: String) -> [PageValues] {
    guard !ids.isEmpty else { return [] }
    var runs = Markup()
    for (place, id) in ids.prefix(12).enumerated() {
      if place > 0 { runs.add(", ") }
      runs.add(PageText.link(pages.run(id, from: root), id))
    }
    if ids.count > 12 { runs.add(text: " and \(ids.count - 12) more") }
    return [PageText.fact(ids.count == 1 ? "run" : "runs", runs)]
  }

  private func search(_ search: NightRecord.Search, _ root: String) -> PageValues {
    var facts = [PageText.fact("looks for", search.target)]
    if let sure = search.confidence { facts.append(PageText.fact("sure to", PageText.sureness(sure))) }
    facts.append(PageText.fact("runs", "\(search.runs) in \(TerminalText.duration(search.seconds))"))
    for series in search.series.prefix(10) { facts.append(PageText.fact("explains", name(series, root))) }
    return [
      "name": .markup(PageText.link(pages.search(search.id, from: root), search.test)),
      "state": .text(search.state.title),
      "range": .text("between \(record.buildName(search.good)) and \(record.buildName(search.bad))"),
      "answer": .text(search.answer), "facts": .list(facts),
    ]
  }

  private var metrics: [NightRecord.MetricChange] { record.metrics ?? [] }

  private func metric(_ change: NightRecord.MetricChange, _ root: String) -> PageValues {
    var facts = [PageText.fact("sure", change.sureness)]
    if let good = change.lastGood { facts.append(PageText.fact("last good", good.title)) }
    if let bad = change.firstBad { facts.append(PageText.fact("first bad", bad.title)) }
    facts += searchFact(change.search, change.noSearch, root)
    facts += runsFact(change.runIDs, root)
    var name = name(change.id.series, root)
    name.add(text: ", \(change.id.name)")
    return [
      "name": .markup(name), "word": .text(change.word), "kind": .text(change.kind),
      "place": .text("\(change.id.kernel) · \(change.id.series.placeText)"), "measure": .text(change.measure),
      "facts": .list(facts), "reproduce": .text(change.reproduce),
    ]
  }

  private func lab(_ lab: NightRecord.Lab) -> PageValues {
    [
      "name": .text(lab.name), "summary": .text(lab.summary),
      "failures": .list(
        lab.failures.map { failure in
          let name = "\(failure.group) \(failure.test)"
          let text = failure.link.isEmpty ? Markup(text: name) : PageText.link(failure.link, name)
          return ["name": .markup(text), "branch": .text(failure.branch)]
        }),
    ]
  }

  private func drill(_ drill: NightRecord.Drill) -> PageValues {
    [
      "result": .text(drill.result), "kind": .text(drill.wasFound ? "ok" : "bad"),
      "name": .text(drill.name), "kernel": .text(drill.kernel),
      "details": .text(drill.details.joined(separator: "; ")),
    ]
  }

  private func kernel(_ kernel: NightRecord.Kernel) -> PageValues {
    var change = kernel.former == nil ? "new here" : kernel.isChanged ? "changed" : "the same"
    if let problem = kernel.problem { change = "not there: \(problem)" }
    if let base = kernel.base { change += "; rebased, from \(base.prefix(12))" }
    return [
      "name": .text(kernel.name), "release": .text(kernel.release), "commit": .text(String(kernel.commit.prefix(12))),
      "change": .text(change),
    ]
  }

  private func run(_ run: NightRecord.Run, _ root: String) -> PageValues {
    [
      "name": .markup(PageText.link(pages.run(run.id, from: root), run.id)),
      "about": .text("\(run.purpose.title), \(run.kernel): \(run.suites.joined(separator: ", "))"),
    ]
  }
}
