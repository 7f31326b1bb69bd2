internal import GuestProtocol

/// Follows one boot's console: lines, the agent's markers, splats, and how often each pattern of interest was seen.
struct ConsoleWatch {
  enum Sighting: Equatable {
    case marker(Marker)
    case splat(Splat)
  }

  /// Lines of the agent's that are still to come, by their token. Each comes once.
  private var awaited: [String: Marker] = [:]
  /// Lines that look like the agent's and are not.
  private(set) var foreignMarkers = 0
  private var splitter = LineSplitter()
  private var detector = SplatDetector()
  private var patterns: [WildcardPattern: Int] = [:]
  private(set) var tail: [String] = []
  /// What the harness makes the kernel print, at this moment.
  private(set) var provoked: Provocation?
  /// The lines that were printed then.
  private(set) var captured: [UInt8] = []
  private(set) var tasks = TaskDump()
  /// Bytes of the console so far.
  private(set) var byteCount = 0
  /// The kernel has said its last word of a panic, and does not reset.
  private(set) var sawPanicEnd = false

  enum Provocation { case taskDump, nmi }

  /// Bytes of a dump that are kept.
  static let captureLimit = 8 << 20

  /// Console lines kept for the reason of a boot that died.
  static let tailLength = 8

  /// These lines of the agent's are to come; what was awaited before is not any more.
  mutating func await(_ markers: [String: Marker]) { awaited = markers }

  /// Whether a splat has begun and not ended yet: it is worth waiting for its rest.
  var isInsideSplat: Bool { detector.pending != nil }

  /// The kernel has said that it dropped messages, since counting was started (`console_prepend_dropped()`).
  private(set) var hasDropped = false

  /// Starts counting these patterns, from zero.
  mutating func count(_ wanted: [WildcardPattern]) {
    hasDropped = false
    patterns = [:]
    for pattern in wanted { patterns[pattern] = 0 }
  }

  func count(of pattern: WildcardPattern) -> Int { patterns[pattern] ?? 0 }

  /// From here on the kernel prints what it was asked for. What looks like a splat then is none, but for a panic that
  /// nobody asked for; and no expected message is found in it.
  mutating func beginProvoked(_ what: Provocation) -> [Sighting] {
    let before = flush()
    provoked = what
    return before
  }

  mutating func endProvoked() -> [Sighting] {
    let last = flush()
    provoked = nil
    return last
  }

  /// The splat that has begun and not ended yet, as far as it is known.
  var pending: Splat? { detector.pending.flatMap { isOurs($0) ? nil : $0 } }

  private func isOurs(_ splat: Splat) -> Bool {
    switch provoked {
    case nil: false
    case .taskDump: !splat.isFatal
    case .nmi: true
    }
  }

  mutating func push(_ bytes: [UInt8]) -> [Sighting] {
    byteCount += bytes.count
    var sightings: [Sighting] = []
    for raw in splitter.push(bytes) { take(ConsoleLine(raw), into: &sightings) }
    return sightings
  }

  /// The console has ended: what was begun is complete now.
  mutating func finish() -> [Sighting] {
    var sightings: [Sighting] = []
    if let raw = splitter.finish() { take(ConsoleLine(raw), into: &sightings) }
    sightings += finishSplats()
    return sightings
  }

  private mutating func finishSplats() -> [Sighting] { detector.finish().filter { !isOurs($0) }.map(Sighting.splat) }

  /// Ends a splat that waits for more lines, because its time is up.
  mutating func flush() -> [Sighting] { finishSplats() }

  private mutating func take(_ raw: ConsoleLine, into sightings: inout [Sighting]) {
    // A program that began a line on the console device and did not end it has put its text before the kernel's.
    let line = raw.withInnerPrefix(before: raw.bytes.count)
    let text = line.text
    if provoked == nil {
      tail.append(line.line)
      if tail.count > ConsoleWatch.tailLength { tail.removeFirst() }
    } else {
      capture(line)
    }
    if provoked == nil, line.line.hasPrefix("** "), line.line.hasSuffix(" printk messages dropped **") {
      hasDropped = true
    }
    // Guests run with printk.time=1: a line without a time was written by a program to the console device.
    guard line.hasPrefix else { return }
    if let found = MarkerLine(text: text) {
      if awaited[found.token] == found.marker {
        awaited[found.token] = nil
        sightings += finishSplats()
        sightings.append(.marker(found.marker))
        return
      }
      foreignMarkers += 1
    }
    if text.hasPrefix("---[ end Kernel panic - not syncing") { sawPanicEnd = true }
    if provoked == nil {
      for (pattern, seen) in patterns where pattern.isFound(in: text) { patterns[pattern] = seen + 1 }
    } else {
      tasks.push(text)
    }
    sightings += detector.feed(line).filter { !isOurs($0) }.map(Sighting.splat)
  }

  private mutating func capture(_ line: ConsoleLine) {
    guard captured.count < ConsoleWatch.captureLimit else { return }
    captured += Array(line.line.utf8) + [UInt8(ascii: "\n")]
  }
}
