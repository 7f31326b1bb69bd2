import Testing

@testable import KTestHarness

@Suite("What Slurm refuses is asked for again, but not for ever")
struct SlurmRefusalTests {
  private let start = ContinuousClock.now
  private let patience = Duration.seconds(300)

  private func isFinal(_ reason: SlurmRefusal.Reason, after seconds: Int) -> Bool {
    let refusal = SlurmRefusal(reason, "no", now: start + .seconds(seconds)).after(
      SlurmRefusal(reason, "no", now: start))
    return refusal.isFinal(patience, now: start + .seconds(seconds))
  }

  @Test("a quota may be full of what the user has in the queue, and that ends")
  func crowd() { #expect(!isFinal(.crowd, after: 1_000_000)) }

  @Test("a controller and a full disk are looked after by somebody")
  func away() {
    for reason in [SlurmRefusal.Reason.silence, .noRoom] {
      #expect(!isFinal(reason, after: 300) && isFinal(reason, after: 301))
    }
  }

  @Test("where nothing else is in the queue, the next answer will hardly be another")
  func never() { #expect(!isFinal(.nothingQueued, after: 60) && isFinal(.nothingQueued, after: 61)) }

  @Test("another reason begins anew")
  func anew() {
    let former = SlurmRefusal(.silence, "no answer", now: start)
    let next = SlurmRefusal(.nothingQueued, "no", now: start + .seconds(290)).after(former)
    #expect(!next.isFinal(patience, now: start + .seconds(310)))
    // Other words for the same do not.
    let same = SlurmRefusal(.silence, "no connection", now: start + .seconds(290)).after(former)
    #expect(same.isFinal(patience, now: start + .seconds(310)) && same.text == "no connection")
  }
}
