/// How many subtests of a case must be executed. The first rule that holds counts.
package struct SubtestRules: Sendable, Equatable, Codable {
  package enum Count: Sendable, Equatable, Codable, CustomStringConvertible {
    /// Every planned subtest was executed; a skipped one needs a known reason.
    case all
    case range(CountRange)

    package var description: String {
      switch self {
      case .all: "all"
      case .range(let range): "\(range)"
      }
    }
  }

  package struct Rule: Sendable, Equatable, Codable {
    package var count: Count
    package var when: Condition

    package init(_ count: Count, when: Condition = .always) {
      self.count = count
      self.when = when
    }
  }

  package var rules: [Rule]

  package init(_ rules: [Rule]) { self.rules = rules }

  package static let all = SubtestRules([Rule(.all)])
  package static func exactly(_ count: Int) -> SubtestRules { SubtestRules([Rule(.range(.exactly(count)))]) }
  package static func atLeast(_ count: Int) -> SubtestRules { SubtestRules([Rule(.range(.atLeast(count)))]) }

  /// What counts where every condition was applied (``Suite/applied(to:)``).
  package var count: Count { rules.first?.count ?? .all }
  /// Whether some rule wants every planned subtest.
  package var wantsAll: Bool { rules.contains { $0.count == .all } }

  /// Returns the rules whose conditions hold. If there is none, every planned subtest must be executed: what nobody has
  /// counted must not be vacuous.
  func keeping(_ holds: (Condition) -> Bool) -> SubtestRules { SubtestRules(rules.filter { holds($0.when) }) }
}

/// A subtest that may be skipped although the case wants all of them.
package struct KnownSkip: Sendable, Equatable, Hashable, Codable {
  /// A pattern for the whole name of a subtest.
  package var subtest: WildcardPattern
  /// Text of the reason that the test itself gives; nil for any.
  package var says: WildcardPattern?
  package var reason: String
  package var when: Condition

  package init(subtest: WildcardPattern, says: WildcardPattern? = nil, reason: String, when: Condition = .always) {
    self.subtest = subtest
    self.says = says
    self.reason = reason
    self.when = when
  }

  /// Returns whether it explains the skip of that subtest; nil stands for the test as a whole.
  package func explains(_ id: String?, saying text: String) -> Bool {
    (id.map { subtest.matches(whole: $0) } ?? subtest.matchesEverything) && says?.isFound(in: text) ?? true
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(subtest)
    hasher.combine(says)
    hasher.combine(reason)
  }
}
