/// How far the fetching of a kernel is.
public struct FetchProgress: Sendable, Equatable {
  public enum Phase: String, Sendable { case searching, downloading, unpacking, done }

  public var phase: Phase
  /// The package, or while searching what was asked for.
  public var package: String
  /// Bytes; 0 but in `downloading`.
  public var received: Int
  /// Bytes; nil where it is not known.
  public var total: Int?

  public init(phase: Phase, package: String, received: Int = 0, total: Int? = nil) {
    self.phase = phase
    self.package = package
    self.received = received
    self.total = total
  }
}
