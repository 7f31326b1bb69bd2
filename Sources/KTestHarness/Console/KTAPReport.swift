/// The status of a subtest, from its result line and directive (Documentation/dev-tools/ktap.rst, "Test case result
/// lines").
public enum KTAPStatus: String, Sendable, Hashable, CaseIterable, Codable {
  case pass, fail, skip, xfail, todo, timeout, error

  /// Whether a result of this kind is a failure.
  public var isFailure: Bool { self == .fail || self == .timeout || self == .error }
}

/// A result without nested results, or one that failed although all nested results passed.
public struct KTAPSubtest: Sendable, Equatable, Codable {
  /// The names from the outermost test inwards: at least one, none empty.
  public var path: [String]
  /// `path` joined by `/`. A repeated id gets ` (2)`, ` (3)`, … so that ids are unique in a report.
  public var id: String
  public var status: KTAPStatus
  /// The text after the `#` of the result line without the directive's word, such as a reason or `exit=1`; else empty.
  public var detail: String
  /// The lines printed for this result; only the newest if there were too many.
  public var diagnostics: [String]
}

/// Something that makes a report doubtful.
public struct KTAPDoubt: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable {
    /// Results came, and no plan.
    case planMissing
    /// ``KTAPReport/bailOut`` has the words.
    case bailOut
    /// Results are missing or too many, or totals do not agree with them.
    case other
  }

  public var kind: Kind
  /// One sentence.
  public var text: String
}

/// The result of parsing the output of a test.
public struct KTAPReport: Sendable, Equatable, Codable {
  /// The results in the order of the output; an outer result comes after its inner ones.
  public var subtests: [KTAPSubtest] = []
  /// What makes the report doubtful: missing results, a missing plan, contradicting totals.
  public var doubts: [KTAPDoubt] = []
  /// The number of planned results that never came.
  public var missing = 0
  /// The text after `Bail out!`.
  public var bailOut: String?
  /// The reason of a plan `1..0 # SKIP reason` of the outermost level.
  public var skippedWhole: String?
  /// The metrics that the test printed, in the order of the results that they belong to.
  public var metrics: [KTAPMetric] = []
  /// Whether there was any version, plan or result line.
  public var sawAnything = false

  public init() {}

  /// The doubts' sentences.
  public var problems: [String] { doubts.map(\.text) }
}
