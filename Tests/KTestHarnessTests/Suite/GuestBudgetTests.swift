import Testing

@testable import KTestValues

@Suite("Whether one more guest may be started")
struct GuestBudgetTests {
  private static let gib: UInt64 = 1 << 30

  private static func share(_ name: String, gib: UInt64 = 1, processors: Int = 2) -> GuestShare {
    GuestShare(name: name, memory: gib << 30, processors: processors)
  }

  /// Four processors and 16 GiB, of which 12 GiB are free: 1.6 GiB stay with the host.
  private static func room(
    available: UInt64 = 12, files: Int = 1000, resident: [String: UInt64] = [:]
  ) -> HostRoom {
    HostRoom(processors: 4, memory: 16 << 30, available: available << 30, files: files, resident: resident)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var count: GuestCount
    var share = GuestBudgetTests.share("new")
    var own: [GuestShare] = []
    var others: [GuestShare] = []
    var room: HostRoom? = GuestBudgetTests.room()
    var wanted: GuestBudget.Admission
  }

  private static let one = share("one")
  private static let two = share("two")
  private static let big = share("big", gib: 20)

  @Test(arguments: [
    Row(testDescription: "one after the other: the first", count: .one, wanted: .admitted),
    Row(
      testDescription: "one after the other: the first, whatever the host has", count: .one, share: big, others: [two],
      room: room(available: 0, files: 0), wanted: .admitted),
    Row(testDescription: "one after the other: the second", count: .one, own: [one], wanted: .refused(.guests)),
    Row(testDescription: "three, two are up", count: .most(3), own: [one, two], wanted: .admitted),
    Row(testDescription: "two, two are up", count: .most(2), own: [one, two], wanted: .refused(.guests)),
    Row(
      testDescription: "a number: twice the host's processors", count: .most(9), own: [one, two, share("three")],
      wanted: .admitted),
    Row(
      testDescription: "a number: more than twice the host's processors", count: .most(9),
      own: [one, two, share("three"), share("four", processors: 1)], wanted: .refused(.processors)),
    Row(
      testDescription: "a guest wants no more processors than there are", count: .most(9),
      share: share("new", processors: 64), own: [share("one", processors: 64)], wanted: .admitted),
    Row(testDescription: "auto: the host's processors", count: .auto, own: [one], wanted: .admitted),
    Row(
      testDescription: "auto: more than the host's processors", count: .auto,
      own: [one, share("two", processors: 1)], wanted: .refused(.processors)),
    Row(testDescription: "auto: others count", count: .auto, own: [one], others: [two], wanted: .refused(.processors)),
    Row(testDescription: "auto: the first, beside others", count: .auto, others: [one, two], wanted: .admitted),
    Row(
      testDescription: "auto: nothing beside a guest that is alone", count: .auto, share: share("new", processors: 1),
      own: [share("time", processors: GuestShare.allProcessors)], wanted: .refused(.processors)),
    Row(
      testDescription: "memory: the rest fits", count: .most(9), share: share("new", gib: 9), own: [one],
      wanted: .admitted),
    Row(
      testDescription: "memory: the rest does not fit, for the reserve", count: .most(9), share: share("new", gib: 10),
      own: [one], wanted: .refused(.memory)),
    Row(
      testDescription: "memory: what a guest has already is not kept twice", count: .most(9),
      share: share("new", gib: 10), own: [one], room: room(resident: ["one": gib]), wanted: .admitted),
    Row(
      testDescription: "memory: a guest that has more than it should leaves no room", count: .most(9),
      share: share("new", gib: 11), own: [one], room: room(resident: ["one": 99 * gib]), wanted: .refused(.memory)),
    Row(
      testDescription: "memory: others are waited for", count: .most(2), share: big, others: [one],
      wanted: .refused(.memory)),
    Row(
      testDescription: "memory: a guest that is too big is alone", count: .most(2), share: big,
      wanted: .alone(free: 12 * gib - 16 * gib / 10)),
    Row(
      testDescription: "memory: nothing is free", count: .auto, room: room(available: 0), wanted: .alone(free: 0)),
    Row(
      testDescription: "files: too few", count: .most(9), own: [one], room: room(files: 111),
      wanted: .refused(.files)),
    Row(testDescription: "files: enough", count: .most(9), own: [one], room: room(files: 112), wanted: .admitted),
    Row(testDescription: "files: the first", count: .most(9), room: room(files: 0), wanted: .admitted),
    Row(
      testDescription: "nothing is known about the host", count: .most(2), share: big, own: [one], others: [two],
      room: nil, wanted: .admitted),
  ])
  func admission(_ row: Row) {
    let budget = GuestBudget(row.count)
    #expect(budget.admission(of: row.share, beside: row.own, and: row.others, in: row.room) == row.wanted)
  }

  @Test func aSmallHostKeepsHalfAGibibyte() {
    let room = HostRoom(processors: 1, memory: 2 * Self.gib, available: Self.gib, files: 1000)
    #expect(GuestBudget.free(beside: [], in: room) == Self.gib / 2)
  }

  @Test func theFirstThatFitsIsTaken() {
    let budget = GuestBudget(.most(3))
    func choice(_ shares: [GuestShare], own: [GuestShare] = [], others: [GuestShare] = []) -> GuestBudget.Choice {
      budget.choice(from: shares, beside: own, and: others, in: Self.room())
    }
    #expect(choice([Self.one, Self.two]) == .taken(0))
    #expect(choice([Self.big, Self.two], own: [Self.one]) == .taken(1))
    #expect(choice([Self.big, Self.big], own: [Self.one]) == .refused(.memory))
    #expect(choice([Self.big, Self.one]) == .takenAlone(0, free: 12 * Self.gib - 16 * Self.gib / 10))
    #expect(choice([Self.one], own: [Self.two, Self.two, Self.two]) == .refused(.guests))
  }

  @Test func aGuestTakesItsMemoryAndItsProcessors() {
    let guest = GuestSpec(memory: .mebibytes(512), cpus: 3)
    let share = GuestShare(name: "g", of: guest, counts: false, alone: false)
    #expect(share == GuestShare(name: "g", memory: 768 << 20, processors: 3))
    // One thread of QEMU runs all processors in turn.
    #expect(GuestShare(name: "g", of: guest, counts: true, alone: false).processors == 1)
    #expect(GuestShare(name: "g", of: guest, counts: true, alone: true).processors == GuestShare.allProcessors)
  }

  @Test(arguments: [
    "", "a", "a 1", "a b 1", "a 1 b", "a -1 1", "a 1 0", "a 1 -1", "a 1 1 1", "a 99999999999999999999 1",
    "a 18446744073709551615 1", "a 1 9223372036854775807",
  ])
  func aLineThatIsNoShare(_ text: String) { #expect(GuestShare(line: text) == nil) }

  @Test func aShareIsReadAsItWasWritten() {
    for share in [Self.one, Self.big, Self.share("x", processors: GuestShare.allProcessors)] {
      #expect(GuestShare(line: share.line) == share)
    }
  }

  @Test(arguments: [("auto", GuestCount.auto), ("1", .one), ("1000", .most(1000))])
  func counts(_ text: String, _ count: GuestCount) {
    #expect(GuestCount(parsing: text) == count && count.description == text)
  }

  @Test(arguments: ["", "0", "-1", "1001", "two", "1.5", " 1", "Auto"])
  func noCount(_ text: String) { #expect(GuestCount(parsing: text) == nil) }

  @Test func meminfo() {
    let text =
      "MemTotal:       24689628 kB\nMemFree: 1 kB\nMemAvailable:   20116512 kB\nOdd: x kB\nBig: 18446744073709551615 kB\n"
    #expect(HostRoom.bytes(of: "MemTotal", in: text) == 24_689_628 << 10)
    #expect(HostRoom.bytes(of: "MemAvailable", in: text) == 20_116_512 << 10)
    for field in ["Mem", "Odd", "Big", "None"] { #expect(HostRoom.bytes(of: field, in: text) == nil) }
  }

  @Test(arguments: [("us", true), ("ns", true), ("GB/s", true), ("pages/ms", true), ("MB", false), ("faults", false)])
  func unitsOfTime(_ unit: String, _ isTime: Bool) throws {
    let source = MetricDeclaration.Source(
      pattern: try WildcardPattern(parsing: "x * y"), unit: unit, better: .lower)
    let test = Case(name: "a", run: ["a"], metrics: [MetricDeclaration("m", source)])
    #expect(Suite(name: "s", cases: [test]).measuresTime(in: [test]) == isTime)
  }

  @Test func whoMeasuresTime() {
    // The case prints its unit itself.
    let test = Case(name: "a", run: ["a"], metrics: [MetricDeclaration("m")])
    let plain = Case(name: "b", run: ["b"])
    var suite = Suite(name: "s", cases: [test, plain])
    #expect(suite.measuresTime(in: [test, plain]) && !suite.measuresTime(in: [plain]))
    suite.guest.clock = .instructions
    #expect(!suite.measuresTime(in: [test]))
  }
}
