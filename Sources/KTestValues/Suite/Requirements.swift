/// The requirements on a kernel, a CPU and the command line without which a case is skipped.
package struct Requirements: Sendable, Equatable, Codable {
  package var config: [ConfigRequirement]
  /// The modules that must exist or be built in.
  package var modules: [String]
  /// The flags as in `/proc/cpuinfo` of the guest.
  package var cpu: [String]
  /// The names from the suite's `parameters` that must be given.
  package var parameters: [String]

  package init(
    config: [ConfigRequirement] = [], modules: [String] = [], cpu: [String] = [], parameters: [String] = []
  ) {
    self.config = config
    self.modules = modules
    self.cpu = cpu
    self.parameters = parameters
  }

  /// Returns these requirements followed by those that `other` adds.
  package func merging(_ other: Requirements) -> Requirements {
    func joined<Element: Equatable>(_ first: [Element], _ second: [Element]) -> [Element] {
      first + second.filter { !first.contains($0) }
    }
    return Requirements(
      config: joined(config, other.config), modules: joined(modules, other.modules), cpu: joined(cpu, other.cpu),
      parameters: joined(parameters, other.parameters))
  }
}

/// A configuration symbol that must be set: `DEV_DAX` (y or m), `DEV_DAX=m`, `MEMORY_FAILURE=y`.
package struct ConfigRequirement: Sendable, Equatable, Codable, CustomStringConvertible {
  package enum Value: String, Sendable, Codable {
    /// Either y or m.
    case enabled
    case module = "m"
    case builtIn = "y"
  }

  /// The symbol without `CONFIG_`.
  package var symbol: String
  package var value: Value
  /// Where it is required.
  package var when: Condition

  package init(_ symbol: String, _ value: Value = .enabled, when: Condition = .always) {
    self.symbol = symbol
    self.value = value
    self.when = when
  }

  package init(parsing text: String) throws(ValueProblem) {
    if text.hasPrefix("CONFIG_") {
      throw ValueProblem(
        "symbols are written without CONFIG_, found \(Phrase.quoted(text))", note: "write \(text.dropFirst(7))")
    }
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    when = .always
    symbol = try NameRule.symbol.check(parts[0])
    guard parts.count == 2 else {
      value = .enabled
      return
    }
    guard let value = Value(rawValue: parts[1]), value != .enabled else {
      throw ValueProblem(
        "\(Phrase.quoted(text)) requires a value other than y or m",
        note: "write \(parts[0]) for either, \(parts[0])=y for built in or \(parts[0])=m for a module")
    }
    self.value = value
  }

  package var description: String { value == .enabled ? symbol : "\(symbol)=\(value.rawValue)" }
}
