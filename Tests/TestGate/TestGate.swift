/// A gate with a fixed number of places. Who comes first goes first, but who wants to be alone is overtaken until nobody else is
/// inside: no place is empty while it waits, and since tests are finitely many its turn comes.
package actor TestGate {
  private let places: Int
  private(set) var free: Int
  private var waiting: [(wanted: Int, turn: CheckedContinuation<Void, Never>)] = []

  package init(places: Int) {
    self.places = places
    free = places
  }

  /// Waits for a place, or for all of them, and calls `body`.
  package nonisolated func pass<Result: Sendable>(
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
  package var queue: Int { waiting.count }

  private func enter(_ wanted: Int) async {
    if free >= wanted {
      free -= wanted
      return
    }
    await withCheckedContinuation { waiting.append((wanted, $0)) }
  }

  private func leave(_ places: Int) {
    free += places
    while let next = waiting.firstIndex(where: { free >= $0.wanted }) {
      free -= waiting[next].wanted
      waiting.remove(at: next).turn.resume()
    }
  }
}
