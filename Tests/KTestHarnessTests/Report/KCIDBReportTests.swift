import Foundation
import KTestHost
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct KCIDBReportTests {
  private static let origin = KCIDBOrigin.ktest

  private static let manifest: RunManifest = {
    var manifest = RunManifest(
      ktest: "0.1.0", arguments: [], suites: [],
      kernels: [
        .init(
          label: "6.12-cloud", source: .debian(name: "6.12-cloud", package: "linux-image-6.12", version: "6.12.1-1"),
          release: "6.12.1", image: "/boot/vmlinuz", identity: "1234", configHash: "5678"),
        .init(
          label: "6.1-cloud",
          source: KernelOrigin.source(tree: "/src/linux", revision: "v6.1").built(
            at: "/kernels/k", state: "git:\(String(repeating: "ab", count: 20))", base: "defconfig",
            compiler: "gcc 12.2"),
          release: "6.1.0", image: "/kernels/k/bzImage", identity: "abcd"),
      ],
      accelerator: .init(asked: "auto", used: "tcg"), host: .init(cpus: 2, memory: 25_769_803_776, kernel: "6.1.0"))
    manifest.started = "2026-11-21T10:15:02.250Z"
    manifest.qemu = "7.2.22"
    return manifest
  }()

  private static var whole: RunSummary {
    var run = ReportSample.bad
    run.suites[0].name = "device-dax[thp=madvise,nodes=2]"
    run.suites[0].cases[0].metrics = [
      Metric(name: "thp-2m", value: 60.8, unit: "us", better: .lower, subtest: "2m/unmap")
    ]
    run.suites[0].cases[1].splats = [
      SplatNote(title: "WARNING: at mm/gup.c:12 gup", type: "WARNING", guestSeconds: 4.4, start: 10, end: 90)
    ]
    return run
  }

  @Test func golden() throws {
    let text = kcidbReport(Self.whole, manifest: Self.manifest, origin: Self.origin)
    ReportGolden.expect(text, is: "two-kernels.kcidb.json")
    #expect(text == kcidbReport(Self.whole, manifest: Self.manifest, origin: Self.origin))
  }

  @Test("what the schema says of identifiers, paths and texts holds", arguments: [true, false])
  func schema(isHostile: Bool) throws {
    let run = isHostile ? ReportSample.hostile : Self.whole
    let text = kcidbReport(run, manifest: isHostile ? nil : Self.manifest, origin: Self.origin)
    #expect(ReportSample.isHarmless(text))
    let top = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var seen: Set<String> = []
    for kind in ["checkouts", "builds", "tests", "issues", "incidents"] {
      let objects = try #require(top[kind] as? [[String: Any]])
      #expect(!objects.isEmpty)
      for object in objects {
        let id = try #require(object["id"] as? String)
        #expect(id.wholeMatch(of: /ktest:[0-9a-f]{32}/) != nil && object["origin"] as? String == "ktest")
        // Two kernels may be of one checkout.
        #expect(seen.insert(id).inserted || kind == "checkouts", "\(kind) \(id)")
        #expect(!object.values.contains { $0 is NSNull })
        if let path = object["path"] as? String {
          #expect(path.wholeMatch(of: /([a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*)?/) != nil, "\(path)")
        }
      }
    }
    let known = Set((try #require(top["tests"] as? [[String: Any]])).compactMap { $0["id"] as? String })
    for incident in try #require(top["incidents"] as? [[String: Any]]) {
      #expect(known.contains(try #require(incident["test_id"] as? String)))
    }
  }

  @Test(
    "a failing test without a splat is an issue, too; a known failure is none, nor a case that failed by its subtests")
  func issues() throws {
    var failing = CaseResult(name: "cow", verdict: .fail, reason: "1 of 3 subtests failed")
    failing.notes = [
      SubtestNote(id: "a/b", verdict: .fail, detail: "x"), SubtestNote(id: "c", verdict: .fail, known: true),
    ]
    let late = CaseResult(name: "slow", verdict: .timeout, reason: "no end")
    let suite = SuiteResult(
      name: "mm[thp=always]", kernel: "k", verdict: .timeout,
      cases: [failing, late, CaseResult(name: "skip", verdict: .skip), CaseResult(name: "lost", verdict: .error)])
    let run = RunSummary(run: "r", verdict: .timeout, seconds: 1, boots: [], suites: [suite])
    let text = kcidbReport(run, manifest: nil, origin: Self.origin)
    let all = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let issues = try #require(all["issues"] as? [[String: Any]])
    #expect(issues.map { $0["comment"] as? String } == ["mm:cow:a/b", "mm:slow"])
    #expect(issues.allSatisfy { $0["version"] as? Int == 2 && $0["culprit"] == nil })
    let ids = issues.compactMap { ($0["misc"] as? [String: Any])?["issue"] as? String }
    #expect(
      ids
        == [IssueKey.test(suite: "mm", test: "cow", subtest: "a/b"), .test(suite: "mm", test: "slow", subtest: "")].map(
          \.id))
    let incidents = try #require(all["incidents"] as? [[String: Any]])
    let tests = try #require(all["tests"] as? [[String: Any]])
    let paths = incidents.map { incident in
      tests.first { $0["id"] as? String == incident["test_id"] as? String }?["path"] as? String
    }
    #expect(paths == ["mm.thp_always.cow.a.b", "mm.thp_always.slow"])
  }

  @Test("a cell and a subtest are places in the tree of tests")
  func paths() {
    #expect(
      kcidbPath(["hmm-tests[thp=madvise,size=2m]", "private", "hmm.hmm_device_private/migrate_anon"])
        == "hmm-tests.thp_madvise.size_2m.private.hmm_hmm_device_private.migrate_anon")
    #expect(kcidbPath(["é日 x", "[]", " a b "]) == "___x.a_b")
  }

  @Test("an origin is a plain word", arguments: [("lab_1", true), ("", false), ("Lab", false), ("a:b", false)])
  func origins(name: String, isFine: Bool) { #expect((KCIDBOrigin(name) != nil) == isFine) }

  /// The database's own checker, from PyPI.
  @Test(.gated(), .long) func kcidbIoAcceptsIt() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ktest-kcidb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, run, manifest) in [
      ("whole", Self.whole, Optional(Self.manifest)), ("hostile", ReportSample.hostile, nil),
      ("empty", RunSummary(run: "r", verdict: .skip, seconds: 0, boots: [], suites: []), nil),
    ] {
      try kcidbReport(run, manifest: manifest, origin: Self.origin).write(
        to: folder.appending(path: "\(name).json"), atomically: true, encoding: .utf8)
    }
    let script = """
      set -e
      cd "$1"
      python3 -m venv v
      v/bin/pip install -q kcidb-io
      for file in *.json; do v/bin/python -c '
      import json, sys
      from kcidb_io.schema import LATEST
      from kcidb_io.schema.v05_03 import Version
      data = json.load(open(sys.argv[1]))
      Version.validate(data)
      LATEST.upgrade(data)
      print(sys.argv[1], "is valid")' "$file"; done
      """
    let result = try await HostProgram("sh", ["-c", script, "sh", folder.path]).collect()
    #expect(result.text == "empty.json is valid\nhostile.json is valid\nwhole.json is valid\n", "\(result)")
  }
}
