import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct WallTimeTests {
  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00.000Z"),
    (1_795_256_102_250, "2026-11-21T10:15:02.250Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
    (-1, "1969-12-31T23:59:59.999Z"),
  ])
  func isWrittenAndReadAsISO8601(milliseconds: Int64, text: String) {
    #expect(WallTime(milliseconds: milliseconds).iso == text)
    #expect(WallTime(iso: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "2026-11-21", "2026-11-21T10:15:02Z", "2026-13-21T10:15:02.250Z", "2026-11-21T10:15:02.25xZ",
    "2026-02-30T10:15:02.250Z", "2026-11-21T25:15:02.250Z", "2026-11-21T10:15:02.-50Z", "2026-11-21t10:15:02.250Z",
  ])
  func refusesWhatItDoesNotWrite(text: String) {
    #expect(WallTime(iso: text) == nil)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    for day in stride(from: Int64(-80_000), to: 80_000, by: 1) {
      let time = WallTime(milliseconds: day * 86_400_000 + 1)
      guard WallTime(iso: time.iso) == time else {
        Issue.record("\(time.iso) does not come back")
        return
      }
    }
  }
}

@Suite struct RunIDTests {
  @Test func sortsByTimeWithinASecondToo() {
    let times: [Int64] = [1_795_256_102_250, 1_795_256_102_251, 1_795_256_102_999, 1_795_256_103_000]
    let names = times.map { RunID.make(at: WallTime(milliseconds: $0)) }
    #expect(names[0] == "2026-11-21T101502-4000")
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy(RunID.isValid))
  }

  @Test(arguments: [
    "", "lost+found", "2026-11-21T101502-4000.bak", "2026-11-21T101502-400G", "../../etc/passwd-abcdef",
  ])
  func isNotARun(name: String) {
    #expect(!RunID.isValid(name))
  }
}
