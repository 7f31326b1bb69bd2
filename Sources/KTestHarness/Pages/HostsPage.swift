import KTestValues

/// Which host lies: the same tests on the same kind of kernel, here against elsewhere, by rule 3.
struct HostsPage: Sendable {
  struct Suspicion: Sendable {
    var series: SeriesKey
    var here: RunTally
    var elsewhere: RunTally
    var chance: Double
  }

  struct Host: Sendable {
    var name: String
    var tally = RunTally()
    var series = 0
    /// Over all tests that other hosts run as well.
    var here = RunTally()
    var elsewhere = RunTally()
    var tests: [Suspicion] = []

    var isWorse: Bool { TwoPools(base: elsewhere, sample: here).isWorse() }
  }

  private(set) var hosts: [Host]
  /// The hosts that were given groups of runs, by their names.
  private(set) var named: [HostRecord]

  init(_ summaries: [SeriesSummary], named: [HostRecord] = []) {
    self.named = named
    var found: [String: Host] = [:]
    var groups: [SeriesKey: [SeriesSummary]] = [:]
    for summary in summaries where summary.series.subtest.isEmpty && summary.tally.runs > 0 {
      let name = summary.series.host
      var host = found[name] ?? Host(name: name)
      host.tally = host.tally + summary.tally
      host.series += 1
      found[name] = host
      var key = summary.series
      key.host = ""
      groups[key, default: []].append(summary)
    }
    for (_, members) in groups.sorted(by: { $0.key < $1.key }) where members.count > 1 {
      let all = members.map(\.tally).reduce(RunTally(), +)
      for member in members {
        let here = member.tally
        let elsewhere = RunTally(failures: all.failures - here.failures, runs: all.runs - here.runs)
        let name = member.series.host
        var host = found[name] ?? Host(name: name)
        host.here = host.here + here
        host.elsewhere = host.elsewhere + elsewhere
        let pools = TwoPools(base: elsewhere, sample: here)
        if pools.isWorse() {
          host.tests.append(
            Suspicion(series: member.series, here: here, elsewhere: elsewhere, chance: pools.chance))
        }
        found[name] = host
      }
    }
    hosts = found.values.sorted { $0.name < $1.name }
    for place in hosts.indices { hosts[place].tests.sort { ($0.chance, $0.series) < ($1.chance, $1.series) } }
  }

  /// One sentence for each kind of host, and for each host that is suspect by its name.
  func sentences(from root: String) -> [Markup] {
    let suspects = zip(named, named.suspicions).filter(\.1.isAny).map { host, suspicion in
      var text = PageText.link(root + PagePath.hosts, host.name)
      text.add(": <b class=\"bad\">")
      text.add(text: HostRecordText.words(suspicion))
      text.add("</b>")
      text.add(text: "; lost with \(PageText.share(host.lost)) groups, \(PageText.share(host.erred)) cases not judged")
      return text
    }
    return kinds(from: root) + suspects
  }

  private func kinds(from root: String) -> [Markup] {
    hosts.map { host in
      var text = PageText.link(root + PagePath.hosts, host.name.isEmpty ? "unknown host" : host.name)
      text.add(text: ": failed \(PageText.share(host.tally))")
      if host.isWorse { text.add(", <b class=\"bad\">more often than the others</b> with the same tests") }
      if !host.tests.isEmpty {
        text.add(text: "; \(TerminalText.count(host.tests.count, "test")) fail more often here")
      }
      return text
    }
  }

  func page(_ pages: PageIndex) -> Page {
    Page(
      path: PagePath.hosts, title: "Hosts", template: .hosts,
      values: [
        "hosts": .list(hosts.map { values($0, pages) }), "hasNames": .flag(!named.isEmpty),
        "names": .list(
          zip(named, named.suspicions).map { host, suspicion in
            var verdict = Markup()
            if suspicion.isAny { verdict.element("span", ["class": "bad"], text: HostRecordText.words(suspicion)) }
            return [
              "name": .text(host.name), "verdict": .markup(verdict), "groups": .text("\(host.groups)"),
              "lost": .text(PageText.share(host.lost)), "errors": .text(PageText.share(host.erred)),
              "reason": .text(host.reason.firstLine),
            ]
          }),
      ], json: json)
  }

  private func values(_ host: Host, _ pages: PageIndex) -> PageValues {
    var facts = [
      PageText.fact("tests", "\(host.series)"), PageText.fact("failed", PageText.share(host.tally)),
      PageText.fact("rate with 95 %", HistoryText.range(host.tally)),
    ]
    if host.elsewhere.runs > 0 {
      facts.append(
        PageText.fact(
          "tests that others run too",
          "\(PageText.share(host.here)) here, \(PageText.share(host.elsewhere)) elsewhere"))
    } else {
      facts.append(PageText.fact("to compare with", "no other host runs the same tests"))
    }
    var verdict = Markup()
    if host.isWorse { verdict.element("span", ["class": "bad"], text: "fails more often than the others") }
    return [
      "name": .text(host.name.isEmpty ? "unknown host" : host.name), "verdict": .markup(verdict),
      "facts": .list(facts), "hasTests": .flag(!host.tests.isEmpty),
      "tests": .list(
        host.tests.prefix(100).map { test in
          [
            "name": .markup(PageText.link(pages.test(test.series.name, from: ""), test.series.name)),
            "place": .text(
              [test.series.family, test.series.accelerator].filter { !$0.isEmpty }.joined(separator: ", ")),
            "here": .text(PageText.share(test.here)), "elsewhere": .text(PageText.share(test.elsewhere)),
            "chance": .text(PageText.percent(test.chance)),
          ]
        }),
    ]
  }

  private var json: String {
    func tally(_ tally: RunTally) -> JSONValue { .array([.int(Int(tally.failures)), .int(Int(tally.runs))]) }
    let names = zip(named, named.suspicions).map { host, suspicion in
      JSONValue.object([
        ("name", .string(host.name)), ("groups", .int(host.groups)), ("losses", .int(host.losses)),
        ("cases", .int(host.cases)), ("errors", .int(host.errors)), ("reason", .string(host.reason)),
        ("worse", .bool(suspicion.isAny)),
      ])
    }
    return JSONValue.array(
      hosts.map { host in
        .object([
          ("host", .string(host.name)), ("tests", .int(host.series)), ("failed", tally(host.tally)),
          ("here", tally(host.here)), ("elsewhere", tally(host.elsewhere)), ("worse", .bool(host.isWorse)),
          (
            "suspicions",
            .array(
              host.tests.map { test in
                .object([
                  ("test", .string(test.series.name)), ("family", .string(test.series.family)),
                  ("accelerator", .string(test.series.accelerator)), ("here", tally(test.here)),
                  ("elsewhere", tally(test.elsewhere)), ("chance", .double(test.chance)),
                ])
              })
          ),
        ])
      } + names
    ).page
  }
}
