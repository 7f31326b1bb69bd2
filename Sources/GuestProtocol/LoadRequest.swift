/// The load that the agent starts before a case's program and ends after it.
package struct LoadRequest: Equatable, Sendable {
  /// The processes that calculate for ever, for each processor of the guest.
  package var busyPerProcessor: UInt32
  /// One process takes memory until only so many percent of all memory are available, lets go, and begins again.
  package var memoryLeftPercent: UInt32

  package init(busyPerProcessor: UInt32, memoryLeftPercent: UInt32) {
    self.busyPerProcessor = busyPerProcessor
    self.memoryLeftPercent = memoryLeftPercent
  }

  func write(to writer: inout ByteWriter) {
    writer.put(busyPerProcessor)
    writer.put(memoryLeftPercent)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(busyPerProcessor: try reader.integer(), memoryLeftPercent: try reader.integer())
  }
}
