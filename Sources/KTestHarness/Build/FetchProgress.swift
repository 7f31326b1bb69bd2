/// The progress of fetching a kernel.
public struct FetchProgress: Sendable, Equatable {
  public enum Phase: String, Sendable { case searching, downloading, unpacking, done }

  public var phase: Phase
  /// The package, or the requested name during the search.
  public var package: String
  /// The number of bytes received; 0 except in `downloading`.
  public var received: Int
  /// The total number of bytes; nil if it is unknown.
  public var total: Int?

  public init(phase: Phase, package: String, received: Int = 0, total: Int? = nil) {
    self.phase = phase
    self.package = package
    self.received = received
    self.total = total
  }
}
