/// One wish for a kernel to be built: a symbol, what it shall be, and who wants it.
public struct ConfigWish: Sendable, Equatable {
  public enum Value: Sendable, Equatable {
    /// y or m, whatever comes out; y is asked for.
    case either
    /// The same, but m is asked for: a module that is loaded by name.
    case loadable
    case builtIn
    /// m and nothing else: it is loaded with parameters.
    case module
    case off
    /// A number or a text, as a `.config` has it.
    case text(String)
  }

  /// Without `CONFIG_`.
  public var symbol: String
  public var value: Value
  /// `suite hmm-tests`, `debug.config:3`
  public var origin: String
  /// A kernel without it is still of use.
  public var isOptional: Bool

  public init(_ symbol: String, _ value: Value = .either, origin: String, isOptional: Bool = false) {
    self.symbol = KernelConfig.bare(symbol)
    self.value = value
    self.origin = origin
    self.isOptional = isOptional
  }

  /// The right side of the assignment that asks for it.
  var assigned: String {
    switch value {
    case .either, .builtIn: "y"
    case .loadable, .module: "m"
    case .off: "n"
    case .text(let text): text
    }
  }

  /// `DEV_DAX`, `TEST_HMM=m`
  var phrase: String {
    switch value {
    case .either, .loadable: symbol
    default: "\(symbol)=\(assigned)"
    }
  }

  /// Whether a configuration has what is wished.
  func isGranted(by config: KernelConfig) -> Bool {
    let found = config.value(of: symbol)
    switch value {
    case .either, .loadable: return config.isEnabled(symbol)
    case .builtIn: return found == .yes
    case .module: return found == .module
    case .off: return !config.isEnabled(symbol)
    case .text(let text): return found.text == text || KernelConfig(parsing: "CONFIG_X=\(text)").value(of: "X") == found
    }
  }

  /// One wish that grants both; nil when there is none.
  func joined(with other: ConfigWish) -> ConfigWish? {
    // Who cannot do without it is who is named.
    guard var joined = stronger(than: other) else { return nil }
    if joined.isOptional, !(isOptional && other.isOptional) {
      joined.origin = isOptional ? other.origin : origin
      joined.isOptional = false
    }
    return joined
  }

  private func stronger(than other: ConfigWish) -> ConfigWish? {
    if value == other.value { return self }
    switch (value, other.value) {
    case (.either, .loadable), (.either, .builtIn), (.either, .module), (.either, .text), (.loadable, .builtIn),
      (.loadable, .module):
      return other
    case (.loadable, .either), (.builtIn, .either), (.module, .either), (.text, .either), (.builtIn, .loadable),
      (.module, .loadable):
      return self
    default: return nil
    }
  }
}

/// Wishes put together, at most one for a symbol.
package struct ConfigWishes: Sendable, Equatable {
  /// By symbol, sorted.
  private(set) var all: [ConfigWish] = []
  /// Pairs that cannot both be had, as sentences.
  private(set) var conflicts: [String] = []

  /// `own` are the harness's needs and `asked` what suites and files say. What a file says beats an own need: whoever
  /// writes it down means it.
  package init(own: [ConfigWish], asked: [ConfigWish]) {
    var chosen: [String: ConfigWish] = [:]
    for wish in asked {
      guard let present = chosen[wish.symbol] else {
        chosen[wish.symbol] = wish
        continue
      }
      if let joined = present.joined(with: wish) {
        chosen[wish.symbol] = joined
      } else {
        conflicts.append(
          "\(present.symbol) cannot be both: \(present.origin) wants \(present.assigned), "
            + "\(wish.origin) wants \(wish.assigned)")
      }
    }
    for wish in own where chosen[wish.symbol] == nil { chosen[wish.symbol] = wish }
    all = chosen.values.sorted { $0.symbol < $1.symbol }
  }

  subscript(symbol: String) -> ConfigWish? { all.first { $0.symbol == symbol } }

  mutating func add(_ wish: ConfigWish) {
    guard self[wish.symbol] == nil else { return }
    all = (all + [wish]).sorted { $0.symbol < $1.symbol }
  }

  /// A `.config` with the wishes in it: their symbols' lines are dropped from `base`, and the wishes follow.
  func merged(into base: String) -> String {
    let wished = Set(all.map(\.symbol))
    var lines = base.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      let bare = line.hasPrefix("# CONFIG_") ? line.dropFirst(9) : line.hasPrefix("CONFIG_") ? line.dropFirst(7) : ""
      guard !bare.isEmpty else { return true }
      return !wished.contains(String(bare.prefix { $0 != "=" && $0 != " " }))
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    let asked = all.map { $0.value == .off ? "# CONFIG_\($0.symbol) is not set" : "CONFIG_\($0.symbol)=\($0.assigned)" }
    return (lines.map(String.init) + asked).joined(separator: "\n") + "\n"
  }
}
