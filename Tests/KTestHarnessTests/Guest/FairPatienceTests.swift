import Synchronization
import Testing

@testable import KTestGuests

@Suite("The patience with a guest on a busy host")
struct FairPatienceTests {
  @Test("an idle host adds nothing")
  func idle() {
    var patience = FairPatience(limit: .seconds(5), waits: [7: 40, 8: 3])
    let isLonger1 = patience.extend(waits: [7: 40.02, 8: 3.05])
    #expect(!isLonger1)
    #expect(patience.duration == .seconds(5))
  }

  @Test("the time that the most delayed processor waited is added, each time what came since")
  func busy() {
    var patience = FairPatience(limit: .seconds(5), waits: [7: 40, 8: 3])
    let isLonger2 = patience.extend(waits: [7: 44, 8: 4])
    #expect(isLonger2)
    #expect(patience.duration == .seconds(9))
    let isLonger3 = patience.extend(waits: [7: 47, 8: 6])
    #expect(isLonger3)
    #expect(patience.duration == .seconds(12))
    let isLonger4 = patience.extend(waits: [7: 47, 8: 6])
    #expect(!isLonger4)
  }

  @Test("there is an end to it, and a thread that is new has waited for nothing")
  func bounded() {
    var patience = FairPatience(limit: .seconds(1), waits: [7: 0])
    let isLonger5 = patience.extend(waits: [9: 300])
    #expect(!isLonger5)
    let isLonger6 = patience.extend(waits: [7: 300])
    #expect(isLonger6)
    #expect(patience.duration == .seconds(20) && patience.isExhausted)
    let isLonger7 = patience.extend(waits: [7: 900])
    #expect(!isLonger7)
  }

  @Test("what waits for a boot may be less patient, and says when more was due")
  func exhausted() {
    var patience = FairPatience(limit: .seconds(150), waits: [7: 0], most: 4)
    let isLonger = patience.extend(waits: [7: 450])
    #expect(isLonger && patience.added == .seconds(450) && !patience.isExhausted)
    let isLongerStill = patience.extend(waits: [7: 451])
    #expect(!isLongerStill && patience.duration == .seconds(600) && patience.isExhausted)
  }

  @Test("a hundredth of a long limit is noise")
  func noise() {
    var patience = FairPatience(limit: .seconds(150), waits: [7: 0])
    let isLonger = patience.extend(waits: [7: 1.4])
    #expect(!isLonger && patience.added == .zero)
  }

  @Test("where nothing is counted the limit stands")
  func unknown() {
    var patience = FairPatience(limit: .seconds(3), waits: [:])
    let isLonger8 = patience.extend(waits: [:])
    #expect(!isLonger8 && patience.duration == .seconds(3))
  }

  @Test("a sleep goes on while the threads are kept waiting, and ends when they are not")
  func longSleep() async throws {
    let samples = Mutex<[Double]>([0, 0.3, 0.5, 0.5])
    let start = ContinuousClock.now
    try await sleepFairly(.milliseconds(50)) { [7: samples.withLock { $0.removeFirst() }] }
    let left = samples.withLock { $0.count }
    #expect(left == 0)
    #expect(ContinuousClock.now - start >= .milliseconds(550))
  }
}
