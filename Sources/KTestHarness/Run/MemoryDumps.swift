/// When a guest's memory is written to a file for crash(8) and drgn.
public struct MemoryDumps: Sendable, Equatable {
  public enum Occasion: String, Sendable, CaseIterable {
    case onCrash = "on-crash"
    case onHang = "on-hang"
  }

  public var occasions: Set<Occasion>
  /// The run's directory.
  public var directory: String

  public init(_ occasions: Set<Occasion>, directory: String) {
    self.occasions = occasions
    self.directory = directory
  }
}
