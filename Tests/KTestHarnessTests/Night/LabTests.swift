import Foundation
import GuestProtocol
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("Other labs")
struct LabTests {
  private static func write(_ runs: [(branch: String, start: String, results: String)], in folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let list = runs.indices.map {
      "{\"executor\": \"x\", \"branch\": \"\(runs[$0].branch)\", \"url\": \"https://a/b/r\($0).json\"}"
    }
    try Data("[\(list.joined(separator: ","))]".utf8).write(to: URL(filePath: folder + "/results.json"))
    for (place, run) in runs.enumerated() {
      let text = "{\"branch\": \"\(run.branch)\", \"start\": \"\(run.start)\", \"results\": [\(run.results)]}"
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/r\(place).json"))
    }
  }

  private static let start = WallTime(iso: "2026-11-28T00:00:00.000Z")?.milliseconds ?? 0

  @Test("runs since a time are counted, and what failed is listed once, with the newest branch")
  func counts() throws {
    let tree = try TemporaryTree()
    try Self.write(
      [
        ("old", "2026-11-27 23:59:59+00:00", #"{"test": "t", "group": "g", "result": "fail"}"#),
        (
          "net-1", "2026-11-28 01:00:00+00:00",
          #"{"test": "t", "group": "g", "result": "fail", "link": "javascript:alert(1)"}, {"test": "u", "group": "g", "result": "pass"}"#
        ),
        (
          "net-2", "2026-11-29T02:00:00Z",
          #"{"test": "t", "group": "g", "result": "fail", "link": "https://a/t"}, {"test": "v", "result": "skip"}"#
        ),
      ], in: tree.path)
    let (lab, newest) = try LabFolder(name: "x", path: tree.path).lab(since: Self.start)
    #expect(lab.runs == 2 && lab.passed == 1 && lab.skipped == 1)
    #expect(lab.failures == [.init(group: "g", test: "t", branch: "net-2", link: "https://a/t")])
    #expect(newest == WallTime(iso: "2026-11-29T02:00:00.000Z")?.milliseconds)
    let none = try LabFolder(name: "x", path: tree.path).lab(since: Self.start + 10 * 86_400_000)
    #expect(none.lab.runs == 0 && none.newest == newest)
  }

  @Test("a link that is no web address is left out")
  func links() throws {
    let tree = try TemporaryTree()
    try Self.write(
      [("b", "2026-11-29 02:00:00+00:00", #"{"test": "t", "result": "fail", "link": "javascript:alert(1)"}"#)],
      in: tree.path)
    #expect(try LabFolder(name: "x", path: tree.path).lab(since: Self.start).lab.failures.map(\.link) == [""])
  }

  @Test(
    "what is no such directory is an error that names the file",
    arguments: ["", "{}", "[{\"url\": 3}]", "[{\"url\": \"r.json\"}]"])
  func hostile(text: String) throws {
    let tree = try TemporaryTree()
    if !text.isEmpty { try tree.put("results.json", text) }
    let failure = #expect(throws: Failure.self) { try LabFolder(name: "x", path: tree.path).lab(since: 0) }
    let file = text.contains("r.json") ? "r.json" : "results.json"
    #expect(failure?.description.contains("\(tree.path)/\(file)") == true, "\(failure?.description ?? "")")
    // A path out of the directory is none.
    try tree.put("results.json", "[{\"url\": \"../../etc/..\"}]")
    #expect(try LabFolder(name: "x", path: tree.path).lab(since: 0).lab.runs == 0)
  }

  @Test("a night shows what others saw, and a lab that is silent is not tested", .gated())
  func night() async throws {
    let place = try NightPlace(["a", "b"]) { version, request in
      version >= 3 && request.name == "a" ? GuestScript.failing(request) : nil
    }
    var plan = place.plan()
    plan.labs = [
      .init(name: "x", results: place.tree.path + "/x"), .init(name: "y", results: place.tree.path + "/y"),
      .init(name: "z", results: "/none"),
    ]
    try Self.write(
      [
        (
          "k-3", String(WallTime(milliseconds: 1_790_000_000_000 + 3 * 86_400_000 - 3_600_000).iso.prefix(19)),
          #"{"test": "a", "group": "ktest-s", "result": "fail"}, {"test": "o", "group": "net", "result": "fail"}"#
        )
      ], in: place.tree.path + "/x")
    try Self.write([("k-0", "2020-01-01 00:00:00", "")], in: place.tree.path + "/y")
    for day in 0..<3 { try await place.night(day, plan) }
    let night = try await place.night(3, plan)
    #expect(night.labs?.map(\.name) == ["x", "y"] && night.labs?.first?.failures.count == 2)
    #expect(night.words == ["newFailure s:a:it"] && night.findings[0].labs == ["x"])
    #expect(night.untested.map(\.name) == ["y", "z"] && night.untested.allSatisfy { $0.kind == .host })
    #expect(night.untested[0].reason.contains("the newest began at 2020-01-01"), "\(night.untested)")
    let text = nightReport(night, style: .plain)
    #expect(text.contains("Other labs\n  x: 1 run, 0 passed, 2 failed, 0 skipped\n"), "\(text)")
    #expect(text.contains("fails also at x") && text.contains("net o fails on k-3"))
    #expect(NightMail(night).text.contains("fails also at x"))
  }
}
