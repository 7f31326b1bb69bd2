/// A time limit that was extended because the host did not always run the guest's processors.
package struct StretchedLimit: Codable, Sendable, Equatable {
  /// The limit on an idle host.
  package var seconds: Double
  /// The seconds that were added: how long the most delayed processor of the guest waited for one of the host.
  package var addedSeconds: Double
  /// Whether more was due than is ever added. Whatever did not end in time then says nothing about the kernel.
  package var isExhausted: Bool

  package init(seconds: Double, addedSeconds: Double, isExhausted: Bool = false) {
    self.seconds = seconds
    self.addedSeconds = addedSeconds
    self.isExhausted = isExhausted
  }

  private enum CodingKeys: String, CodingKey {
    case seconds, addedSeconds
    case isExhausted = "exhausted"
  }

  /// The limit as a part of a sentence.
  package var text: String {
    "\(StretchedLimit.text(seconds)), and \(StretchedLimit.text(addedSeconds)) for which the guest's processors waited "
      + "for one of the host"
  }

  /// Returns the reason for a verdict about something that has not ended in time, in a sentence that says what.
  package func reason(_ text: String) -> VerdictReason {
    isExhausted
      ? VerdictReason(.harness, "the host was too busy for a verdict: \(text)") : VerdictReason(.timeout, text)
  }

  package static func text(_ seconds: Double) -> String {
    seconds >= 10 ? "\(Int(seconds.rounded())) s" : "\((seconds * 10).rounded() / 10) s"
  }
}
