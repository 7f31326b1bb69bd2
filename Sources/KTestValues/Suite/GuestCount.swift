/// How many guests of a run may be up at a time.
package enum GuestCount: Sendable, Equatable, CustomStringConvertible {
  /// At most so many, from 1.
  case most(Int)
  /// As many as the host has processors and memory for.
  case auto

  /// One guest after the other.
  package static let one = GuestCount.most(1)

  /// Reads `auto`, or a number from 1 to 1000; nil for anything else.
  package init?(parsing text: String) {
    if text == "auto" {
      self = .auto
      return
    }
    guard let number = Int(text), (1...1000).contains(number) else { return nil }
    self = .most(number)
  }

  package var description: String {
    switch self {
    case .most(let number): "\(number)"
    case .auto: "auto"
    }
  }
}
