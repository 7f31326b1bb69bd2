extension Splat {
  /// Whether the kernel could not continue: a task or the whole system did not survive.
  package var isFatal: Bool {
    if panicked { return true }
    let fatal = [
      "BUG: unable to handle", "kernel BUG", "general protection fault", "kernel panic", "Oops", "double fault",
      "divide error", "invalid opcode", "stack segment fault", "PANIC",
    ]
    return fatal.contains { title.hasPrefix($0) }
  }

  /// Returns whether its title or its first line matches `pattern`. Later lines do not count: without
  /// CONFIG_PRINTK_CALLER they may not belong to the splat, and an expected message inside it is no excuse.
  private func isFound(by pattern: WildcardPattern) -> Bool {
    pattern.isFound(in: title) || alternatives.contains { pattern.isFound(in: $0) }
      || lines.first.map { pattern.isFound(in: $0) } == true
  }

  package func isFound(by target: DmesgEntry.Target) -> Bool {
    switch target {
    case .line(let match): match.patterns.contains { isFound(by: $0) }
    case .splat(let title): Signature(self).matches(Signature(title: title))
    }
  }
}

extension SplatNote {
  package init(_ splat: Splat) {
    self.init(
      title: splat.title, type: splat.type?.rawValue ?? "", guestSeconds: splat.seconds,
      start: splat.byteRange.lowerBound,
      end: splat.byteRange.upperBound)
  }

  package var isPanic: Bool { title.hasPrefix("kernel panic") }
  /// Whether the kernel reports the death of init (`kernel/exit.c`: "Attempted to kill init!"), which is the agent.
  package var saysInitDied: Bool { isPanic && title.contains("Attempted to kill init") }
}

extension DmesgRules {
  /// Returns the suite's rules together with those of a case.
  package func merging(_ other: DmesgRules) -> DmesgRules {
    DmesgRules(expect: expect + other.expect, allow: allow + other.allow)
  }

  /// What is searched in lines.
  package var matches: [LineMatch] {
    (expect + allow).compactMap { entry in
      guard case .line(let match) = entry.target else { return nil }
      return match
    }
  }

  package func allows(_ splat: Splat) -> Bool {
    splat.suppressed || (expect + allow).contains { splat.isFound(by: $0.target) }
  }
}

extension Suite {
  /// Returns whether the suite or one of its cases expects or allows the splat.
  package func allows(_ splat: Splat) -> Bool {
    ([dmesg] + cases.map(\.dmesg)).contains { $0.allows(splat) }
  }
}
