import Testing

@testable import KTestValues
@testable import TestGate

@Suite("The gate of tests that start something")
struct TestGateTests {
  /// Who is inside, and the most there ever were.
  private struct Room {
    var inside = 0
    var most = 0
    var hasMixed = false
  }

  @Test("never lets in more than it has places, and one that wants to be alone finds nobody")
  func places() async {
    let gate = TestGate(places: 2)
    let room = Locked(Room())
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        let alone = number % 5 == 0
        group.addTask {
          await gate.pass(alone: alone) {
            room.with {
              $0.inside += 1
              $0.most = max($0.most, $0.inside)
            }
            for _ in 0..<20 { await Task.yield() }
            room.with {
              if alone, $0.inside != 1 { $0.hasMixed = true }
              $0.inside -= 1
            }
          }
        }
      }
    }
    #expect(room.with { $0.inside == 0 && $0.most <= 2 && !$0.hasMixed })
  }

  @Test("leaves no place empty for one that waits to be alone")
  func overtaking() async {
    let gate = TestGate(places: 2)
    let (first, open) = AsyncStream<Void>.makeStream()
    async let inside: Void = gate.pass { for await _ in first {} }
    while await gate.free > 1 { await Task.yield() }
    async let alone: Void = gate.pass(alone: true) {}
    while await gate.queue == 0 { await Task.yield() }
    #expect(await gate.pass { 1 } == 1)
    open.finish()
    _ = await (inside, alone)
  }

  @Test("has its place back from one that failed")
  func failure() async {
    let gate = TestGate(places: 1)
    for _ in 0..<3 {
      await #expect(throws: CancellationError.self) { try await gate.pass { throw CancellationError() } }
    }
    #expect(await gate.pass { 1 } == 1)
  }

  @Test("starts a test's clock when the test is through")
  func clock() async throws {
    let gate = TestGate(places: 1)
    let log = Locked<[String]>([])
    let (first, open) = AsyncStream<Void>.makeStream()
    async let inside: Void = gate.pass { for await _ in first {} }
    while await gate.free > 0 { await Task.yield() }
    async let late: Void = gate.pass(
      alone: false,
      limit: {
        log.with { $0.append("clock") }
        try await Task.sleep(for: .seconds(3600))
      }
    ) {
      while !log.with({ $0.contains("clock") }) { await Task.yield() }
    }
    while await gate.queue == 0 { await Task.yield() }
    log.with { $0.append("waits") }
    open.finish()
    await inside
    try await late
    #expect(log.with { $0 } == ["waits", "clock"])
  }

  @Test("ends what hangs, and says so")
  func hang() async {
    await withKnownIssue {
      try await TestGate(places: 1).pass(alone: false, limit: { Issue.record("late") }) {
        try? await Task.sleep(for: .seconds(3600))
      }
    }
  }

  @Suite(.gated(minutes: 60)) struct NestedTests {
    @Test("listens to the test before its suite", .gated(minutes: 61))
    func order() throws {
      let traits = try #require(Test.current).traits.compactMap { $0 as? GateTrait }
      #expect(traits.map(\.minutes) == [60, 61] && GateTrait.isInside)
    }
  }
}
