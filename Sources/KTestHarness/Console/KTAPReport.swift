/// How a subtest ended, by its result line and directive (Documentation/dev-tools/ktap.rst, "Test case result lines").
public enum KTAPStatus: String, Sendable, Hashable, CaseIterable, Codable {
  case pass, fail, skip, xfail, todo, timeout, error

  /// Whether a result of this kind means that something is wrong.
  public var isFailure: Bool { self == .fail || self == .timeout || self == .error }
}

/// One result that has no results below it, or one that failed though all below it did well.
public struct KTAPSubtest: Sendable, Equatable, Codable {
  /// The names from the outermost test inwards; at least one, none empty.
  public var path: [String]
  /// `path` joined by `/`; a repeated one gets ` (2)`, ` (3)`, … so that it is unique in its report.
  public var id: String
  public var status: KTAPStatus
  /// What stood after the `#` of the result line without the directive's word, such as a reason or `exit=1`; else empty.
  public var detail: String
  /// Lines that were printed for this result, the newest where there were too many.
  public var diagnostics: [String]
}

/// What a test said of itself.
public struct KTAPReport: Sendable, Equatable, Codable {
  /// Results in the order of the output, outer ones after theirs.
  public var subtests: [KTAPSubtest] = []
  /// Sentences on what makes the report doubtful: results missing, a plan missing, totals that do not agree.
  public var problems: [String] = []
  /// How many results the plans promised and nobody gave.
  public var missing = 0
  /// What followed `Bail out!`.
  public var bailOut: String?
  /// The reason of a plan `1..0 # SKIP reason` of the outermost level.
  public var skippedWhole: String?
  /// Numbers that the test found out, in the order of the results they belong to.
  public var metrics: [KTAPMetric] = []
  /// Whether there was any version, plan or result line.
  public var sawAnything = false

  public init() {}
}
