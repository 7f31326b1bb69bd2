/// A splat on a guest's console, as the events of a run tell it: while the case still runs.
package struct SplatSighting: Sendable, Equatable {
  package var note: SplatNote
  /// Other titles of the same bug.
  package var alternatives: [String]
  /// The innermost functions of its stack.
  package var frames: [String]
  /// Whether the splat is torn or has no usable stack: its title cannot be trusted.
  package var isCorrupted: Bool
  /// Whether a suite or a case of the boot expects or allows it.
  package var isAllowed: Bool

  package init(
    note: SplatNote, alternatives: [String] = [], frames: [String] = [], isCorrupted: Bool = false,
    isAllowed: Bool = false
  ) {
    self.note = note
    self.alternatives = alternatives
    self.frames = frames
    self.isCorrupted = isCorrupted
    self.isAllowed = isAllowed
  }

  init(_ splat: Splat, isAllowed: Bool) {
    let signature = Signature(splat)
    self.init(
      note: SplatNote(splat), alternatives: signature.alternatives, frames: signature.frames,
      isCorrupted: splat.corrupted, isAllowed: isAllowed)
  }

  package var title: String { note.title }
  package var signature: Signature { Signature(title: title, alternatives: alternatives, frames: frames) }
}

/// Turns what the console of one boot shows into events.
package struct SplatAnnouncer {
  /// The splat that was announced as begun and not as complete.
  private var pending: SplatSighting?

  package init() {}

  /// - Parameters:
  ///   - found: splats that are complete now.
  ///   - begun: the splat that has begun and is not complete, as far as it is known.
  package mutating func events(
    of boot: Int, found: [Splat], begun: Splat?, isAllowed: (Splat) -> Bool
  ) -> [RunEvent] {
    var events = found.map { RunEvent.splat(boot: boot, SplatSighting($0, isAllowed: isAllowed($0))) }
    let begun = begun.map { SplatSighting($0, isAllowed: isAllowed($0)) }
    if begun != pending {
      pending = begun
      events.append(.splatPending(boot: boot, begun))
    }
    return events
  }
}
