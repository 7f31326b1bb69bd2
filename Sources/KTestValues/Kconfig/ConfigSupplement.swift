extension KconfigTree {
  /// Returns the symbols that must also be switched on to satisfy `wish`, in the order of the dependencies. Returns nil
  /// if no set of requests would help, or if dependencies are not the cause.
  ///
  /// It never switches anything off, and explicitly disabled symbols stay off.
  package func supplement(for wish: ConfigWish, in config: KernelConfig, wishes: ConfigWishes) -> [ConfigWish]? {
    guard wish.value != .off, let symbol = symbols[wish.symbol], symbol.hasPrompt else { return nil }
    if wish.value == .module, symbol.kind == .bool { return nil }
    var search = Search(tree: self, config: config, wishes: wishes)
    let level = wish.value == .builtIn && symbol.kind == .tristate ? 2 : 1
    guard search.open(symbol, level: level, depth: 0), !search.added.isEmpty else { return nil }
    return search.added.map { ConfigWish($0.name, $0.level == 2 ? .builtIn : .either, origin: wish.symbol) }
  }

  private struct Search {
    let tree: KconfigTree
    let config: KernelConfig
    let wishes: ConfigWishes
    var added: [(name: String, level: Int)] = []
    private var visiting: Set<String> = []
    /// The number of remaining attempts. Nested alternatives can be too many to try them all.
    private var patience = 10_000

    init(tree: KconfigTree, config: KernelConfig, wishes: ConfigWishes) {
      self.tree = tree
      self.config = config
      self.wishes = wishes
    }

    /// Makes one of the symbol's prompts visible.
    mutating func open(_ symbol: KconfigSymbol, level: Int, depth: Int) -> Bool {
      patience -= 1
      guard depth < 12, patience > 0, visiting.insert(symbol.name).inserted else { return false }
      defer { visiting.remove(symbol.name) }
      for definition in symbol.definitions where definition.hasPrompt {
        let before = added.count
        let conditions = definition.depends + definition.promptConditions
        let isOpen = conditions.allSatisfy { fulfil($0.expression, level: level, depth: depth) }
        if isOpen { return true }
        added.removeSubrange(before...)
      }
      return false
    }

    private mutating func fulfil(_ expression: KconfigExpression, level: Int, depth: Int) -> Bool {
      // Values that only Kconfig can compute are assumed to be true; Kconfig decides in the end.
      if (expression.value(config) ?? 2) >= level { return true }
      switch expression {
      case .symbol(let name): return enable(name, level: level, depth: depth)
      case .compare(.symbol(let name), "=", .constant("y")): return enable(name, level: 2, depth: depth)
      case .compare(.symbol(let name), "!=", .constant("n")): return enable(name, level: 1, depth: depth)
      case .and(let left, let right):
        return fulfil(left, level: level, depth: depth) && fulfil(right, level: level, depth: depth)
      case .or(let left, let right):
        let before = added.count
        if fulfil(left, level: level, depth: depth) { return true }
        added.removeSubrange(before...)
        return fulfil(right, level: level, depth: depth)
      case .constant, .macro, .not, .compare: return false
      }
    }

    private mutating func enable(_ name: String, level: Int, depth: Int) -> Bool {
      if config.tristate(of: name) >= level { return true }
      if added.contains(where: { $0.name == name && $0.level >= level }) { return true }
      guard let symbol = tree.symbols[name], symbol.kind == .bool || symbol.kind == .tristate else { return false }
      // The symbol is already requested: it is set once its own dependencies are, or it must stay off.
      if let wish = wishes[name] {
        if wish.value == .off || (wish.value == .module && level == 2) { return false }
        return open(symbol, level: symbol.kind == .tristate ? level : 1, depth: depth + 1)
      }
      guard symbol.hasPrompt, open(symbol, level: symbol.kind == .tristate ? level : 1, depth: depth + 1) else {
        return comes(with: symbol, level: level, depth: depth)
      }
      added.append((name, level))
      return true
    }

    /// A symbol without a prompt is set by its default once its dependencies are, or by the only symbol that selects
    /// it. If several symbols select it, none is the obvious choice.
    private mutating func comes(with symbol: KconfigSymbol, level: Int, depth: Int) -> Bool {
      patience -= 1
      guard !symbol.hasPrompt, depth < 12, patience > 0, visiting.insert(symbol.name).inserted else { return false }
      defer { visiting.remove(symbol.name) }
      let before = added.count
      for definition in symbol.definitions where definition.hasDefault {
        let isOpen = definition.depends.allSatisfy { fulfil($0.expression, level: level, depth: depth + 1) }
        if isOpen, added.count > before { return true }
        added.removeSubrange(before...)
      }
      guard symbol.selections.count == 1, let selection = symbol.selections.first else { return false }
      if selection.condition.map({ fulfil($0, level: level, depth: depth + 1) }) ?? true,
        enable(selection.by, level: level, depth: depth + 1)
      {
        return true
      }
      added.removeSubrange(before...)
      return false
    }
  }
}
