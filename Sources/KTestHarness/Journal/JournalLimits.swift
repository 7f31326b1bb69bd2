/// How much of what a guest says is kept. A guest may say anything, for ever; the host's disk is finite.
public struct JournalLimits: Sendable, Equatable {
  /// Bytes of one boot's console.
  public var console = 256 << 20
  /// Bytes of one stream of one case.
  public var output = 64 << 20
  /// Bytes of one artefact.
  public var artefact = 256 << 20
  /// Bytes of all artefacts of a run.
  public var artefacts = 1 << 30
  /// Artefacts of a run.
  public var artefactCount = 10_000

  public init() {}
}
