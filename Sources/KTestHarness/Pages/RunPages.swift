import KTestHost
import KTestValues

/// Writes the pages of runs, each once: a run that has ended does not change any more.
struct RunPages {
  let state: String
  let address: String?
  /// The tests that have pages.
  let tests: Set<String>
  /// In the order of their names, which is that of time.
  private(set) var facts: [(id: String, facts: RunFacts)] = []
  private(set) var made = 0
  private(set) var removed = 0
  private(set) var unreadable: [String: String] = [:]

  /// A console beyond this is not read into a page.
  private static let consoleLimit = 256 << 20

  init(state: String, address: String? = nil, tests: Set<String>) {
    (self.state, self.address, self.tests) = (state, address, tests)
  }

  mutating func write(_ names: [String], to folder: inout PageFolder) throws {
    for name in folder.names(in: "runs") where RunID.isValid(name) && !names.contains(name) {
      folder.remove("runs/\(name)")
      removed += 1
    }
    for name in names {
      try Task.checkCancellation()
      // The files for NIPA have the address in them.
      let mark = RunPages.mark(of: "\(state)/runs/\(name)") + (address.map { " \($0)" } ?? "")
      if let bytes = folder.text(of: "runs/\(name)/facts.json"), let known = RunFacts(json: bytes), known.mark == mark {
        facts.append((name, known))
        continue
      }
      let journal: JournalContents
      do { journal = try readJournal(at: "\(state)/runs/\(name)") } catch {
        unreadable[name] = "\(error)"
        folder.remove("runs/\(name)")
        continue
      }
      guard journal.state != .running else { continue }
      folder.remove("runs/\(name)")
      try write(journal, id: name, to: &folder)
      var known = RunFacts(journal, id: name, mark: mark)
      for run in NIPARun.all(journal, id: name, address: address) {
        try folder.write(run.json, to: "nipa/\(run.entry.file)")
        known.nipa.append(run.entry)
      }
      // It is written last: without it, an interrupted ktest makes the pages anew.
      try folder.write(known.json, to: "runs/\(name)/facts.json")
      facts.append((name, known))
      made += 1
    }
    let entries = facts.flatMap(\.facts.nipa)
    try folder.write(NIPARun.manifest(entries, address: address), to: "nipa/results.json")
    let files = Set(entries.map(\.file) + ["results.json"])
    for name in folder.names(in: "nipa") where !files.contains(name) { folder.remove("nipa/\(name)") }
  }

  /// Changes when the events of the run do, and not with its consoles, which may be removed.
  private static func mark(of directory: String) -> String {
    let path = directory + "/events.jsonl"
    return "\(HostFiles.size(of: path) ?? 0) \(FileMark(path)?.modified ?? 0)"
  }

  private func write(_ journal: JournalContents, id: String, to folder: inout PageFolder) throws {
    let summary = journal.summary
    let bad = summary.suites.flatMap { suite in
      suite.cases.filter(\.verdict.isBad).flatMap { [$0.name, "\(suite.name):\($0.name)"] }
    }
    var consoles: [Int: [Int: Int]] = [:]
    var badConsoles: Set<Int> = []
    let started = journal.events.compactMap { event -> (Int, [String])? in
      guard case .bootStarted(let boot, _, _, let cases)? = event.event else { return nil }
      return (boot, cases)
    }
    for boot in summary.boots {
      let path = "\(journal.directory)/\(RunLayout.console(boot: boot.id))"
      guard let bytes = try? RegularFile.bytes(of: path, limit: RunPages.consoleLimit) else { continue }
      let cases = summary.suites.flatMap { suite in suite.cases.filter { $0.boot == boot.id } }
      let splats = (boot.splats + cases.flatMap(\.splats)).compactMap { splat in
        splat.start >= 0 && splat.start < splat.end ? splat.start..<splat.end : nil
      }
      let excerpt = ConsoleExcerpt(bytes, splats: splats)
      var raw: String?
      if !excerpt.isWhole {
        raw = "boot-\(boot.id).log"
        try folder.write(bytes, to: "runs/\(id)/boot-\(boot.id).log")
      }
      let page = ConsolePage(
        run: id, boot: boot, cases: started.first { $0.0 == boot.id }?.1 ?? [], badCases: Set(bad), excerpt: excerpt,
        raw: raw)
      try folder.write(page.page(path: "runs/\(id)/\(PagePath.console(boot: boot.id))"))
      consoles[boot.id] = excerpt.starts
      if page.firstBad != nil { badConsoles.insert(boot.id) }
    }
    try folder.write(
      RunPage(journal: journal, id: id, tests: tests, consoles: consoles, badConsoles: badConsoles).page())
  }
}
