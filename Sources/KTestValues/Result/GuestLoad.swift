/// What keeps a guest busy beside a case.
package struct GuestLoad: Codable, Sendable, Equatable {
  /// The processes that do nothing but calculate, for each processor of the guest.
  package var busyPerProcessor: Int
  /// One more process takes memory until only so many percent of the guest's memory are available, lets go of all of it,
  /// and begins again.
  package var memoryLeftPercent: Int

  package init(busyPerProcessor: Int = 1, memoryLeftPercent: Int = 12) {
    self.busyPerProcessor = busyPerProcessor
    self.memoryLeftPercent = memoryLeftPercent
  }

  /// How much longer a case may take beside it: it shares each processor with at least one other process.
  package static let timeFactor = 4

  /// One phrase for people.
  package var text: String {
    let busy = busyPerProcessor == 1 ? "a busy process" : "\(busyPerProcessor) busy processes"
    return "\(busy) for each processor, and one that fills memory up to the last \(memoryLeftPercent) % again and again"
  }
}
