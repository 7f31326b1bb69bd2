/// A gate with a fixed number of places. Who comes first goes first; who wants more places than are free makes those behind
/// it wait, so that nobody waits for ever.
public actor TestGate {
  private let places: Int
  private(set) var free: Int
  private var waiting: [(wanted: Int, turn: CheckedContinuation<Void, Never>)] = []

  public init(places: Int) {
    self.places = places
    free = places
  }

  /// Waits for a place, or for all of them, and calls `body`.
  public nonisolated func pass<Result: Sendable>(
    alone: Bool = false, _ body: @Sendable () async throws -> Result
  ) async rethrows -> Result {
    let wanted = alone ? places : 1
    await enter(wanted)
    do {
      let result = try await body()
      await leave(wanted)
      return result
    } catch {
      await leave(wanted)
      throw error
    }
  }

  /// How many wait.
  public var queue: Int { waiting.count }

  private func enter(_ wanted: Int) async {
    if waiting.isEmpty, free >= wanted {
      free -= wanted
      return
    }
    await withCheckedContinuation { waiting.append((wanted, $0)) }
  }

  private func leave(_ places: Int) {
    free += places
    while let first = waiting.first, free >= first.wanted {
      free -= first.wanted
      waiting.removeFirst().turn.resume()
    }
  }
}
