/// The progress of fetching a kernel.
package struct FetchProgress: Sendable, Equatable {
  package enum Phase: String, Sendable { case searching, downloading, unpacking, done }

  package var phase: Phase
  /// The package, or the requested name during the search.
  package var package: String
  /// The number of bytes received; 0 except in `downloading`.
  package var received: Int
  /// The total number of bytes; nil if it is unknown.
  package var total: Int?

  package init(phase: Phase, package: String, received: Int = 0, total: Int? = nil) {
    self.phase = phase
    self.package = package
    self.received = received
    self.total = total
  }
}
