/// What a dispatcher has waiting and under way.
struct DispatchCourse: Sendable {
  /// The longest first.
  private var waiting: ArraySlice<Attempt>
  /// Those that were lost once, which go first.
  var again: [Attempt] = []
  var underWay: [Attempt] = []
  /// Reasons for waiting that were told.
  var told: Set<String> = []
  private var lastTold: ContinuousClock.Instant?

  init(waiting: [Attempt]) { self.waiting = waiting[...] }

  var isDone: Bool { waiting.isEmpty && again.isEmpty && underWay.isEmpty }

  /// Returns the next attempts, at most so many, and takes them out of what waits.
  mutating func offer(_ count: Int) -> [Attempt] {
    guard count > 0 else { return [] }
    let first = Array(again.prefix(count))
    again.removeFirst(first.count)
    let others = Array(waiting.prefix(count - first.count))
    waiting.removeFirst(others.count)
    return first + others
  }

  /// Takes attempts back: those that were started are under way, and the others wait at their place.
  mutating func take(back attempts: [Attempt]) {
    underWay += attempts.filter { !$0.folder.isEmpty }
    again = attempts.filter(\.folder.isEmpty) + again
  }

  /// Whether people should see again what is under way: once a second.
  mutating func isTimeToTell() -> Bool {
    let now = ContinuousClock.now
    if let lastTold, now - lastTold < .seconds(1) { return false }
    lastTold = now
    return true
  }
}
