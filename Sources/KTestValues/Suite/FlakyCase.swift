/// What a suite says of a case that fails now and then for a known reason that is not the kernel's, such as a deadline that
/// a busy host misses.
package struct FlakyCase: Sendable, Equatable, Codable {
  package var reason: String
  package var link: String?
  /// How often it may be run again after a failure, where that is asked for.
  package var retries: Int

  package static let defaultRetries = 1

  package init(reason: String, link: String? = nil, retries: Int = FlakyCase.defaultRetries) {
    self.reason = reason
    self.link = link
    self.retries = retries
  }
}
