import FoundationEssentials

@testable import KTestHarness
@testable import KTestValues

/// Runs to write and read, shared by the tests of Journal and Report.
enum JournalSample {
  static let manifest: RunManifest = {
    var manifest = RunManifest(
      ktest: "0.1.0", arguments: ["run", "suites/demo.yaml", "--kernel", "6.12"],
      suites: [.init(name: "demo", path: "suites/demo.yaml", sha256: "00ff", image: "ndctl", imageHash: "abcd")],
      kernels: [
        .init(
          label: "6.12", source: .debian(name: "6.12-cloud", package: "linux-image-6.12", version: "6.12.1-1"),
          release: "6.12.1", image: "/boot/vmlinuz", identity: "1234",
          configHash: "5678")
      ],
      accelerator: .init(asked: "auto"), host: .init(cpus: 2, memory: 25_769_803_776, kernel: "6.1.0"))
    manifest.parameters = ["ndctl": "/src/ndctl"]
    manifest.seeds = ["order": .max]
    manifest.boots = [.init(boot: 1, suite: "demo", kernel: "6.12", commandLine: "console=ttyS0 nokaslr")]
    return manifest
  }()

  static let suiteText = Array("suite: demo\n".utf8)

  static let splat = SplatNote(
    title: "WARNING: at mm/gup.c:12 gup", type: "WARNING", guestSeconds: 4.4, start: 10, end: 90)
  static let failed: CaseResult = {
    var result = CaseResult(
      name: "hwpoison", verdict: .fail, reason: "1 of 3 subtests failed", seconds: 2.25,
      subtests: SubtestCounts(pass: 1, fail: 1, skip: 1, known: 0),
      notes: [SubtestNote(id: "2m/sigbus", verdict: .fail, known: false, detail: "wrong \"address\"\n\u{1b}[31m")],
      splats: [splat], boot: 1)
    result.findings = [
      CaseFinding(VerdictCause(.splat, names: [splat.title]), .fail, "kernel: \(splat.title)"),
      CaseFinding(.subtest, .fail, "1 of 3 subtests failed"),
      CaseFinding(.artefact, .pass, "trace.dat was cut"),
    ]
    result.program = ProgramEnd(how: .exited, status: 250, said: "wrong\taddress")
    result.cause = VerdictCause(.program, names: ["a \"b\""], status: 250, signal: 9)
    return result
  }()
  static let passed = CaseResult(name: "map", verdict: .pass, seconds: 0.5, boot: 1)
  static let skipped = CaseResult(name: "upstream", verdict: .skip, reason: "give --set ndctl=PATH")
  static let boot = BootResult(
    id: 1, suite: "demo", kernel: "6.12", verdict: .crash, reason: "panic",
    cause: VerdictCause(.guestEnded), readySeconds: 1.25, seconds: 9.5,
    console: "consoles/boot-1.log", splats: [splat])

  /// One of every event that has a line in `events.jsonl`, in an order in which they could come.
  static let lines: [RunEvent] = [
    .runStarted(cases: 3, boots: 1),
    .notice("KVM is not usable:\nTCG runs instead \u{9b}2J"),
    .caseStarted(boot: nil, suite: "demo", kernel: "6.12", name: "upstream"),
    .caseFinished(suite: "demo", kernel: "6.12", result: skipped),
    .bootStarted(boot: 1, suite: "demo", kernel: "6.12", cases: ["map", "hwpoison"]),
    .bootReady(boot: 1, seconds: 1.25),
    .caseStarted(boot: 1, suite: "demo", kernel: "6.12", name: "map"),
    .caseFinished(suite: "demo", kernel: "6.12", result: passed),
    .caseStarted(boot: 1, suite: "demo", kernel: "6.12", name: "hwpoison"),
    .caseFinished(suite: "demo", kernel: "6.12", result: failed),
    .bootFinished(boot),
    .runFinished(verdict: .crash, interrupted: false, seconds: 11.5),
  ]

  /// A host, and what its programs are.
  static func facts(_ name: String, processors: Int = 4) -> WorkerFacts {
    WorkerFacts(
      name: name, ktest: "0", time: 1_800_000_000, qemu: "8.\(processors)", libvirt: "9.0", accelerator: "tcg",
      processors: processors, memory: 16 << 30, kernel: "6.1")
  }

  /// One of every other event that has a line.
  static let more: [RunEvent] = [
    .groupAnswered(
      AnsweredGroup(
        host: facts("h\u{1b}1"), round: 1, group: 3, firstBoot: 7, cases: ["demo:map", "demo:\"b\""],
        losses: [LostHost(host: "h2", reason: "power \u{9b}cut")])),
    .groupAnswered(AnsweredGroup(host: nil, round: 2, group: 1, firstBoot: 1, cases: [])),
    .suitePlanned(suite: "demo", kernel: "6.12", cases: ["upstream", "a \"b\"\u{1b}"]),
    .roundStarted(2, of: 10),
    .caseAbsent(
      suite: "demo", kernel: "6.12", AbsentCase(name: "new", reason: "is for kernels >=7.0, and this is \u{1b}6.12")),
    .commandLine(boot: 1, text: "console=ttyS0 x=\"a b\"\u{1b}"),
    .splat(
      boot: 1,
      SplatSighting(
        note: splat, alternatives: ["WARNING in \u{9b}x"], frames: ["gup", "do_gup"], isCorrupted: true, isAllowed: true
      )),
  ]

  static func console(_ text: String) -> RunEvent { .console(boot: 1, bytes: Array(text.utf8)) }

  static func output(_ name: String, _ text: String, _ stream: RunEvent.OutputStream = .stdout) -> RunEvent {
    .output(boot: 1, suite: "demo", kernel: "6.12", name: name, stream: stream, bytes: Array(text.utf8))
  }

  static func artefact(_ file: String, _ bytes: [UInt8]) -> RunEvent {
    .artefact(boot: 1, suite: "demo", kernel: "6.12", name: "map", file: file, bytes: bytes)
  }

  /// A journal whose clock stands still, unless told otherwise.
  static func journal(
    in state: String, manifest: RunManifest = manifest, limits: JournalLimits = JournalLimits(),
    disk: DiskWrite = .system,
    clock: @escaping @Sendable () -> WallTime = { WallTime(milliseconds: 1_795_256_102_250) }
  ) throws -> Journal {
    try Journal(state: state, manifest: manifest, suites: [suiteText], limits: limits, disk: disk, clock: clock)
  }
}

extension JournalSample {
  /// A folder that is gone when the body is done.
  static func withScratch<Outcome>(_ body: (String) async throws -> Outcome) async throws -> Outcome {
    let path = FileManager.default.temporaryDirectory.path + "/ktest-journal-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }

  /// nil when there is no such file.
  static func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
