import KTestValues

/// The page of a run: each case with its verdict and why, and the consoles of its boots.
struct RunPage: Sendable {
  var journal: JournalContents
  var id: String
  /// For each boot that has a page: the line in which each of its splats begins, by the splat's first byte.
  var consoles: [Int: [Int: Int]]
  /// Which of these have a line to begin with.
  var badConsoles: Set<Int>

  private let root = "../../"
  private var pages = PageIndex()

  /// - Parameter tests: the tests that have pages.
  init(
    journal: JournalContents, id: String, tests: Set<String>, consoles: [Int: [Int: Int]], badConsoles: Set<Int>
  ) {
    (self.journal, self.id, self.consoles, self.badConsoles) = (journal, id, consoles, badConsoles)
    pages.tests = tests
  }

  /// The findings and subtests of one case that are listed.
  private static let remarks = 60
  private static let metrics = 400

  func page() -> Page {
    let summary = journal.summary
    var headline = PageText.verdict(summary.verdict)
    headline.add(text: " " + counts(summary))
    if summary.interrupted { headline.add("; the run was interrupted") }
    return Page(
      path: PagePath.run(id), title: "Run \(id)", template: .run,
      values: [
        "headline": .markup(headline), "facts": .list(facts(summary)),
        "reproduce": .text("ktest run --again " + PageText.quoted(id)),
        "hasNotices": .flag(!journal.replay.notices.isEmpty),
        "notices": .list(journal.replay.notices.prefix(100).map { ["text": .text($0)] }),
        "suites": .list(summary.suites.map(suite)), "hasBoots": .flag(!summary.boots.isEmpty),
        "boots": .list(summary.boots.map(boot)),
      ], json: summary.json.page)
  }

  private func counts(_ summary: RunSummary) -> String {
    let verdicts = summary.suites.flatMap { $0.cases.map(\.verdict) }
    return Verdict.allCases.compactMap { verdict in
      let count = verdicts.count { $0 == verdict }
      let flaky = verdict == .pass ? summary.suites.reduce(0) { $0 + $1.cases.count(where: \.isFlaky) } : 0
      return count > 0 ? "\(count) \(verdict.participle)" + (flaky > 0 ? " (\(flaky) flaky)" : "") : nil
    }.joined(separator: ", ")
  }

  private func facts(_ summary: RunSummary) -> [PageValues] {
    var facts: [PageValues] = []
    let manifest = journal.manifest
    if let started = manifest.flatMap({ WallTime(iso: $0.started) }) {
      facts.append(PageText.fact("started", PageText.time(started.milliseconds)))
    }
    facts.append(PageText.fact("took", TerminalText.duration(summary.seconds)))
    facts += summary.circumstances.map { PageText.fact("course", $0) }
    guard let manifest else { return facts }
    for kernel in manifest.kernels {
      var text = "\(kernel.label): \(kernel.release), \(kernel.source)"
      if let commit = kernel.source.commit { text += ", commit \(commit.prefix(12))" }
      facts.append(PageText.fact("kernel", text))
    }
    let host = manifest.host
    facts.append(
      PageText.fact("host", "\(host.cpus) CPUs, \((host.memory + (1 << 29)) >> 30) GiB, Linux \(host.kernel)"))
    let accelerator = [manifest.accelerator.used ?? "", manifest.accelerator.processor ?? ""].filter { !$0.isEmpty }
    if !accelerator.isEmpty { facts.append(PageText.fact("accelerator", accelerator.joined(separator: ", "))) }
    let programs = [
      "ktest \(manifest.ktest)", manifest.qemu.map { "QEMU \($0)" }, manifest.libvirt.map { "libvirt \($0)" },
    ]
    facts.append(PageText.fact("programs", programs.compactMap { $0 }.joined(separator: ", ")))
    facts.append(
      PageText.fact("command", "ktest " + manifest.arguments.map(PageText.quoted).joined(separator: " ")))
    return facts
  }

  private func suite(_ suite: SuiteResult) -> PageValues {
    [
      "name": .text(suite.name), "kernel": .text(suite.kernel), "verdict": .markup(PageText.verdict(suite.verdict)),
      "cases": .list(suite.cases.map { row($0, suite) }), "hasAbsent": .flag(!suite.absent.isEmpty),
      "absent": .text(suite.absent.map { "\($0.name) \($0.reason)" }.joined(separator: "; ")),
    ]
  }

  private func row(_ result: CaseResult, _ suite: SuiteResult) -> PageValues {
    let name = "\(suite.name):\(result.name)"
    let remarks = remarks(result, suite)
    let isBad = result.verdict.isBad
    let tail = isBad ? journal.replay.tails[CaseKey(suite: suite.name, kernel: suite.kernel, name: result.name)] : nil
    let outputs = [tail?.stdout, tail?.stderr].compactMap { $0 }.filter { !$0.bytes.isEmpty }.map {
      tail -> PageValues in
      ["text": .markup(Markup(text: sanitised(String(decoding: tail.bytes, as: UTF8.self)), limit: 5000))]
    }
    let kernel = journal.manifest?.kernels.first { $0.label == suite.kernel }
    let counts = result.subtests
    let parts = [
      (counts.pass, "passed"), (counts.fail, "failed"), (counts.known, "known"), (counts.skip, "skipped"),
    ]
    return [
      "anchor": .text(RunPage.anchor(suite: suite.name, kernel: suite.kernel, name: result.name)),
      "link": .markup(PageText.link(pages.test(name, from: root), result.name)),
      "verdict": .markup(PageText.verdict(result.verdict)),
      "subtests": .text(parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")),
      "time": .text(TerminalText.duration(result.seconds)), "console": .markup(console(result)),
      "reason": .text(result.reason ?? ""),
      "hasMore": .flag(
        result.reason != nil || !remarks.isEmpty || !outputs.isEmpty || !result.metrics.isEmpty),
      "hasRemarks": .flag(!remarks.isEmpty), "remarks": .list(remarks), "hasOutput": .flag(!outputs.isEmpty),
      "outputs": .list(outputs), "hasMetrics": .flag(!result.metrics.isEmpty),
      "metrics": .list(
        result.metrics.grouped().prefix(RunPage.metrics).map { key, values in
          [
            "name": .text(key.fullName),
            "value": .text(values.map(PageText.number).prefix(20).joined(separator: " ") + " " + key.unit),
          ]
        }),
      "reproduce": .text(
        isBad
          ? PageText.command(suite: suite.name, test: result.name, kernel: kernel?.argument ?? suite.kernel) : ""),
    ]
  }

  /// Where a case stands on the page of its run.
  static func anchor(suite: String, kernel: String, name: String) -> String {
    "c-" + PagePath.component("\(suite) \(kernel) \(name)")
  }

  private func console(_ result: CaseResult) -> Markup {
    guard let boot = result.boot, consoles[boot] != nil else { return Markup() }
    let splat = result.splats.first.flatMap { consoles[boot]?[$0.start] }
    return PageText.link(target(boot, line: splat), "boot \(boot)")
  }

  private func target(_ boot: Int, line: Int?) -> String {
    PagePath.console(boot: boot) + (line.map { "#L\($0)" } ?? (badConsoles.contains(boot) ? "#bad" : ""))
  }

  private func remarks(_ result: CaseResult, _ suite: SuiteResult) -> [PageValues] {
    func remark(_ letter: String, _ text: Markup) -> PageValues {
      ["letter": .text(letter), "kind": .text(Strip.kind(letter)), "text": .markup(text)]
    }
    var remarks = result.turnText.map { [remark("–", Markup(text: $0))] } ?? []
    remarks += result.otherFindings.map { finding in
      remark(finding.verdict == .pass ? "–" : finding.verdict.letter, Markup(text: finding.text))
    }
    for splat in result.splats {
      let line = result.boot.flatMap { consoles[$0]?[splat.start] }
      let link = line.flatMap { line in result.boot.map { target($0, line: line) } }
      remarks.append(remark("!", PageText.link(link, splat.title)))
    }
    for note in result.notes where !note.id.isEmpty {
      let name = "\(suite.name):\(result.name):\(note.id)"
      var text = PageText.link(pages.test(name, from: root), note.id)
      // Some tests say their name again.
      if !note.detail.isEmpty, !note.id.hasPrefix(note.detail) { text.add(text: ": " + note.detail) }
      remarks.append(remark(note.known ? "k" : note.verdict.letter, text))
    }
    let rest = remarks.count - RunPage.remarks
    remarks = Array(remarks.prefix(RunPage.remarks))
    if rest > 0 { remarks.append(remark("…", Markup(text: "\(rest) more in the JSON"))) }
    return remarks
  }

  private func boot(_ boot: BootResult) -> PageValues {
    [
      "number": .number(boot.id), "what": .text("\(boot.suite) on \(boot.kernel)"),
      "verdict": .markup(PageText.verdict(boot.verdict)), "reason": .text(boot.reason ?? ""),
      "ready": .text(boot.readySeconds.map(TerminalText.duration) ?? "never"),
      "console": .markup(
        consoles[boot.id] == nil
          ? Markup("removed, or never written")
          : PageText.link(target(boot.id, line: nil), badConsoles.contains(boot.id) ? "first bad line" : "console")),
    ]
  }
}
