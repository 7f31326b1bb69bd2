internal import GuestProtocol
import KTestGuests
import KTestHost
import KTestValues

/// Follows the console of a boot: lines, the agent's markers, splats, and the number of lines with each message.
struct ConsoleWatch {
  enum Sighting: Equatable {
    case marker(Marker)
    case splat(Splat)
  }

  /// The expected lines of the agent, by their token. Each comes once.
  private var awaited: [String: Marker] = [:]
  /// The number of lines that look like the agent's but are not.
  private(set) var foreignMarkers = 0
  private var splitter = LineSplitter()
  private var detector = SplatDetector()
  private var matches: [LineMatch: Int] = [:]
  /// The last lines, for the reason of a failed boot.
  private var last: [ConsoleLine] = []
  /// The kind of output that the harness makes the kernel print at the moment.
  private(set) var provoked: Provocation?
  /// The lines that were printed then.
  private(set) var captured: [UInt8] = []
  private(set) var tasks = TaskDump()
  /// The number of console bytes so far.
  private(set) var byteCount = 0
  /// Whether the kernel has printed the end of a panic and does not reset.
  private(set) var sawPanicEnd = false

  enum Provocation { case taskDump, nmi }

  /// The number of bytes of a dump that are kept.
  static let captureLimit = 8 << 20

  /// The number of console lines kept for the reason of a failed boot.
  static let tailLength = 8

  /// Sets the expected lines of the agent, replacing earlier ones.
  mutating func await(_ markers: [String: Marker]) { awaited = markers }

  /// Whether a splat has begun and not ended yet, so that waiting for its rest is worthwhile.
  var isInsideSplat: Bool { detector.hasPending }

  /// The last lines of the console that were not requested.
  var tail: [String] { last.map(\.line) }

  /// Whether the kernel has reported dropped messages since counting started (`console_prepend_dropped()`).
  private(set) var hasDropped = false

  /// Starts counting these messages from zero.
  mutating func count(_ wanted: [LineMatch]) {
    hasDropped = false
    matches = [:]
    for match in wanted { matches[match] = 0 }
  }

  func count(of match: LineMatch) -> Int { matches[match] ?? 0 }

  /// Marks the following output as requested. It has no splats, except for a panic that was not requested, and no
  /// expected messages.
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

  /// Ends the console, which completes everything that was begun.
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
    // A program may have written an unfinished line to the console device before the kernel's text.
    let line = raw.withInnerPrefix(before: raw.bytes.count)
    if provoked == nil {
      last.append(line)
      if last.count > ConsoleWatch.tailLength { last.removeFirst() }
      if line.begins(with: ConsoleWatch.dropStart, endsWith: ConsoleWatch.dropEnd) { hasDropped = true }
    } else {
      capture(line)
    }
    // Guests run with printk.time=1: a program wrote a line without a time to the console device.
    guard line.hasPrefix else { return }
    // A guest may print faster than strings are made of its lines, so that only those that need it become some.
    if line.textContains(ConsoleWatch.mark), let found = MarkerLine(text: line.text) {
      if awaited[found.token] == found.marker {
        awaited[found.token] = nil
        sightings += finishSplats()
        sightings.append(.marker(found.marker))
        return
      }
      foreignMarkers += 1
    }
    if line.textBegins(with: ConsoleWatch.panicEnd) { sawPanicEnd = true }
    if provoked == nil, !matches.isEmpty {
      let text = line.text
      for (match, seen) in matches where match.isFound(in: text) { matches[match] = seen + 1 }
    } else if provoked != nil {
      tasks.push(line.text)
    }
    sightings += detector.feed(line).filter { !isOurs($0) }.map(Sighting.splat)
  }

  private mutating func capture(_ line: ConsoleLine) {
    guard captured.count < ConsoleWatch.captureLimit else { return }
    captured += line.bytes
    captured.append(UInt8(ascii: "\n"))
  }

  private static let mark = Array("ktest[".utf8)
  private static let panicEnd = Array("---[ end Kernel panic - not syncing".utf8)
  private static let (dropStart, dropEnd) = (Array("** ".utf8), Array(" printk messages dropped **".utf8))
}
