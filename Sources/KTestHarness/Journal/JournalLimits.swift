/// The limits for a guest's output that is kept. A guest may print anything forever, but the host's disk is finite.
public struct JournalLimits: Sendable, Equatable {
  /// The maximum size of one boot's console in bytes.
  public var console = 256 << 20
  /// The maximum size of one stream of one case in bytes.
  public var output = 64 << 20
  /// The maximum size of one artefact in bytes.
  public var artefact = 256 << 20
  /// The maximum size of all artefacts of a run in bytes.
  public var artefacts = 1 << 30
  /// The maximum number of artefacts of a run.
  public var artefactCount = 10_000

  public init() {}
}
