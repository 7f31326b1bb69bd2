/// The status of a subtest, from its result line and directive (Documentation/dev-tools/ktap.rst, "Test case result
/// lines").
package enum KTAPStatus: String, Sendable, Hashable, CaseIterable, Codable {
  case pass, fail, skip, xfail, todo, timeout, error

  /// Whether a result of this kind is a failure.
  package var isFailure: Bool { self == .fail || self == .timeout || self == .error }
}

/// A result without nested results, or one that failed although all nested results passed.
package struct KTAPSubtest: Sendable, Equatable, Codable {
  /// The names from the outermost test inwards: at least one, none empty.
  package var path: [String]
  /// `path` joined by `/`. A repeated id gets ` (2)`, ` (3)`, … so that ids are unique in a report.
  package var id: String
  package var status: KTAPStatus
  /// The text after the `#` of the result line without the directive's word, such as a reason or `exit=1`; else empty.
  package var detail: String
  /// The lines printed for this result; only the newest if there were too many.
  package var diagnostics: [String]
}

/// Something that makes a report doubtful.
package struct KTAPDoubt: Sendable, Equatable, Codable {
  package enum Kind: String, Sendable, Codable {
    /// Results came, and no plan.
    case planMissing
    /// ``KTAPReport/bailOut`` has the words.
    case bailOut
    /// Results are missing or too many, or totals do not agree with them.
    case other
  }

  package var kind: Kind
  /// One sentence.
  package var text: String
}

/// The result of parsing the output of a test.
package struct KTAPReport: Sendable, Equatable, Codable {
  /// The results in the order of the output; an outer result comes after its inner ones.
  package var subtests: [KTAPSubtest] = []
  /// What makes the report doubtful: missing results, a missing plan, contradicting totals.
  package var doubts: [KTAPDoubt] = []
  /// The number of planned results that never came.
  package var missing = 0
  /// The text after `Bail out!`.
  package var bailOut: String?
  /// The reason of a plan `1..0 # SKIP reason` of the outermost level.
  package var skippedWhole: String?
  /// The metrics that the test printed, in the order of the results that they belong to.
  package var metrics: [KTAPMetric] = []
  /// Whether there was any version, plan or result line.
  package var sawAnything = false

  package init() {}

  /// The doubts' sentences.
  package var problems: [String] { doubts.map(\.text) }
}
