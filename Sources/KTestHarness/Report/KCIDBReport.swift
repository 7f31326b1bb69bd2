package import KTestValues

/// Returns the run as a report to KCIDB, the database of kernel test results, in version 5.3 of its format
/// (`kcidb_io/schema/v05_03.py` of kcidb-io).
///
/// A kernel is a checkout and a build, a case or a subtest that has a note is a test, a metric is a test that is `DONE`, and each
/// title of a splat and each failing test without one is an issue with its incidents. All identifiers are digests of what they name, so that a second
/// submission of a run updates the first one.
package func kcidbReport(_ run: RunSummary, manifest: RunManifest?, origin: KCIDBOrigin) -> String {
  kcidbJSON(run, manifest: manifest, origin: origin).page
}

func kcidbJSON(_ run: RunSummary, manifest: RunManifest?, origin: KCIDBOrigin) -> JSONValue {
  KCIDBReport(run, manifest, origin).json
}

/// The name of the system that reports, `^[a-z0-9_]+$`. Every identifier begins with it.
package struct KCIDBOrigin: Sendable, Equatable {
  package var name: String

  package init?(_ name: String) {
    let isPlain = name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (97...122).contains($0) || (48...57).contains($0) }
    guard isPlain, !name.isEmpty, name.utf8.count <= 64 else { return nil }
    self.name = name
  }

  package static let ktest = KCIDBOrigin(plain: "ktest")

  private init(plain name: String) { self.name = name }
}

private struct KCIDBReport {
  let run: RunSummary
  let manifest: RunManifest?
  let origin: KCIDBOrigin
  private var tests: [JSONValue] = []
  private var issues: [(key: IssueKey, json: JSONValue)] = []
  private var incidents: [JSONValue] = []
  private var used: [String: Int] = [:]

  init(_ run: RunSummary, _ manifest: RunManifest?, _ origin: KCIDBOrigin) {
    (self.run, self.manifest, self.origin) = (run, manifest, origin)
    for suite in run.suites {
      for result in suite.cases { add(result, suite) }
    }
    for boot in run.boots where boot.verdict.isBad { add(boot) }
  }

  var json: JSONValue {
    .object([
      ("version", .object([("major", .int(5)), ("minor", .int(3))])),
      ("checkouts", .array(kernels.map(checkout))),
      ("builds", .array(kernels.map(build))),
      ("tests", .array(tests)),
      ("issues", .array(issues.map(\.json))),
      ("incidents", .array(incidents)),
    ])
  }

  // MARK: Kernels

  private struct Kernel {
    var label: String
    var facts: RunManifest.Kernel?
  }

  /// The kernels that have results, in the order of the run.
  private var kernels: [Kernel] {
    var seen: Set<String> = []
    let labels = (run.suites.map(\.kernel) + run.boots.map(\.kernel)).filter { seen.insert($0).inserted }
    return labels.map { label in Kernel(label: label, facts: manifest?.kernels.first { $0.label == label }) }
  }

  private func kernelWords(_ kernel: Kernel) -> [String] {
    kernel.facts.map { [$0.identity] } ?? [run.run, kernel.label]
  }

  private func checkoutID(_ kernel: Kernel) -> JSONValue {
    let source = kernel.facts?.source
    return id("checkout", (source?.commit ?? source?.version).map { [$0] } ?? kernelWords(kernel))
  }

  private func buildID(_ label: String) -> JSONValue {
    id("build", kernelWords(kernels.first { $0.label == label } ?? Kernel(label: label)))
  }

  private func checkout(_ kernel: Kernel) -> JSONValue {
    let source = kernel.facts?.source
    let isClean = source?.state.map { $0 == "git:\(source?.commit ?? "")" } ?? false
    return object([
      ("id", checkoutID(kernel)), ("origin", .string(origin.name)), ("comment", text(kernel.label)),
      ("git_commit_hash", source?.commit.flatMap { $0.utf8.count == 40 ? text($0) : nil }),
      ("git_commit_name", kernel.facts.map { text($0.release) }),
      // Empty means that nothing was applied on top of the commit.
      ("patchset_hash", isClean ? .string("") : nil),
      ("start_time", start), ("valid", .bool(true)),
    ])
  }

  private func build(_ kernel: Kernel) -> JSONValue {
    let facts = kernel.facts
    let misc = object([
      ("kernel", facts.map { text($0.release) }),
      // Of other kinds it has paths of this machine.
      ("source", facts.flatMap { $0.source.kind == .debian ? text("\($0.source)") : nil }),
      ("identity", facts.map { text($0.identity) }), ("config_hash", facts?.configHash.map(text)),
    ])
    return object([
      ("id", buildID(kernel.label)), ("origin", .string(origin.name)), ("checkout_id", checkoutID(kernel)),
      ("architecture", .string("x86_64")), ("compiler", facts?.source.compiler.map(text)),
      ("config_name", facts?.source.base.map(text)), ("start_time", start), ("status", .string("PASS")), ("misc", misc),
    ])
  }

  // MARK: Tests

  private mutating func add(_ result: CaseResult, _ suite: SuiteResult) {
    let place = [suite.name, result.name]
    let counts = object([
      ("pass", .int(result.subtests.pass)), ("fail", .int(result.subtests.fail)),
      ("skip", .int(result.subtests.skip)), ("known", .int(result.subtests.known)),
    ])
    let test = addTest(
      suite.kernel, place, status: status(of: result.verdict), seconds: result.seconds, comment: result.reason,
      misc: [
        ("verdict", .string(result.verdict.rawValue)), ("subtests", counts),
        ("cause", result.cause.map { .string($0.kind.rawValue) }),
      ])
    var subtests: [String: JSONValue] = [:]
    for note in result.notes where !note.id.isEmpty {
      // A known failure is one all the same: the reader decides, with the note's detail at hand.
      subtests[note.id] = addTest(
        suite.kernel, place + [note.id], status: status(of: note.verdict), comment: note.detail,
        misc: [("known", .bool(note.known))])
    }
    for metric in result.metrics {
      let number = JSONValue.object([("value", .double(metric.value)), ("unit", text(metric.unit))])
      addTest(
        suite.kernel, place + [metric.subtest, metric.name].compactMap(\.self), status: "DONE", number: number,
        misc: [("better", .string(metric.better.rawValue))])
    }
    for splat in result.splats { addIncident(of: splat, test: test) }
    for (key, subtest) in IssueKey.keys(of: result, suite: suite.name) {
      guard case .test = key else { continue }
      addIncident(of: key, test: subtest.map { subtests[$0] ?? test } ?? test, words: [])
    }
  }

  private mutating func add(_ boot: BootResult) {
    let test = addTest(
      boot.kernel, [boot.suite, "boot"], status: status(of: boot.verdict), seconds: boot.seconds, comment: boot.reason,
      misc: [("verdict", .string(boot.verdict.rawValue))])
    for splat in boot.splats { addIncident(of: splat, test: test) }
  }

  @discardableResult
  private mutating func addTest(
    _ kernel: String, _ place: [String], status: String, seconds: Double? = nil, comment: String? = nil,
    number: JSONValue? = nil, misc: [(String, JSONValue?)]
  ) -> JSONValue {
    let words = ["test", run.run, kernel] + place
    let count = used[words.joined(separator: "\0"), default: 0]
    used[words.joined(separator: "\0")] = count + 1
    let identifier = id(words[0], Array(words.dropFirst()) + ["\(count)"])
    tests.append(
      object([
        ("id", identifier), ("origin", .string(origin.name)), ("build_id", buildID(kernel)),
        ("environment", environment), ("path", .string(kcidbPath(place))),
        ("comment", comment.flatMap { $0.isEmpty ? nil : text($0) }), ("status", .string(status)), ("number", number),
        ("start_time", start), ("duration", seconds.map { .seconds($0) }),
        ("misc", object([("name", text(place.joined(separator: ":"))), ("run", text(run.run))] + misc)),
      ]))
    return identifier
  }

  private var environment: JSONValue? {
    guard let manifest else { return nil }
    let guest = [manifest.accelerator.used, manifest.qemu.map { "QEMU \($0)" }].compactMap(\.self)
    let host = "host: \(manifest.host.cpus) CPUs, Linux \(manifest.host.kernel)"
    return .object([("comment", text((guest + [host]).joined(separator: ", ")))])
  }

  /// `error` is the harness's: a result is missing, and the kernel is not to blame.
  private func status(of verdict: Verdict) -> String {
    switch verdict {
    case .pass: "PASS"
    case .skip: "SKIP"
    case .fail, .crash, .timeout: "FAIL"
    case .error: "MISS"
    }
  }

  // MARK: Issues

  /// It grows whenever this file describes an issue otherwise than before: the database keeps the highest one.
  private static let issueVersion = 2

  private mutating func addIncident(of splat: SplatNote, test: JSONValue) {
    addIncident(of: .splat(splat.title), test: test, words: ["\(splat.start)"], type: splat.type)
  }

  /// - Parameter words: what tells two incidents of one issue in one test apart.
  private mutating func addIncident(of key: IssueKey, test: JSONValue, words: [String], type: String? = nil) {
    let place: [String] =
      switch key {
      case .splat(let title): [title]
      case .test(let suite, let test, let subtest): [suite, test, subtest]
      }
    let issue = id("issue", place)
    if !issues.contains(where: { $0.key == key }) {
      // Whether a test or the kernel is wrong is not known where no splat tells.
      let culprit = JSONValue.object([("code", .bool(true)), ("tool", .bool(false)), ("harness", .bool(false))])
      issues.append(
        (
          key,
          object([
            ("id", issue), ("version", .int(KCIDBReport.issueVersion)), ("origin", .string(origin.name)),
            ("culprit", type == nil ? nil : culprit), ("comment", text(key.title)),
            ("misc", object([("issue", .string(key.id)), ("type", type.map(text))])),
          ])
        ))
    }
    guard case .string(let name) = test else { return }
    incidents.append(
      object([
        ("id", id("incident", place + [name] + words)), ("origin", .string(origin.name)),
        ("issue_id", issue), ("issue_version", .int(KCIDBReport.issueVersion)), ("test_id", test),
        ("present", .bool(true)),
      ]))
  }

  // MARK: Parts

  private var start: JSONValue? {
    manifest.flatMap { WallTime(iso: $0.started) == nil ? nil : .string($0.started) }
  }

  private func id(_ kind: String, _ words: [String]) -> JSONValue {
    // Words are kept apart: "a", "bc" is not "ab", "c".
    let digest = SHA256.hex(of: JSONValue.strings([kind] + words).line)
    return .string("\(origin.name):\(digest.prefix(32))")
  }

  /// The format has no nulls: what is unknown is left out.
  private func object(_ members: [(String, JSONValue?)]) -> JSONValue {
    .object(members.compactMap { key, value in value.map { (key: key, value: $0) } })
  }

  /// The format allows no NUL. A text is cut at 4000 bytes, because a test may say megabytes.
  private func text(_ text: String) -> JSONValue { .string(text.replacing("\0", with: "").clipped(to: 4000)) }
}
