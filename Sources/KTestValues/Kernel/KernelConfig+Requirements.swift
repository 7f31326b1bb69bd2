/// A configuration symbol that a suite or a case needs.
package struct WantedSymbol: Sendable, Equatable {
  package enum Wanted: String, Sendable, Codable { case yes = "y", module = "m" }

  package var symbol: String
  /// The required value; nil means that both `y` and `m` are accepted.
  package var wanted: Wanted?

  package init(_ symbol: String, wanted: Wanted? = nil) {
    self.symbol = symbol
    self.wanted = wanted
  }

  /// Parses `MEMORY_FAILURE`, `CONFIG_MEMORY_FAILURE`, `TEST_HMM=m` or `GUP_TEST=y`; returns nil for anything else.
  package init?(parsing text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let symbol = parts.first, !symbol.isEmpty,
      symbol.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || ($0 | 32 >= 97 && $0 | 32 <= 122) || ($0 >= 48 && $0 <= 57) })
    else { return nil }
    self.symbol = String(symbol)
    guard parts.count == 2 else { return }
    guard let wanted = Wanted(rawValue: String(parts[1])) else { return nil }
    self.wanted = wanted
  }
}

extension KernelConfig {
  /// Returns one reason for each requirement that this configuration does not meet, in the given order; empty if all
  /// are met.
  ///
  /// `y` does not satisfy a required module, and a module does not satisfy `y`: a test cannot pass module parameters to
  /// a built-in driver.
  package func missingSymbols(required: [WantedSymbol]) -> [String] {
    required.compactMap { requirement in
      let name = "CONFIG_" + KernelConfig.bare(requirement.symbol)
      switch (value(of: requirement.symbol), requirement.wanted) {
      case (.no, nil): return "\(name) is not set"
      case (.no, .some(let wanted)): return "\(name) is not set, but must be \(wanted.rawValue)"
      case (.yes, .module): return "\(name) is built in (y), but must be a module (m)"
      case (.module, .yes): return "\(name) is a module (m), but must be built in (y)"
      case (.string(""), _): return "\(name) is empty"
      default: return nil
      }
    }
  }
}
