extension Splat {
  /// The kernel ended what it was doing: a task or the whole system did not survive.
  var isFatal: Bool {
    if panicked { return true }
    let fatal = [
      "BUG: unable to handle", "kernel BUG", "general protection fault", "kernel panic", "Oops", "double fault",
      "divide error", "invalid opcode", "stack segment fault", "PANIC",
    ]
    return fatal.contains { title.hasPrefix($0) }
  }

  /// Whether its title or its first line is what `pattern` looks for. The lines after that are not asked: a kernel
  /// without CONFIG_PRINTK_CALLER does not say whose they are, and an expected message printed meanwhile is no excuse.
  private func isFound(by pattern: WildcardPattern) -> Bool {
    pattern.isFound(in: title) || alternatives.contains { pattern.isFound(in: $0) }
      || lines.first.map { pattern.isFound(in: $0) } == true
  }

  func isFound(by target: DmesgEntry.Target) -> Bool {
    switch target {
    case .line(let pattern): isFound(by: pattern)
    case .splat(let title): Signature(self).matches(Signature(title: title))
    }
  }
}

extension SplatNote {
  init(_ splat: Splat) {
    self.init(
      title: splat.title, type: splat.type?.rawValue ?? "", guestSeconds: splat.seconds,
      start: splat.byteRange.lowerBound,
      end: splat.byteRange.upperBound)
  }

  var isPanic: Bool { title.hasPrefix("kernel panic") }
  /// `kernel/exit.c`: "Attempted to kill init!"; the guest's init is the agent.
  var saysInitDied: Bool { isPanic && title.contains("Attempted to kill init") }
}

extension DmesgRules {
  /// The suite's rules and a case's own.
  func merging(_ other: DmesgRules) -> DmesgRules {
    DmesgRules(expect: expect + other.expect, allow: allow + other.allow)
  }

  /// Those that are looked for in lines.
  var patterns: [WildcardPattern] {
    (expect + allow).compactMap { entry in
      guard case .line(let pattern) = entry.target else { return nil }
      return pattern
    }
  }

  func allows(_ splat: Splat, sightings: [WildcardPattern: Int]) -> Bool {
    splat.suppressed || (expect + allow).contains { splat.isFound(by: $0.target) }
  }
}

extension Suite {
  /// Whether the suite or one of its cases expects or allows the splat.
  public func allows(_ splat: Splat) -> Bool {
    ([dmesg] + cases.map(\.dmesg)).contains { $0.allows(splat, sightings: [:]) }
  }
}
