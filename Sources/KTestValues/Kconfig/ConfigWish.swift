/// A request for a kernel to build: a symbol, its value, and who requests it.
package struct ConfigWish: Sendable, Equatable, Codable {
  package enum Value: Sendable, Equatable, Codable {
    /// Either y or m satisfies the request; y is requested.
    case either
    /// Either y or m satisfies the request; m is requested, for a module that is loaded by name.
    case loadable
    case builtIn
    /// Only m satisfies the request, because the module is loaded with parameters.
    case module
    case off
    /// A number or a text, as in a `.config`.
    case text(String)
  }

  /// The symbol without `CONFIG_`.
  package var symbol: String
  package var value: Value
  /// Who requests it: `suite hmm-tests`, `debug.config:3`.
  package var origin: String
  /// Whether a kernel without it is still usable.
  package var isOptional: Bool
  /// Whether a kernel whose tree has no such symbol is still usable, because only single cases need it.
  package var mayBeAbsent: Bool
  /// The kernels that need it, as lists of ranges: each list must have one with the version; empty for all kernels.
  package var kernels: [[KernelVersionRange]]

  package init(
    _ symbol: String, _ value: Value = .either, origin: String, isOptional: Bool = false, mayBeAbsent: Bool = false,
    kernels: [[KernelVersionRange]] = []
  ) {
    self.symbol = KernelConfig.bare(symbol)
    self.value = value
    self.origin = origin
    self.isOptional = isOptional
    self.mayBeAbsent = mayBeAbsent
    self.kernels = kernels.filter { !$0.isEmpty }
  }

  /// Returns whether a kernel needs it. `release` is what `uname -r` prints; of an unknown version it is needed.
  package func isNeeded(by release: String) -> Bool {
    guard let version = KernelVersion(release: release) else { return true }
    return kernels.allSatisfy { ranges in ranges.contains { $0.contains(version) } }
  }

  /// 0 if nobody can do without it.
  private var slack: Int { isOptional ? 2 : mayBeAbsent ? 1 : 0 }

  /// The right side of the assignment that requests it.
  var assigned: String {
    switch value {
    case .either, .builtIn: "y"
    case .loadable, .module: "m"
    case .off: "n"
    case .text(let text): text
    }
  }

  /// The request as text: `DEV_DAX`, `TEST_HMM=m`.
  package var phrase: String {
    switch value {
    case .either, .loadable: symbol
    default: "\(symbol)=\(assigned)"
    }
  }

  /// Returns whether a configuration satisfies the request.
  package func isGranted(by config: KernelConfig) -> Bool {
    let found = config.value(of: symbol)
    switch value {
    case .either, .loadable: return config.isEnabled(symbol)
    case .builtIn: return found == .yes
    case .module: return found == .module
    case .off: return !config.isEnabled(symbol)
    case .text(let text): return found.text == text || KernelConfig(parsing: "CONFIG_X=\(text)").value(of: "X") == found
    }
  }

  /// Returns one request that satisfies both, or nil if there is none.
  func joined(with other: ConfigWish) -> ConfigWish? {
    // The message names whoever cannot do without it.
    guard var joined = stronger(than: other) else { return nil }
    let firmer = slack <= other.slack ? self : other
    if joined.slack > firmer.slack {
      joined.origin = firmer.origin
      (joined.isOptional, joined.mayBeAbsent) = (firmer.isOptional, firmer.mayBeAbsent)
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

/// A set of requests, at most one per symbol.
package struct ConfigWishes: Sendable, Equatable {
  /// The requests, sorted by symbol.
  package private(set) var all: [ConfigWish] = []
  /// Sentences about pairs of requests that contradict each other.
  package private(set) var conflicts: [String] = []

  /// Combines requests. `own` are the harness's needs and `asked` those of suites and files. An explicit request in a
  /// file overrides the harness's needs.
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
          "\(present.symbol) has two values: \(present.origin) requests \(present.assigned), "
            + "\(wish.origin) requests \(wish.assigned)")
      }
    }
    for wish in own where chosen[wish.symbol] == nil { chosen[wish.symbol] = wish }
    all = chosen.values.sorted { $0.symbol < $1.symbol }
  }

  package subscript(symbol: String) -> ConfigWish? { all.first { $0.symbol == symbol } }

  package mutating func add(_ wish: ConfigWish) {
    guard self[wish.symbol] == nil else { return }
    all = (all + [wish]).sorted { $0.symbol < $1.symbol }
  }

  /// Returns the text of a `.config` with the requests: it drops their symbols from `base` and appends the requests.
  package func merged(into base: String) -> String {
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
