/// How many guests of a run may be up at a time.
package enum GuestCount: Sendable, Equatable, Codable, CustomStringConvertible {
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

  /// As text, so that `auto` and a number look alike to whoever reads a manifest.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let count = GuestCount(parsing: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a number of guests: \(text)")
    }
    self = count
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package var description: String {
    switch self {
    case .most(let number): "\(number)"
    case .auto: "auto"
    }
  }
}
