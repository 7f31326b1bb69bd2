/// A known failure, which is reported but does not fail a run. If it passes again, the report says so.
package struct KnownFailure: Sendable, Equatable, Codable {
  /// A pattern for the whole name of a subtest.
  package var subtest: WildcardPattern
  package var reason: String
  package var link: String?
  /// Where it fails.
  package var when: Condition

  package init(subtest: WildcardPattern, reason: String, link: String? = nil, when: Condition = .always) {
    self.subtest = subtest
    self.reason = reason
    self.link = link
    self.when = when
  }
}
