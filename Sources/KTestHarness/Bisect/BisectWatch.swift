import KTestValues

/// Follows one run until the target is seen or the run ends.
actor BisectWatch {
  private let target: TargetWatch?
  private var any: TargetWatch?
  private(set) var running: String?
  private(set) var seen: SplatSighting?

  init(aim: BisectAim?, tolerating known: Set<String>) {
    if case .splat(let signature) = aim?.target {
      target = TargetWatch { $0.signature.matches(signature) }
    } else {
      target = nil
    }
    // Without an aim, the first splat that the suite does not allow becomes the target. A title that cannot be trusted
    // cannot be followed, nor can that of a splat that was not printed to its end.
    any =
      aim == nil
      ? TargetWatch(settle: .seconds(5)) { splat in
        !splat.isAllowed && !known.contains(splat.title) && !splat.isCorrupted
          && !splat.title.hasSuffix(" in corrupted")
      } : nil
  }

  func take(_ event: RunEvent) async {
    if case .caseStarted(let boot, _, _, let name) = event, boot != nil { running = name }
    await (target ?? any)?.take(event)
  }

  /// Waits for the splat that makes the rest of the run unnecessary, and says so; nil if the run ends first.
  func wait() async -> String? {
    guard let splat = await (target ?? any)?.wait() else { return nil }
    seen = splat
    return "the target was seen: \(splat.title)"
  }
}
