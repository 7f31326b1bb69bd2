import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("The splats of a log")
struct SplatReadingTests {
  private static let warning = """
    [    1.000000] ------------[ cut here ]------------
    [    1.000001] WARNING: CPU: 0 PID: 1 at mm/gup.c:10 gup_leaf+0x10/0x20
    [    1.000002] RIP: 0010:gup_leaf+0x10/0x20
    [    1.000003] Call Trace:
    [    1.000004]  <TASK>
    [    1.000005]  do_gup+0x1/0x20
    [    1.000006]  </TASK>
    [    1.000007] ---[ end trace 0000000000000000 ]---

    """

  private func read(_ text: String, wanted: Int = .max) async throws -> (titles: [String], ended: Bool) {
    let tree = try TemporaryTree()
    let file = try tree.put("log", text)
    var titles: [String] = []
    var ended = false
    try await SplatReading(file).perform { finding in
      if let finding { titles.append(finding.splat.title) } else { ended = true }
      return titles.count < wanted
    }
    return (titles, ended)
  }

  @Test func areGivenOutAndThenTheEnd() async throws {
    let found = try await read(Self.warning + "[    2.000000] nothing\n")
    #expect(found.titles == ["WARNING in gup_leaf"] && found.ended)
    let clean = try await read("[    2.000000] nothing\n")
    #expect(clean.titles == [] && clean.ended)
  }

  @Test func areNoMoreThanAreWanted() async throws {
    let found = try await read(String(repeating: Self.warning, count: 3), wanted: 1)
    #expect(found.titles.count == 1 && !found.ended)
  }

  @Test func areTextAndJSON() throws {
    let log = Array(Self.warning.utf8)
    var stream = SplatStream()
    let splats = stream.push(log) + stream.finish()
    let finding = splats.first.map { SplatFinding($0) }
    #expect(finding?.text.hasPrefix("WARNING in gup_leaf at 1") == true, "\(finding?.text ?? "")")
    #expect(try finding?.json().contains("\"title\":\"WARNING in gup_leaf\"") == true)
  }

  @Test func aLogThatIsNotThereIsAnErrorOfUsage() async {
    let error = await #expect(throws: LogError.self) { try await SplatReading("/nowhere/log").perform { _ in true } }
    #expect(error?.failureKind == .usage)
  }
}
