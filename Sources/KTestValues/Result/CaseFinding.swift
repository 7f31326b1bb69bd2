/// A finding about a case, with its effect on the verdict.
package struct CaseFinding: Sendable, Equatable {
  package typealias Kind = VerdictCause.Kind

  package var cause: VerdictCause
  /// The verdict; `pass` for a mere remark.
  package var verdict: Verdict
  /// One sentence that a person can act on.
  package var text: String

  package var kind: Kind { cause.kind }

  package init(_ cause: VerdictCause, _ verdict: Verdict, _ text: String) {
    self.cause = cause
    self.verdict = verdict
    self.text = text
  }

  package init(_ kind: Kind, _ verdict: Verdict, _ text: String) { self.init(VerdictCause(kind), verdict, text) }
}

/// The cause's fields stand beside the others.
extension CaseFinding: Codable {
  private enum CodingKeys: String, CodingKey { case verdict, text }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try VerdictCause(from: decoder), try values.decode(Verdict.self, forKey: .verdict),
      try values.decode(String.self, forKey: .text))
  }

  package func encode(to encoder: any Encoder) throws {
    try cause.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(verdict, forKey: .verdict)
    try values.encode(text, forKey: .text)
  }
}

extension [CaseFinding] {
  /// The findings with the worst verdict first, and within a verdict the most significant first; each text once.
  package var byWeight: [CaseFinding] {
    var told: Set<String> = []
    let places = enumerated().sorted { left, right in
      if left.element.verdict != right.element.verdict { return left.element.verdict > right.element.verdict }
      let (one, other) = (left.element.kind.weight, right.element.kind.weight)
      return one == other ? left.offset < right.offset : one < other
    }
    return places.map(\.element).filter { told.insert($0.text).inserted }
  }
}
