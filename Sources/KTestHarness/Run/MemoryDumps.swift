/// When a guest's memory is written to a file for crash(8) and drgn.
package struct MemoryDumps: Sendable, Equatable {
  package enum Occasion: String, Sendable, CaseIterable {
    case onCrash = "on-crash"
    case onHang = "on-hang"
  }

  package var occasions: Set<Occasion>
  /// The run's directory.
  package var directory: String

  package init(_ occasions: Set<Occasion>, directory: String) {
    self.occasions = occasions
    self.directory = directory
  }
}
