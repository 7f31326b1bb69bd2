/// A splat on a guest's console, as the events of a run tell it: while the case still runs.
public struct SplatSighting: Sendable, Equatable {
  public var note: SplatNote
  /// Other titles of the same bug.
  public var alternatives: [String]
  /// The innermost functions of its stack.
  public var frames: [String]
  /// Whether the splat is torn or has no usable stack: its title cannot be trusted.
  public var isCorrupted: Bool
  /// Whether a suite or a case of the boot expects or allows it.
  public var isAllowed: Bool

  public init(
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

  public var title: String { note.title }
  public var signature: Signature { Signature(title: title, alternatives: alternatives, frames: frames) }
}

/// Turns what the console of one boot shows into events.
struct SplatAnnouncer {
  /// The splat that was announced as begun and not as complete.
  private var pending: SplatSighting?

  /// - Parameters:
  ///   - found: splats that are complete now.
  ///   - begun: the splat that has begun and is not complete, as far as it is known.
  mutating func events(
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
