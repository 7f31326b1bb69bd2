import GuestProtocol
import Testing

@testable import KTestHarness
@testable import KTestValues

/// The host's own limits for what a guest sends as artefacts, and what is said of it.
@Suite struct ArtefactRoomTests {
  private static let piece = [UInt8](repeating: 0, count: 1 << 20)

  @Test func aFileIsCutAtItsLimit() {
    var room = ArtefactRoom()
    var kept = 0
    for _ in 0..<300 { kept += room.take(Self.piece, of: "sparse.dat")?.count ?? 0 }
    #expect(kept == Int(ArtefactLimits.file))
    #expect(room.take([1], of: "log.txt") == [1])
    #expect(room.take([], of: "empty") == [])
    #expect(
      room.findings == [
        CaseFinding(
          .artefact, .pass, "the artefact sparse.dat is larger than 256MiB; the rest was left in the guest")
      ])
  }

  @Test func aCasesFilesAreBoundedTogether() {
    var room = ArtefactRoom()
    var kept = 0
    for file in ["a", "b", "c"] { for _ in 0..<250 { kept += room.take(Self.piece, of: file)?.count ?? 0 } }
    #expect(kept == Int(ArtefactLimits.total))
    #expect(
      room.findings.map(\.text) == [
        "the artefact c exceeds the limit of 512MiB per case; the excess was left in the guest"
      ])
  }

  @Test func filesAndNotesAreCounted() {
    var room = ArtefactRoom()
    let kept = (0..<10_000).filter { room.take([1], of: "f\($0)") != nil }
    #expect(kept.count == ArtefactLimits.count)
    room.take((0..<5000).map { ArtefactNote(.notPlain, "pipe\($0)") })
    #expect(room.findings.count == ArtefactLimits.notes + 2)
    #expect(room.findings.first?.text == "more than 1000 artefacts; the others were left in the guest")
    #expect(room.findings.allSatisfy { $0.verdict == .pass && $0.kind == .artefact })
  }

  @Test func theAgentsNotesAreWords() {
    let notes = [
      ArtefactNote(.tooLarge, "x", number: 5 << 30), ArtefactNote(.tooMany, number: 9000),
      ArtefactNote(.more, number: 3),
      ArtefactNote(.notPlain, String(repeating: "n", count: 4000)),
    ]
    var room = ArtefactRoom()
    room.take(notes)
    let texts = room.findings.map(\.text)
    #expect(texts[0] == "the artefact x (5GiB) is larger than 256MiB; the rest was left in the guest")
    #expect(texts[1] == "more than 1000 artefacts; 9000 were left in the guest")
    #expect(texts[2] == "3 further artefacts are incomplete")
    #expect(texts[3].utf8.count < 200)
  }
}
