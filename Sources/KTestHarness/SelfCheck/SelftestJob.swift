internal import Foundation
import KTestGuests
package import KTestValues

/// Runs selftests on one kernel and compares what ktest made of each with what it must come to.
package struct SelftestJob: Sendable {
  package var session: Session
  package var suites: [SuiteFile]

  /// The disk takes this many bytes before it is full: more than a boot's console, less than the case writes.
  static let smallDisk = 1 << 20
  /// How many guests are up at a time where each case has its own, and the order of those cases.
  static let isolated = (guests: GuestCount.most(2), shuffleSeed: UInt64(1))

  /// What the runs came to.
  package struct Outcome: Sendable {
    package var matrix = SelftestMatrix()
    /// Directories of the runs.
    package var runs: [String] = []
  }

  /// Finds the selftest's suites, each with the cases that are wanted. Suites without any are left out.
  ///
  /// - Parameter cases: names or `*` patterns; empty for all cases.
  /// - Throws: ``Failure``.
  package init(_ session: Session, cases: [String] = []) throws {
    self.session = session
    var files: [SuiteFile] = []
    for path in try session.suitePaths(in: "/selftest") {
      let file = try session.suite(at: path)
      guard file.suite.kind == .selftest, !files.contains(where: { $0.suite.name == file.suite.name }) else { continue }
      files.append(file)
    }
    guard !files.isEmpty else {
      throw Failure(.host, "no suites in suites/selftest; set KTEST_HOME to the directory that has them")
    }
    for text in cases where !files.contains(where: { $0.suite.cases.contains { $0.isNamed(by: text) } }) {
      throw Failure(.usage, "the selftest has no case '\(text)'; 'ktest selftest' alone runs and lists all")
    }
    suites = files.compactMap { file in
      var file = file
      file.cases = cases.filter { text in file.suite.cases.contains { $0.isNamed(by: text) } }
      return cases.isEmpty || !file.cases.isEmpty ? file : nil
    }
  }

  package func perform(_ kernel: KernelBuild, on host: OpenHost) async throws -> Outcome {
    var outcome = Outcome()
    defer { session.display.clear() }
    for group in groups {
      if group[0].isIsolated, let refusal = host.guests.forkRefusal {
        session.display.notice("the suites about forks are left out: \(refusal)")
        continue
      }
      var job = RunJob(session.silent, suites: group, kernels: [kernel])
      if group[0].isIsolated { (job.guests, job.shuffleSeed) = SelftestJob.isolated }
      job.observe = { [display = session.display] event in
        if case .caseStarted(_, let suite, _, let name) = event { display.show(.step("\(suite)/\(name)")) }
      }
      let run = try await job.perform(
        try await job.plan(on: host), on: host,
        disk: group[0].needsSmallDisk ? DiskFault(fullAfter: SelftestJob.smallDisk) : nil)
      try Task.checkCancellation()
      outcome.runs.append(run.directory)
      // From the journal, not from memory: what it says afterwards is what counts.
      let journal = try readJournal(at: run.directory)
      outcome.matrix.add(
        group.map { ($0.suite, $0.chosenCases) }, summary: journal.summary,
        traces: SelftestTraces(notices: journal.replay.notices) { boot in
          FileManager.default.contents(atPath: "\(run.directory)/\(RunLayout.console(boot: boot))").map(Array.init)
            ?? []
        } artefacts: { key in
          SelftestJob.artefacts(of: key, in: run.directory)
        })
    }
    return outcome
  }

  /// The suites of each run: those whose cases have their own guests run side by side, and a suite that fills the disk of
  /// its run has that run to itself.
  private var groups: [[SuiteFile]] {
    let others = suites.filter { !$0.needsSmallDisk }
    return [others.filter { !$0.isIsolated }, others.filter(\.isIsolated)].filter { !$0.isEmpty }
      + suites.filter(\.needsSmallDisk).map { [$0] }
  }

  private static func artefacts(of key: CaseKey, in directory: String) -> [String: Int] {
    let folder = URL(filePath: "\(directory)/\(RunLayout.artefact(of: key, file: "x"))").deletingLastPathComponent()
      .path
    var sizes: [String: Int] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      sizes[name] = attributes?[.size] as? Int ?? 0
    }
    return sizes
  }
}

extension Case {
  /// Whether a pattern from the command line means this case.
  fileprivate func isNamed(by text: String) -> Bool {
    (try? WildcardPattern(parsing: text))?.matches(whole: name) ?? false
  }
}

extension SuiteFile {
  fileprivate var chosenCases: Set<String> {
    Set(suite.cases.filter { test in cases.isEmpty || cases.contains { test.isNamed(by: $0) } }.map(\.name))
  }

  fileprivate var isIsolated: Bool { suite.isolation == .case }
  fileprivate var needsSmallDisk: Bool { suite.cases.contains { $0.selftest?.fault == .diskFull } }
}
