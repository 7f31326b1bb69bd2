/// One thing that was found out about a case, and what it means for the verdict.
public struct CaseFinding: Codable, Sendable, Equatable {
  /// What it is about, the most telling first: among findings of one verdict this order makes the headline.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A panic, an oops, or a splat over which the kernel stopped.
    case fatalSplat
    /// The guest reset, powered off or panicked and left no splat that says why.
    case guestEnded
    case splat
    case timeout
    /// ktest, libvirt, QEMU or the image.
    case harness
    /// The kernel's log is silent, or cannot be believed.
    case kernelLog
    /// A process that cannot be killed.
    case leftover
    /// The test gave up and said why.
    case bailOut
    /// The program's exit status or signal.
    case program
    case module
    /// Output that nobody read.
    case outputLimit
    /// Results are missing, or what the test says of itself does not agree with them.
    case incomplete
    case subtest
    /// Fewer or more subtests were executed than the suite wants.
    case vacuous
    /// A message was expected and did not come, or came too often.
    case kernelMessage
    case metric
    case skipped
    /// Something of an artefact was left in the guest. It changes no verdict.
    case artefact
    /// A kind that a later ktest has written.
    case other

    public init(from decoder: any Decoder) throws {
      self = Kind(rawValue: try decoder.singleValueContainer().decode(String.self)) ?? .other
    }

    fileprivate var weight: Int { Kind.allCases.firstIndex(of: self) ?? 0 }
  }

  public var kind: Kind
  /// `pass` for what is only worth a word.
  public var verdict: Verdict
  /// One sentence a person can act on.
  public var text: String

  public init(_ kind: Kind, _ verdict: Verdict, _ text: String) {
    self.kind = kind
    self.verdict = verdict
    self.text = text
  }

  enum CodingKeys: String, CodingKey { case kind, verdict, text }
}

extension [CaseFinding] {
  /// The worst verdict first, and of one verdict the most telling; each text once.
  var byWeight: [CaseFinding] {
    var told: Set<String> = []
    let places = enumerated().sorted { left, right in
      if left.element.verdict != right.element.verdict { return left.element.verdict > right.element.verdict }
      let (one, other) = (left.element.kind.weight, right.element.kind.weight)
      return one == other ? left.offset < right.offset : one < other
    }
    return places.map(\.element).filter { told.insert($0.text).inserted }
  }
}
