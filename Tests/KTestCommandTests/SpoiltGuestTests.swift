import Foundation
import KTestValues
import Testing

extension GuestTests {
  /// A case that leaves too much, and one that takes away what the next one needs.
  @Suite struct SpoiltGuestTests {
    @Test func laterCasesAreNotToBlame() async throws {
      try await Workplace.with { place in
        try place.suite("messy", ["leave", "spoil", "pass"])
        let outcome = try await place.run("messy")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(
          outcome.stderr.contains("pass could not be started in a used guest ("), "\(outcome)")
        let run = try await place.shown()
        #expect(run.verdicts == ["leave pass", "spoil pass", "pass pass"], "\(outcome)")
        #expect(run.boots.map(\.verdict) == [.pass, .pass])

        let left = try #require(run.suites.first?.cases.first)
        #expect(
          left.findings.map(\.text) == [
            "the artefact a-sparse (5GiB) is larger than 256MiB; the rest was left in the guest",
            "the artefact b-pipe is not a regular file and was left in the guest",
            "more than 1000 artefacts; 201 were left in the guest",
          ])
        #expect(left.program == ProgramEnd(how: .exited, status: 0))
        let sparse = files(below: "\(place.state)/runs/\(run.run)/artefacts").filter { $0.hasSuffix("/a-sparse") }
        let size = try sparse.first.map { try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int } ?? 0
        #expect(size == 256 << 20)
      }
    }
  }
}
