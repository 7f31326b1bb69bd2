import Foundation

@testable import KTestHarness
@testable import KTestValues

/// Made-up journals and records of nights, written without the harness and always the same.
struct PageFixture {
  var state: String
  var nights = 30
  var suites = 3
  var cases = 6
  /// Put into every name and text that comes from suites, people, hosts or guests.
  var spice = ""
  var hosts = ["2 CPUs", "4 CPUs"]
  /// The night since which the guests' clock counts instructions; nil for never.
  var countsSince: Int?

  /// A night's time, in milliseconds since 1970.
  static func time(_ night: Int) -> Int64 { 1_766_974_500_000 + Int64(night) * 86_400_000 }

  func runID(_ night: Int, _ kernel: Int) -> String {
    RunID.make(at: WallTime(milliseconds: PageFixture.time(night) + Int64(kernel) * 1_800_000))
  }

  private func suite(_ number: Int) -> String {
    ["device-dax", "mm", "hmm-tests[thp=always]", "memory-hotplug", "thp-migration"][number % 5]
      + (number < 5 ? "" : "-\(number)") + spice
  }

  private func test(_ number: Int) -> String {
    (["map-4k", "io-2m", "mremap-test", "khugepaged-all-shmem", "poison-1g", "migrate"][number % 6])
      + (number < 6 ? "" : "-\(number)") + spice
  }

  private let labels = ["7.3-rc", "6.12-stable"]

  /// The outcome of a case: one fails from a night on, one now and then, one begins to be skipped.
  private func verdict(night: Int, kernel: Int, suite: Int, test: Int) -> Verdict {
    let number = suite * cases + test
    let chance = (night * 7919 + number * 104_729 + kernel * 31) % 97
    switch number {
    case 1 where night >= nights * 2 / 3: return .fail
    case 2: return chance < 12 ? .fail : .pass
    case 3 where night >= nights - 2: return .skip
    case 4 where kernel == 0 && night == nights - 1: return .crash
    case 5 where night % 11 == 4: return .timeout
    case 6 where night % 17 == 9: return .error
    default: return chance == 0 && number % 5 == 0 ? .fail : .pass
    }
  }

  private func splat(_ test: Int) -> String { "WARNING: at mm/gup.c:12\(test) try_grab_folio\(spice)" }

  func write() throws {
    for night in 0..<nights {
      for kernel in labels.indices { try writeRun(night, kernel) }
      try writeNight(night)
    }
  }

  private func writeRun(_ night: Int, _ kernel: Int) throws {
    let id = runID(night, kernel)
    let folder = "\(state)/runs/\(id)"
    try FileManager.default.createDirectory(atPath: folder + "/consoles", withIntermediateDirectories: true)
    let start = WallTime(milliseconds: PageFixture.time(night) + Int64(kernel) * 1_800_000)
    var manifest = RunManifest(
      ktest: "0.1.0" + spice, arguments: ["run", "suites/mm.yaml" + spice, "--kernel", labels[kernel]],
      suites: (0..<suites).map { .init(name: suite($0), path: suite($0) + ".yaml", sha256: "00") },
      kernels: [
        .init(
          label: labels[kernel] + spice, source: .source(tree: "../linux" + spice, revision: "master"),
          release: "7.3.\(night)" + spice, image: "/k" + spice, identity: "\(kernel)-\(night / 2)")
      ], accelerator: .init(asked: "auto", used: "tcg" + spice, processor: "maximum" + spice),
      host: .init(cpus: night % 3 == 2 ? 4 : 2, memory: 25_769_803_776, kernel: "6.1.0" + spice))
    if let countsSince, night >= countsSince {
      for place in manifest.suites.indices { manifest.suites[place].clock = .instructions }
    }
    (manifest.run, manifest.started, manifest.qemu, manifest.libvirt) = (id, start.iso, "7.2" + spice, "9.0" + spice)
    let encoder = JSONEncoder()
    try encoder.encode(manifest).write(to: URL(filePath: folder + "/manifest.json"))
    var console = "[    0.000000] Linux version 7.3.\(night) \(spice)\n"
    for line in 0..<120 { console += "[    0.\(100_000 + line)] pci 0000:00:\(line): made-up device\n" }
    var events: [RunEvent] = [.runStarted(cases: suites * cases, boots: 1)]
    if night % 9 == 0 { events.append(.notice("KVM is not usable; TCG runs instead" + spice)) }
    let names = (0..<suites).flatMap { suite in (0..<cases).map { "\(self.suite(suite)):\(test($0))" } }
    let label = labels[kernel] + spice
    events.append(.bootStarted(boot: 1, suite: suite(0), kernel: label, cases: names))
    events.append(.bootReady(boot: 1, seconds: 1.9))
    var verdicts: [Verdict] = []
    for suite in 0..<suites {
      for test in 0..<cases {
        let number = suite * cases + test
        let verdict = verdict(night: night, kernel: kernel, suite: suite, test: test)
        verdicts.append(verdict)
        console += "[    \(3 + number).000000] ktest[aaaa\(number)]: begin \(number + 1)\n"
        var result = result(verdict, suite: suite, test: test, night: night, console: &console)
        if number == 0 { result.metrics = metrics(night) }
        console += "[    \(3 + number).900000] ktest[bbbb\(number)]: end \(number + 1)\n"
        events.append(.caseStarted(boot: 1, suite: self.suite(suite), kernel: label, name: result.name))
        events.append(.caseFinished(suite: self.suite(suite), kernel: label, result: result))
      }
    }
    events.append(
      .bootFinished(
        BootResult(
          id: 1, suite: suite(0), kernel: label, verdict: .pass, readySeconds: 1.9, seconds: 30,
          console: "consoles/boot-1.log")))
    events.append(.runFinished(verdict: Verdict.summary(of: verdicts), interrupted: false, seconds: 31))
    let lines = events.enumerated().compactMap { place, event in
      RecordedEvent(time: WallTime(milliseconds: start.milliseconds + Int64(place) * 100), event: event).line
    }
    try Data(lines.joined()).write(to: URL(filePath: folder + "/events.jsonl"))
    try Data(console.utf8).write(to: URL(filePath: folder + "/consoles/boot-1.log"))
  }

  private func result(
    _ verdict: Verdict, suite: Int, test: Int, night: Int, console: inout String
  ) -> CaseResult {
    var result = CaseResult(name: self.test(test), verdict: verdict, seconds: 1.5, boot: 1)
    result.subtests = SubtestCounts(pass: 12)
    switch verdict {
    case .pass: break
    case .fail where test % 2 == 1, .crash:
      let start = console.utf8.count
      console += "[   9.000000] ------------[ cut here ]------------\n[   9.000001] \(splat(test))\n"
      console +=
        "[   9.000002] Call Trace:\n[   9.000003]  try_grab_folio+0x10/0x20\n[   9.000004] ---[ end trace ]---\n"
      let note = SplatNote(
        title: splat(test), type: "WARNING", guestSeconds: 9, start: start, end: console.utf8.count - 1)
      result.splats = [note]
      (result.reason, result.cause) = ("kernel: \(note.title)", VerdictCause(.splat, names: [note.title]))
      result.findings = [
        CaseFinding(VerdictCause(.splat, names: [note.title]), verdict, "kernel: \(note.title)"),
        CaseFinding(.artefact, .pass, "trace.dat was cut" + spice),
      ]
    case .fail:
      result.subtests = SubtestCounts(pass: 10, fail: 1, skip: 1)
      result.notes = [
        SubtestNote(id: "2m/hwpoison/sigbus" + spice, verdict: .fail, detail: "expected 0x7f00, got 0x0" + spice),
        SubtestNote(id: "1g/cow" + spice, verdict: .skip, detail: "no huge pages"),
      ]
      (result.reason, result.cause) = ("2m/hwpoison/sigbus failed" + spice, VerdictCause(.subtest))
    default: (result.reason, result.cause) = ("because of \(verdict)" + spice, VerdictCause(.other))
    }
    return result
  }

  private func metrics(_ night: Int) -> [Metric] {
    let noise = Double((night * 37) % 11) / 40
    let level = night >= nights / 2 ? 14.0 : 12.0
    return [
      Metric(name: "unmap" + spice, value: level + noise, unit: "us", better: .lower, subtest: "2m" + spice),
      Metric(name: "throughput", value: 900 - noise * 10, unit: "MB/s", better: .higher),
    ]
  }
}
