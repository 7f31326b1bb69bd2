import KTestValues

extension TerminalPage {
  private static let indent = "        "
  private static let tailLines = 8
  private static let noteLimit = 20

  /// Adds every bad case and boot in full, then known failures and those that pass again.
  mutating func details(_ run: RunSummary, _ context: ReportContext) {
    for suite in run.suites {
      for result in suite.cases where result.verdict.isBad && !isToldByItsBoot(result, run) {
        bad(result, CaseKey(suite: suite.name, kernel: suite.kernel, name: result.name), run, context)
        line()
      }
    }
    for boot in run.boots where boot.verdict.isBad {
      bad(boot, context)
      line()
    }
    known(run)
    unvetted(run)
  }

  /// Returns whether the boot already shows the reason: a failed boot gives its reason to each of its cases.
  private func isToldByItsBoot(_ result: CaseResult, _ run: RunSummary) -> Bool {
    result.splats.isEmpty && result.reason != nil
      && run.boots.contains {
        $0.id == result.boot && $0.verdict == result.verdict && $0.reason == result.reason
      }
  }

  private mutating func bad(_ result: CaseResult, _ key: CaseKey, _ run: RunSummary, _ context: ReportContext) {
    title(result.verdict, "\(key.suite)/\(key.name)", key.kernel)
    if !result.remark.isEmpty { wrapped(TerminalPage.indent, .plain, result.remark) }
    for finding in result.otherFindings.filter({ !$0.isToldElsewhere }).prefix(TerminalPage.noteLimit) {
      wrapped(TerminalPage.indent + "also    ", .plain, TerminalText.line(finding.text))
    }
    notes(result.notes.filter { !$0.known && $0.verdict.isBad })
    splats(result.splats)
    if let program = result.program {
      // If the program's end is the reason, the reason already contains its output.
      let told = program.said == nil || result.cause?.kind == .program
      wrapped(TerminalPage.indent + "ended   ", .quiet, TerminalText.line(told ? program.text : program.line))
    }
    evidence(result.evidence, context)
    let ends = context.tails[key] ?? CaseTail()
    for (end, stream) in [(ends.stdout, RunEvent.OutputStream.stdout), (ends.stderr, .stderr)] {
      guard !end.bytes.isEmpty else { continue }
      tail(end)
      file(stream.rawValue, context.path(RunLayout.output(of: key, stream, turn: result.folder)))
    }
    guard let boot = result.boot else { return }
    // A bad boot shows its console further below.
    let shown = run.boots.contains { $0.id == boot && $0.verdict.isBad }
    let kernelSpoke = !result.splats.isEmpty || result.verdict == .crash || result.verdict == .timeout
    if kernelSpoke, !shown, let end = context.consoleTails[boot] { tail(end) }
    file("console", context.path(run.boots.first { $0.id == boot }?.console ?? RunLayout.console(boot: boot)))
  }

  private mutating func bad(_ boot: BootResult, _ context: ReportContext) {
    title(boot.verdict, "boot \(boot.id) of \(boot.suite)", boot.kernel)
    if let reason = boot.reason { wrapped(TerminalPage.indent, .plain, TerminalText.line(reason)) }
    if let ready = boot.readySeconds {
      line(TerminalPage.indent + style.paint("its agent answered after \(TerminalText.duration(ready))", .quiet))
    }
    splats(boot.splats)
    evidence(boot.evidence, context)
    if let end = context.consoleTails[boot.id] { tail(end) }
    file("console", context.path(boot.console))
  }

  private mutating func title(_ verdict: Verdict, _ name: String, _ kernel: String) {
    let word = TerminalText.padded(verdict.word, to: TerminalPage.indent.count)
    line(
      style.paint(word, Ink(verdict)) + style.paint(TerminalText.line(name, limit: 400), .strong)
        + style.paint("  " + TerminalText.line(kernel, limit: 200), .quiet))
  }

  private mutating func notes(_ notes: [SubtestNote]) {
    for note in notes.prefix(TerminalPage.noteLimit) {
      let detail = note.detail.isEmpty ? "" : ": " + TerminalText.line(note.detail)
      wrapped(
        TerminalPage.indent + TerminalText.padded(note.verdict.rawValue, to: 8), .plain,
        TerminalText.line(note.id) + detail)
    }
    if notes.count > TerminalPage.noteLimit {
      line(TerminalPage.indent + style.paint("and \(notes.count - TerminalPage.noteLimit) more", .quiet))
    }
  }

  private mutating func splats(_ splats: [SplatNote]) {
    for splat in splats.prefix(TerminalPage.noteLimit) {
      let moment = splat.guestSeconds.map { " (guest's clock: \(TerminalText.duration($0)))" } ?? ""
      wrapped(TerminalPage.indent + "splat   ", .plain, TerminalText.line(splat.title) + moment)
    }
  }

  private mutating func evidence(_ evidence: GuestEvidence?, _ context: ReportContext) {
    guard let evidence else { return }
    if let text = evidence.summary { wrapped(TerminalPage.indent + "hung    ", .plain, TerminalText.line(text)) }
    for path in evidence.files { file("kept", context.path(path)) }
    guard let memory = evidence.memory else { return }
    file("memory", context.path(memory))
    let vmlinux = evidence.vmlinux ?? "VMLINUX"
    // Debian 12's crash 8.0.2 does not know the structures of 6.12.
    file("read it", "drgn -c \(context.path(memory)) -s \(vmlinux)")
    file("or", "crash \(vmlinux) \(context.path(memory))")
  }

  private mutating func tail(_ end: ByteTail) {
    let room = room(beside: TerminalPage.indent.count + 2)
    for part in TerminalText.lastLines(of: end.bytes, count: TerminalPage.tailLines, columns: room) {
      line(TerminalPage.indent + style.paint("│ " + part, .quiet))
    }
  }

  private mutating func file(_ label: String, _ path: String) {
    line(TerminalPage.indent + style.paint(TerminalText.padded(label, to: 8) + TerminalText.line(path), .quiet))
  }

  private mutating func known(_ run: RunSummary) {
    var said = false
    for suite in run.suites {
      for result in suite.cases {
        for note in result.notes where note.known && note.verdict != .pass {
          let place =
            TerminalText.line("\(suite.name)/\(result.name): \(note.id)") + "  " + TerminalText.line(suite.kernel)
          let detail = note.detail.isEmpty ? "" : ": " + TerminalText.line(note.detail)
          wrapped("known   ", .quiet, place + detail)
          said = true
        }
      }
    }
    for found in PassingKnown.found(in: run) {
      wrapped("fixed?  ", .good, TerminalText.line(found.sentence, limit: 2000))
      said = true
    }
    if said { line() }
  }

  /// Adds what ran although nobody has looked at what it needs.
  private mutating func unvetted(_ run: RunSummary) {
    let suites = run.suites.map { suite in
      (suite, names: suite.cases.filter { $0.name.hasPrefix(Suite.discovered) && $0.verdict != .skip }.map(\.name))
    }.filter { !$0.names.isEmpty }
    for (suite, names) in suites {
      let text =
        "\(suite.kernel): tests of the tree that no case of \(suite.name) runs: " + names.joined(separator: ", ")
      wrapped("unvetted  ", .quiet, TerminalText.line(text, limit: 2000))
    }
    if !suites.isEmpty { line() }
  }

  /// Adds the final line with the verdict, and where to find the rest.
  mutating func closing(_ run: RunSummary, _ context: ReportContext) {
    let cases = run.suites.flatMap(\.cases)
    var parts: [String] = []
    for verdict in Verdict.allCases.reversed() where verdict != .skip {
      let count = cases.filter { $0.verdict == verdict }.count
      let flaky = verdict == .pass ? cases.count(where: \.isFlaky) : 0
      let remark = flaky > 0 ? style.paint(" (\(flaky) flaky)", .trouble) : ""
      if count > 0 { parts.append(style.paint("\(count) \(verdict.participle)", Ink(verdict)) + remark) }
    }
    let skipped = cases.filter { $0.verdict == .skip }.count
    if skipped > 0 { parts.append("\(skipped) skipped") }
    // A boot that somebody ended is not a bad one.
    let badBoots = run.boots.count { $0.verdict.isBad && ($0.cause?.kind != .interrupted || !$0.splats.isEmpty) }
    if badBoots > 0 { parts.append(style.paint(TerminalText.count(badBoots, "bad boot"), .bad)) }
    let known = cases.reduce(0) { $0 + $1.subtests.known }
    if known > 0 { parts.append(TerminalText.count(known, "known failure")) }
    let absent = run.suites.reduce(0) { $0 + $1.absent.count }
    if parts.isEmpty { parts.append("no case has a verdict") }
    if absent > 0 { parts.append("\(absent) absent") }

    let word = run.interrupted ? style.paint("interrupted", .trouble) : style.paint(run.verdict.word, Ink(run.verdict))
    line("\(word)  \(parts.joined(separator: ", ")) in \(TerminalText.duration(run.seconds))")
    for text in run.circumstances { line(TerminalText.line(text)) }
    if let planned = context.planned, planned > cases.count {
      let left = planned - cases.count
      let verb = left == 1 ? "has" : "have"
      line(style.paint("\(left) of \(TerminalText.count(planned, "case")) \(verb) no verdict", .trouble))
    }
    line(style.paint("run \(TerminalText.line(context.directory ?? run.run))", .quiet))
  }
}
