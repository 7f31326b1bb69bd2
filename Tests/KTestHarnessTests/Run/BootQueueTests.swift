import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

@Suite("What waits for a guest")
struct BootQueueTests {
  private static let settings = RunSettings(accelerator: .kvm)

  private func group(_ suite: String, _ cases: [(name: String, fresh: Bool)]) throws -> [PlannedSuite] {
    let tests = cases.map { entry in
      var test = Case(name: entry.name, run: [entry.name])
      test.fresh = entry.fresh
      return test
    }
    var plan = try ScriptedRun.plan(tests)
    plan.suites[0].suite.name = suite
    return plan.suites
  }

  private func names(_ items: [BootItem]) -> [[String]] { items.map { $0.cases.map(\.test.name) } }

  @Test func itemsKeepTheOrderOfTheSuite() throws {
    let group = try group("s", [("a", true), ("b", false), ("c", true), ("d", false)])
    #expect(names(BootItem.items(of: group, at: 0, settings: Self.settings)) == [["a"], ["b", "d"], ["c"]])
  }

  @Test func whatIsLeftGoesFirst() throws {
    var queue = BootQueue([try group("s", [("a", false), ("b", false), ("c", true)])], settings: Self.settings) { _ in 0
    }
    let first = queue.take(0)
    queue.finish(first, remaining: Array(first.cases.dropFirst()))
    #expect(names(queue.waiting) == [["b"], ["c"]])
  }

  @Test func whatIsLeftKeepsToItsLength() throws {
    let seconds = ["a": 9.0, "b": 2, "c": 5, "d": 1]
    let group = try group("s", [("d", true), ("a", false), ("b", false), ("c", true)])
    var queue = BootQueue([group], settings: Self.settings) { item in
      item.cases.reduce(0) { $0 + (seconds[$1.test.name] ?? 0) }
    }
    #expect(names(queue.waiting) == [["a", "b"], ["c"], ["d"]])
    let first = queue.take(0)
    queue.finish(first, remaining: Array(first.cases.dropFirst()))
    #expect(names(queue.waiting) == [["c"], ["b"], ["d"]])
  }

  private static func template(_ boot: Int) -> BootTemplate {
    let guest = GuestTemplate(GuestSample.description(), directory: "/nonexistent/queue")
    return BootTemplate(template: guest, boot: boot, seconds: 1)
  }

  @Test func aTemplateComesFirstAndThenItsClones() throws {
    var forks = Self.settings
    forks.forks = true
    var queue = BootQueue(
      [try group("s", [("a", false), ("b", true), ("c", false), ("d", true)])], settings: forks
    ) { _ in 0 }
    #expect(names(queue.waiting) == [["a", "b", "c", "d"]])
    let first = queue.take(0)
    let template = Self.template(1)
    queue.finish(first, remaining: first.cases, template: template)
    #expect(
      names(queue.waiting) == [["a", "c"], ["b"], ["d"]] && queue.waiting.allSatisfy { $0.isClone(of: template) })
    let shared = queue.take(0)
    #expect(queue.waitingClones == [template.id: 2] && queue.nextDoneGroup() == nil)
    // What one guest leaves goes on in another clone.
    queue.finish(shared, remaining: Array(shared.cases.suffix(1)))
    #expect(names(queue.waiting) == [["c"], ["b"], ["d"]] && queue.waiting[0].isClone(of: template))
    // A template that fails once is not used again.
    let rest = queue.take(0)
    queue.finish(rest, remaining: rest.cases, mustBoot: true)
    #expect(names(queue.waiting) == [["c"], ["b"], ["d"]] && !queue.waiting.contains { $0.isClone(of: template) })
    #expect(queue.waitingClones.isEmpty)
  }

  @Test func aKeptTemplateThatFailsIsBootedOnce() throws {
    var forks = Self.settings
    forks.forks = true
    var queue = BootQueue(
      [try group("s", [("a", true), ("b", true), ("c", true)])], settings: forks
    ) { _ in 0 }
    #expect(queue.nextToLookUp() == 0 && queue.nextToLookUp() == nil)
    var kept = Self.template(1)
    kept.run = "yesterday"
    let first = queue.take(0)
    queue.finish(first, remaining: first.cases, template: kept)
    let clone = queue.take(0)
    #expect(queue.waitingClones == [kept.id: 2])
    queue.finish(clone, remaining: clone.cases, mustBoot: true)
    #expect(names(queue.waiting) == [["a", "b", "c"]] && queue.waiting[0].isTemplate && queue.nextToLookUp() == nil)
    let again = queue.take(0)
    queue.finish(again, remaining: [])
    #expect(queue.nextDoneGroup() == 0)
  }

  @Test func withoutATemplateEachBoots() throws {
    var forks = Self.settings
    forks.forks = true
    var queue = BootQueue([try group("s", [("a", true), ("b", true)])], settings: forks) { _ in 0 }
    let first = queue.take(0)
    queue.finish(first, remaining: first.cases, mustBoot: true)
    #expect(names(queue.waiting) == [["a"], ["b"]] && queue.waitingClones.isEmpty)
  }

  @Test func groupsAreDoneInTheirOrder() throws {
    let groups = try [group("x", []), group("y", [("a", true)]), group("z", [("b", true)])]
    var queue = BootQueue(groups, settings: Self.settings) { _ in 0 }
    #expect(queue.nextDoneGroup() == 0 && queue.nextDoneGroup() == nil)
    let (first, second) = (queue.take(0), queue.take(0))
    queue.finish(second, remaining: [])
    #expect(queue.nextDoneGroup() == nil)
    queue.finish(first, remaining: first.cases)
    #expect(queue.nextDoneGroup() == nil)
    queue.finish(queue.take(0), remaining: [])
    #expect(queue.nextDoneGroup() == 1 && queue.nextDoneGroup() == 2 && queue.nextDoneGroup() == nil)
  }
}

@Suite("One event at a time")
struct EventLineTests {
  @Test func whoeverComesWaitsForTheOneBefore() async throws {
    let (seen, busy) = (Locked<[String]>([]), Locked(0))
    let line = EventLine { event in
      guard case .notice(let text) = event else { return }
      #expect(
        busy.with { busy in
          busy += 1
          return busy
        } == 1)
      for _ in 0..<5 { await Task.yield() }
      seen.with { $0.append(text) }
      busy.with { $0 -= 1 }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for guest in 0..<10 {
        group.addTask { for number in 0..<10 { try await line.pass(.notice("\(guest) \(number)")) } }
      }
      try await group.waitForAll()
    }
    for guest in 0..<10 {
      let own = seen.with { $0.filter { $0.hasPrefix("\(guest) ") } }
      #expect(own == (0..<10).map { "\(guest) \($0)" })
    }
  }

  @Test func afterAFailureNothingIsPassed() async throws {
    struct Full: Error {}
    let count = Locked(0)
    let line = EventLine { _ in
      count.with { $0 += 1 }
      throw Full()
    }
    for _ in 0..<3 { await #expect(throws: Full.self) { try await line.pass(.notice("x")) } }
    #expect(count.with { $0 } == 1)
  }
}
