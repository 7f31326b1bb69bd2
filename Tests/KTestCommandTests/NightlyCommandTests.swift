import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

/// `ktest nightly` as far as it starts no guest.
@Suite(.gated()) struct NightlyCommandTests {
  private static let plan = """
    night: n
    kernels: [debian:6.12-cloud]
    suites: [{suite: ./t.yaml, cases: ["case-*"]}]
    """

  private func write(_ text: String, in place: Workplace) throws -> String {
    try place.write(
      "t.yaml", "suite: t\nimage: base\ncases:\n  - {name: case-1, run: [a]}\n  - {name: case-2, run: [b]}\n")
    try place.write("night.yaml", text)
    return "\(place.path)/night.yaml"
  }

  @Test func aPlanIsCheckedAndATimerIsPrinted() async throws {
    try await Workplace.with { place in
      let path = try write(Self.plan, in: place)
      let check = try await place.ktest("nightly", path, "--check")
      #expect(check.code == 0 && check.stdout.contains("debian:6.12-cloud  t      2 cases"), "\(check)")
      #expect(check.stdout.contains("it is the first of this plan"))
      let timer = try await place.ktest("nightly", path, "--install-timer")
      #expect(timer.code == 0 && timer.stdout.contains(" nightly \(path) --state "), "\(timer)")
      #expect(timer.stdout.contains("OnCalendar=") && timer.stdout.contains("ktest-n.timer"))
      #expect(!FileManager.default.fileExists(atPath: "\(place.state)/nights"))
    }
  }

  @Test func mistakesHaveTheirPlace() async throws {
    try await Workplace.with { place in
      let path = try write(Self.plan.replacing("suites", with: "suits"), in: place)
      let wrong = try await place.ktest("nightly", path)
      #expect(wrong.code == 65 && wrong.stderr.contains("night.yaml:3:1: error: unknown key 'suits'"), "\(wrong)")
      let noCase = try await place.ktest("nightly", try write(Self.plan.replacing("case-*", with: "mop"), in: place))
      #expect(noCase.code == 65 && noCase.stderr.contains("has no case 'mop'"), "\(noCase)")
      let none = try await place.ktest("nightly", "\(place.path)/none.yaml")
      #expect(none.code == 64 && none.messages.count == 1, "\(none)")
      let shown = try await place.ktest("nightly", "--show")
      #expect(shown.code == 64 && shown.messages.count == 1, "\(shown)")
    }
  }

  @Test func anotherKtestAtTheSameNightIsToldSo() async throws {
    try await Workplace.with { place in
      let path = try write(Self.plan, in: place)
      let lock = try #require(try NightArchive(of: "n", in: place.state).lock())
      let second = try await place.ktest("nightly", path)
      #expect(second.code == 75 && second.messages.count == 1, "\(second)")
      withExtendedLifetime(lock) {}
    }
  }

  @Test(.enabled("needs root, to mount a small disk") { await Prerequisites.mounts() })
  func aFullDiskEndsTheNightAndTheNextCallGoesOn() async throws {
    try await Workplace.with { place in
      let path = try write(Self.plan.replacing("debian:6.12-cloud", with: "\(place.path)/none"), in: place)
      // The night has begun, and there is no room for what it finds out.
      let disk =
        "mkdir -p disk; mount -t tmpfs -o size=64k none disk; mkdir -p disk/nights/n; "
        + "cat /dev/zero >disk/zero 2>/dev/null || :"
      let full = try await place.ktest("nightly", path, "--state", "disk", wrapper: Prerequisites.mounted(disk))
      #expect(full.code == 69 && full.messages.count == 1, "\(full)")
      #expect(full.stderr.contains("No space left on device") || full.stderr.contains("disk is full"), "\(full)")
      let next = try await place.ktest("nightly", path, "--state", "disk")
      #expect(next.code == 2 && next.stdout.contains("Not tested\n"), "\(next)")
    }
  }

  @Test func aNightIsShownAgain() async throws {
    try await Workplace.with { place in
      let archive = NightArchive(of: "n", in: place.state)
      var record = NightRecord(id: "2026-11-29T010203-0000", plan: "n", ktest: "0", started: 1_795_914_123_000)
      record.state = .complete
      try FileManager.default.createDirectory(
        atPath: archive.directory(of: record.id), withIntermediateDirectories: true)
      var finding = NightRecord.Finding(series: SeriesKey(suite: "s", test: "a"), kernel: "k", word: .newFailure)
      (finding.reason, finding.isNews, finding.failures, finding.runs) = ("bad\u{1b}[2J", true, 3, 3)
      record.findings = [finding]
      try archive.write(record)
      let text = try await place.ktest("nightly", "--show", "2026-11-29")
      #expect(text.code == 0 && text.stdout.contains("New failures\n") && !text.stdout.contains("\u{1b}"), "\(text)")
      let json = try await place.ktest("nightly", "--show", "latest", "--format", "json")
      #expect(json.code == 0 && json.stdout.contains("\"word\" : \"newFailure\""), "\(json)")
    }
  }
}
