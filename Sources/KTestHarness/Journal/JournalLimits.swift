/// The limits for a guest's output that is kept. A guest may print anything forever, but the host's disk is finite.
package struct JournalLimits: Sendable, Equatable {
  /// The maximum size of one boot's console in bytes.
  package var console = 256 << 20
  /// The maximum size of one stream of one case in bytes.
  package var output = 64 << 20
  /// The maximum size of one artefact in bytes.
  package var artefact = 256 << 20
  /// The maximum size of all artefacts of a run in bytes.
  package var artefacts = 1 << 30
  /// The maximum number of artefacts of a run.
  package var artefactCount = 10_000

  package init() {}
}
