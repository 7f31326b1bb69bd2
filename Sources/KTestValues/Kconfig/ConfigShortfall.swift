/// A requested symbol that Kconfig did not set as requested, with the causes.
package struct ConfigShortfall: Sendable, Equatable, CustomStringConvertible {
  /// A cause, with its own causes below it.
  package struct Cause: Sendable, Equatable {
    package var text: String
    package var causes: [Cause] = []
    /// Somebody has asked for the symbol to be off.
    var isSwitchedOff = false
  }

  package var wish: ConfigWish
  /// The value that Kconfig chose: `n`, `y`, `m`, or a text.
  package var found: String
  package var causes: [Cause]

  /// One chain of causes on one line: the first that ends in an option that was switched off explicitly, else the
  /// first. For example `DEVICE_PRIVATE=y cannot be had: mm/Kconfig:1: depends on ZONE_DEVICE, which is off (…)`.
  package var sentence: String {
    func isWanted(_ cause: Cause) -> Bool {
      cause.isSwitchedOff || cause.causes.contains(where: isWanted)
    }
    func text(_ causes: [Cause]) -> String? {
      guard let cause = causes.first(where: isWanted) ?? causes.first else { return nil }
      return cause.text + (text(cause.causes).map { " (\($0))" } ?? "")
    }
    return "\(wish.symbol)=\(wish.assigned) cannot be set: \(text(causes) ?? "its value is \(found)")"
  }

  package var description: String {
    var lines: [String] = []
    func add(_ causes: [Cause], _ indent: String) {
      for cause in causes {
        lines.append(indent + cause.text)
        add(cause.causes, indent + "  ")
      }
    }
    let now = found == "n" ? "is not set" : "is set to \(found)"
    lines.append("\(wish.phrase), requested by \(wish.origin), \(now)")
    add(causes, "  ")
    return lines.joined(separator: "\n")
  }
}

extension KconfigTree {
  /// Returns why `config` does not satisfy `wish`. Kconfig made `config` from `wishes`.
  package func shortfall(_ wish: ConfigWish, in config: KernelConfig, wishes: ConfigWishes) -> ConfigShortfall {
    var seen: Set<String> = []
    return ConfigShortfall(
      wish: wish, found: config.value(of: wish.symbol).text,
      causes: causes(of: wish.symbol, wanted: wish.value, config, wishes, &seen, depth: 0))
  }

  private typealias Cause = ConfigShortfall.Cause

  /// The maximum number of causes of one symbol. Nobody reads more, and their number can grow with the square of the
  /// lines.
  private static var causeLimit: Int { 32 }

  private func causes(
    of name: String, wanted: ConfigWish.Value, _ config: KernelConfig, _ wishes: ConfigWishes,
    _ seen: inout Set<String>, depth: Int
  ) -> [Cause] {
    guard let symbol = symbols[name], let first = symbol.definitions.first else { return [unknown(name)] }
    guard seen.insert(name).inserted, depth < 6 else { return [] }
    if wanted == .off { return selectors(of: symbol, config) }
    if wanted == .module, symbol.kind == .bool {
      return [Cause(text: "\(first.place): it is a bool, which cannot be a module")]
    }
    if case .text = wanted, symbol.kind == .bool || symbol.kind == .tristate {
      return [Cause(text: "\(first.place): it is a \(symbol.kind?.rawValue ?? "bool") and takes y, m or n")]
    }
    // Another wish for y overrides a wish for a module.
    if wanted == .module, config.tristate(of: name) == 2 {
      let reasons = selectors(of: symbol, config)
      if !reasons.isEmpty { return reasons }
    }
    let level = wanted == .builtIn && symbol.kind == .tristate ? 2 : 1
    var found: [Cause] = []
    for definition in symbol.definitions {
      for condition in definition.depends + (definition.hasPrompt ? definition.promptConditions : [])
      where (condition.expression.value(config) ?? 2) < level {
        for part in condition.expression.conjuncts
        where found.count < Self.causeLimit && (part.value(config) ?? 2) < level {
          found.append(cause(part, at: condition.place, level: level, config, wishes, &seen, depth: depth))
        }
      }
    }
    if !found.isEmpty { return found }
    if !symbol.hasPrompt {
      var cause = promptless(symbol, first.place, config)
      if symbol.selections.count == 1, let selection = symbol.selections.first, !config.isEnabled(selection.by) {
        cause.causes = causes(of: selection.by, wanted: .either, config, wishes, &seen, depth: depth + 1)
      }
      return [cause]
    }
    if let choice = first.choice, let other = choices[choice]?.first(where: { $0 != name && config.isEnabled($0) }) {
      return [Cause(text: "\(first.place): it belongs to a choice, and \(other) is selected")]
    }
    let macros = symbol.definitions.flatMap(\.depends).filter { $0.expression.value(config) == nil }
    if let macro = macros.first {
      return [Cause(text: "\(macro.place): depends on \(macro.expression), which this compiler does not satisfy")]
    }
    return [Cause(text: "\(first.place): Kconfig did not set it although its dependencies look satisfied")]
  }

  /// Returns the part of a dependency that is off, with its own causes.
  private func cause(
    _ part: KconfigExpression, at place: KconfigPlace, level: Int, _ config: KernelConfig, _ wishes: ConfigWishes,
    _ seen: inout Set<String>, depth: Int
  ) -> Cause {
    let isModule = part.value(config) == 1
    var cause = Cause(text: "\(place): depends on \(part), which is \(isModule ? "only a module" : "off")")
    if case .not(.symbol(let name)) = part {
      cause.text = "\(place): depends on !\(name), and \(name) is \(config.value(of: name).text)"
      if let wish = wishes[name] { cause.causes = [Cause(text: "\(name) is requested by \(wish.origin)")] }
      return cause
    }
    for name in part.positiveSymbols where config.tristate(of: name) < level {
      if let wish = wishes[name], wish.value == .off {
        cause.causes.append(Cause(text: "\(name) is switched off by \(wish.origin)", isSwitchedOff: true))
      } else {
        let inner = causes(of: name, wanted: .either, config, wishes, &seen, depth: depth + 1)
        if case .symbol = part {
          cause.causes += inner
        } else if !inner.isEmpty {
          cause.causes.append(Cause(text: "\(name) is off", causes: inner))
        }
      }
    }
    return cause
  }

  private func unknown(_ name: String) -> Cause {
    let near = Suggestion.ending(for: name, in: symbols.keys.sorted())
    return Cause(text: "this tree has no symbol \(name) for x86\(near)")
  }

  private func promptless(_ symbol: KconfigSymbol, _ place: KconfigPlace, _ config: KernelConfig) -> Cause {
    var seen: Set<String> = []
    let names = symbol.selections.map(\.by).filter { seen.insert($0).inserted }
    guard !names.isEmpty else {
      return Cause(text: "\(place): it cannot be requested: it has no prompt, and nothing selects it")
    }
    let shown = names.prefix(6).joined(separator: ", ") + (names.count > 6 ? " and \(names.count - 6) more" : "")
    return Cause(text: "\(place): it cannot be requested: it has no prompt; \(shown) would select it")
  }

  private func selectors(of symbol: KconfigSymbol, _ config: KernelConfig) -> [Cause] {
    symbol.selections.filter {
      config.isEnabled($0.by) && ($0.condition?.value(config) ?? 2) > 0
    }.prefix(Self.causeLimit).map {
      Cause(text: "\($0.place): \($0.by), which is \(config.value(of: $0.by).text), selects it")
    }
  }
}

extension KconfigExpression {
  /// The symbols that would help if they were on.
  var positiveSymbols: [String] {
    switch self {
    case .symbol(let name): [name]
    case .and(let left, let right), .or(let left, let right): left.positiveSymbols + right.positiveSymbols
    case .compare(.symbol(let name), "=", .constant("y")), .compare(.symbol(let name), "!=", .constant("n")): [name]
    default: []
    }
  }
}
