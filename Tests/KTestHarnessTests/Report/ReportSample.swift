@testable import KTestHarness
@testable import KTestValues

/// Runs to report on.
enum ReportSample {
  static let id = "2026-11-21T101502-4000"

  private static func pass(_ name: String, _ seconds: Double, _ subtests: Int, boot: Int) -> CaseResult {
    CaseResult(name: name, verdict: .pass, seconds: seconds, subtests: SubtestCounts(pass: subtests), boot: boot)
  }

  private static func skip(_ name: String, _ reason: String) -> CaseResult {
    CaseResult(name: name, verdict: .skip, reason: reason)
  }

  private static let noFailure = "the kernel's configuration has no CONFIG_MEMORY_FAILURE"
  private static let noCheckout = "give the checkout of ndctl with --set ndctl=PATH"

  /// One suite on one kernel, nothing wrong.
  static let good = RunSummary(
    run: id, verdict: .pass, seconds: 41.23,
    boots: [
      BootResult(
        id: 1, suite: "device-dax", kernel: "6.12-cloud", verdict: .pass, readySeconds: 1.9, seconds: 39.5,
        console: "consoles/boot-1.log")
    ],
    suites: [
      SuiteResult(
        name: "device-dax", kernel: "6.12-cloud", verdict: .pass,
        cases: [
          pass("align-4k", 0.91, 14, boot: 1), pass("align-2m", 1.04, 14, boot: 1),
          CaseResult(
            name: "align-1g", verdict: .pass, seconds: 75.2,
            subtests: SubtestCounts(pass: 12, skip: 1, known: 1),
            notes: [
              SubtestNote(id: "fork/unmap", verdict: .fail, known: true, detail: "needs 3 GiB under TCG"),
              SubtestNote(id: "smaps", verdict: .pass, known: true),
            ], boot: 1),
          skip("upstream", noCheckout),
        ])
    ])

  private static let alignment: CaseResult = {
    var result = CaseResult(
      name: "align-2m", verdict: .fail, reason: "2 of 14 subtests failed", seconds: 2.25,
      subtests: SubtestCounts(pass: 12, fail: 2),
      notes: [
        SubtestNote(id: "2m/hwpoison/sigbus", verdict: .fail, detail: "expected 0x7f0000200000, got 0x0"),
        SubtestNote(id: "2m/read-back", verdict: .fail),
      ], boot: 1)
    result.findings = [
      CaseFinding(.subtest, .fail, "2 of 14 subtests failed"),
      CaseFinding(.kernelMessage, .fail, "kernel message 'Memory failure: *' was expected 2 times but seen 1 times"),
      CaseFinding(.artefact, .pass, "the artefact trace.dat is larger than 256 MiB; the rest stayed in the guest"),
    ]
    result.program = ProgramEnd(how: .exited, status: 250, said: "verify loop took too long usecs: 31718")
    return result
  }()

  private static let fast = SuiteResult(
    name: "device-dax", kernel: "6.12-cloud", verdict: .timeout,
    cases: [
      pass("align-4k", 0.91, 14, boot: 1),
      alignment,
      CaseResult(
        name: "destroy-mapped", verdict: .timeout, reason: "no verdict within 60 s", seconds: 60.01,
        splats: [
          SplatNote(
            title: "WARNING: at lib/percpu-refcount.c:197 percpu_ref_switch_to_atomic_rcu", type: "WARNING",
            guestSeconds: 4.41, start: 20_000, end: 23_000)
        ], boot: 1),
      skip("upstream", noCheckout),
    ])

  private static let old = SuiteResult(
    name: "device-dax", kernel: "6.1-cloud", verdict: .crash,
    cases: [
      pass("align-4k", 0.99, 14, boot: 2), skip("align-2m", noFailure), skip("destroy-mapped", noFailure),
      skip("upstream", noCheckout),
    ])

  /// Two kernels; most things that can go wrong.
  static let bad = RunSummary(
    run: id, verdict: .crash, seconds: 3725,
    boots: [
      BootResult(
        id: 1, suite: "device-dax", kernel: "6.12-cloud", verdict: .pass, readySeconds: 1.9, seconds: 65,
        console: "consoles/boot-1.log"),
      BootResult(
        id: 2, suite: "device-dax", kernel: "6.1-cloud", verdict: .crash,
        reason: "the kernel panicked after its last case",
        readySeconds: 3.41, seconds: 9.5, console: "consoles/boot-2.log",
        splats: [
          SplatNote(
            title: "Kernel panic - not syncing: sysrq triggered crash", type: "panic", guestSeconds: nil, start: 0,
            end: 9)
        ]),
    ],
    suites: [fast, old])

  static let context: ReportContext = {
    var context = ReportContext(directory: "/state/runs/\(id)", planned: 8)
    context.notices = ["KVM opens but no kernel boots under it; guests run under TCG"]
    var tail = CaseTail()
    tail.append(Array("# hwpoison at 2m\nnot ok 9 2m/hwpoison/sigbus\n".utf8), to: .stdout)
    tail.append(Array("dax-exercise: \u{1b}[31mwrong address\u{1b}[0m\n".utf8), to: .stderr)
    context.tails[CaseKey(suite: "device-dax", kernel: "6.12-cloud", name: "align-2m")] = tail
    var console = ByteTail()
    console.append(Array("[    4.40] older\n[    4.41] WARNING: CPU: 0 PID: 1\r\n\u{0}\u{1b}]0;title\u{7}\n".utf8))
    context.consoleTails = [1: console]
    return context
  }()

  /// Every text field hostile.
  static let hostile: RunSummary = {
    let evil =
      "\u{1b}[2J\u{9b}31m<&\"'>]]>\r\n\u{0}\u{fffe}\u{202e}#x\u{7}é日本\u{2028}" + String(repeating: "A", count: 9000)
    var splat = SplatNote(title: evil, type: evil, guestSeconds: .infinity, start: -1, end: .max)
    splat.guestSeconds = .nan
    let cases = Verdict.allCases.map { verdict -> CaseResult in
      var result = CaseResult(
        name: evil + verdict.rawValue, verdict: verdict, reason: evil, seconds: .infinity,
        subtests: SubtestCounts(pass: 1, fail: 2, skip: 3, known: 4),
        notes: [
          SubtestNote(id: evil, verdict: .fail, known: false, detail: evil),
          SubtestNote(id: evil, verdict: .pass, known: true, detail: evil),
        ], splats: [splat], boot: 1)
      result.findings = [CaseFinding(.program, .fail, evil + "!")]
      result.program = ProgramEnd(how: .notStarted, reason: evil, said: evil)
      result.cause = VerdictCause(.program, names: [evil])
      return result
    }
    let boot = BootResult(
      id: 1, suite: evil, kernel: evil, verdict: .crash, reason: evil, readySeconds: .nan, seconds: -.infinity,
      console: evil, splats: [splat])
    let suites = [evil, evil + "2"].map { SuiteResult(name: evil, kernel: $0, verdict: .crash, cases: cases) }
    return RunSummary(run: evil, verdict: .crash, interrupted: true, seconds: .nan, boots: [boot], suites: suites)
  }()

  static let hostileContext: ReportContext = {
    var context = ReportContext(directory: "/\u{1b}[2J", planned: 100)
    context.notices = ["\u{1b}]0;title\u{7}\n\n"]
    var tail = CaseTail()
    tail.append(Array(0...255), to: .stdout)
    tail.append([UInt8](repeating: 0x9b, count: 100_000), to: .stderr)
    var console = ByteTail()
    console.append(Array(0...255) + [0x1b, 0x5b, 0x32, 0x4a])
    for suite in hostile.suites {
      for result in suite.cases {
        context.tails[CaseKey(suite: suite.name, kernel: suite.kernel, name: result.name)] = tail
      }
    }
    context.consoleTails = [1: console]
    return context
  }()

  /// Nothing but printable characters and newlines.
  static func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0xa: true
      case 0..<0x20, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: false
      default: true
      }
    }
  }
}
