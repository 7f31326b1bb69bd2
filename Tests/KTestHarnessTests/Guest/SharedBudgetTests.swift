import Foundation
import Glibc
import Testing

@testable import KTestGuests
@testable import KTestHost
@testable import KTestValues

/// Each budget has a ledger of its own, as each process has: a lock belongs to an open file, not to a process.
@Suite("A budget that several ktests share")
struct SharedBudgetTests {
  private static func share(_ name: String, gib: UInt64 = 4) -> GuestShare {
    GuestShare(name: name, memory: gib << 30, processors: 1)
  }

  /// 10 GiB can be given.
  private static let room: @Sendable () -> HostRoom = {
    HostRoom(processors: 8, memory: 10 << 30, available: 11 << 30, files: 1000)
  }

  private static func budget(_ count: GuestCount, in tree: TemporaryTree) throws -> SharedBudget {
    SharedBudget(count, ledger: try ShareLedger(in: "\(tree.path)/shares"), room: room)
  }

  /// What others than the ledger's process have noted.
  private static func noted(in tree: TemporaryTree) async throws -> [String] {
    try await ShareLedger(in: "\(tree.path)/shares").update { others in (nil, others.map(\.name).sorted()) }
  }

  @Test func whatOneHasTheOtherWaitsFor() async throws {
    let tree = try TemporaryTree()
    let (first, second) = (try Self.budget(.most(4), in: tree), try Self.budget(.most(4), in: tree))
    #expect(try await first.take(firstOf: [Self.share("a")]) == .taken(0))
    #expect(try await second.take(firstOf: [Self.share("b")]) == .taken(0))
    #expect(try await Self.noted(in: tree) == ["a", "b"])
    #expect(try await first.take(firstOf: [Self.share("c")]) == .refused(.memory))
    #expect(try await first.take(firstOf: [Self.share("c"), Self.share("d", gib: 2)]) == .taken(1))
    await second.giveBack("b")
    #expect(try await first.take(firstOf: [Self.share("c")]) == .taken(0))
    #expect(try await Self.noted(in: tree) == ["a", "c", "d"])
    #expect(try await second.take(firstOf: [Self.share("e")]) == .refused(.memory))
  }

  @Test func whatAKtestHadThatIsGoneIsFree() async throws {
    let tree = try TemporaryTree()
    var first: SharedBudget? = try Self.budget(.most(4), in: tree)
    let second = try Self.budget(.most(4), in: tree)
    #expect(try await first?.take(firstOf: [Self.share("a", gib: 9)]) == .taken(0))
    #expect(try await second.take(firstOf: [Self.share("b", gib: 9)]) == .refused(.memory))
    first = nil
    #expect(try await second.take(firstOf: [Self.share("b", gib: 9)]) == .taken(0))
    // A killed one leaves its file, and nobody locks it.
    try tree.put("shares/1-0", "old 9663676416 1\n")
    #expect(try await Self.noted(in: tree) == ["b"])
    #expect(!HostFiles.exists("\(tree.path)/shares/1-0"))
  }

  @Test func rubbishCountsForNothing() async throws {
    let tree = try TemporaryTree()
    let ledger = try ShareLedger(in: "\(tree.path)/shares")
    let path = try tree.put("shares/1-0", "rubbish\n\u{0}\na 1 1\nb 18446744073709551615 1\n")
    let lock = try #require(try FileLock(ifFree: path))
    #expect(try await ledger.update { others in (nil, others) } == [GuestShare(name: "a", memory: 1, processors: 1)])
    withExtendedLifetime(lock) {}
  }

  /// The guest of a plain run is there for others to see, and it waits for nobody.
  @Test func oneAfterTheOtherIsNotedAndNeverWaits() async throws {
    let tree = try TemporaryTree()
    let (many, one) = (try Self.budget(.most(4), in: tree), try Self.budget(.one, in: tree))
    #expect(try await many.take(firstOf: [Self.share("a", gib: 9)]) == .taken(0))
    #expect(try await one.take(firstOf: [Self.share("b", gib: 9)]) == .taken(0))
    #expect(try await one.take(firstOf: [Self.share("c", gib: 9)]) == .refused(.guests))
    #expect(try await Self.noted(in: tree) == ["a", "b"])
  }

  @Test func aLedgerThatIsGoneStopsNobody() async throws {
    let tree = try TemporaryTree()
    let budget = try Self.budget(.most(4), in: tree)
    try FileManager.default.removeItem(atPath: "\(tree.path)/shares")
    #expect(try await budget.take(firstOf: [Self.share("a")]) == .taken(0))
    #expect(try await budget.take(firstOf: [Self.share("b", gib: 9)]) == .refused(.memory))
    await budget.giveBack("a")
    #expect(try await budget.take(firstOf: [Self.share("b", gib: 9)]) == .taken(0))
  }

  @Test func aPlaceThatIsNoDirectoryIsRefused() throws {
    let tree = try TemporaryTree()
    let file = try tree.put("file", "")
    symlink(tree.path, "\(tree.path)/link")
    for path in [file, "\(tree.path)/link", "/no/such/place"] {
      let error = #expect(throws: GuestError.self) { try ShareLedger(in: path) }
      #expect(error?.description.contains(path) == true)
    }
  }

  @Test func thisHostHasRoom() {
    let room = HostRoom.now()
    #expect(room.processors >= 1 && room.available > 0 && room.available <= room.memory && room.files > 0)
    #expect(HostRoom.guestName("guest=ktest-x-1,debug-threads=on") == "ktest-x-1")
    #expect(HostRoom.guestName("guest=other,x") == nil && HostRoom.guestName("-name") == nil)
  }
}
