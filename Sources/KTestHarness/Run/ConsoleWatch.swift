internal import GuestProtocol

/// Follows one boot's console: lines, the agent's markers, splats, and how often each pattern of interest was seen.
struct ConsoleWatch {
  enum Sighting: Equatable {
    case marker(Marker)
    case splat(Splat)
  }

  private let nonce: String
  private var splitter = LineSplitter()
  private var detector = SplatDetector()
  private var patterns: [WildcardPattern: Int] = [:]
  private(set) var tail: [String] = []

  /// Console lines kept for the reason of a boot that died.
  static let tailLength = 8

  init(nonce: String) { self.nonce = nonce }

  /// Whether a splat has begun and not ended yet: it is worth waiting for its rest.
  var isInsideSplat: Bool { detector.pending != nil }

  /// Starts counting these patterns, from zero.
  mutating func count(_ wanted: [WildcardPattern]) {
    patterns = [:]
    for pattern in wanted { patterns[pattern] = 0 }
  }

  func count(of pattern: WildcardPattern) -> Int { patterns[pattern] ?? 0 }

  mutating func push(_ bytes: [UInt8]) -> [Sighting] {
    var sightings: [Sighting] = []
    for raw in splitter.push(bytes) { take(ConsoleLine(raw), into: &sightings) }
    return sightings
  }

  /// The console has ended: what was begun is complete now.
  mutating func finish() -> [Sighting] {
    var sightings: [Sighting] = []
    if let raw = splitter.finish() { take(ConsoleLine(raw), into: &sightings) }
    sightings += detector.finish().map(Sighting.splat)
    return sightings
  }

  /// Ends a splat that waits for more lines, because its time is up.
  mutating func flush() -> [Sighting] { detector.finish().map(Sighting.splat) }

  private mutating func take(_ raw: ConsoleLine, into sightings: inout [Sighting]) {
    // A program that began a line on the console device and did not end it has put its text before the kernel's.
    let line = raw.withInnerPrefix(before: raw.bytes.count)
    let text = line.text
    tail.append(line.line)
    if tail.count > ConsoleWatch.tailLength { tail.removeFirst() }
    // Guests run with printk.time=1: a line without a time was written by a program to the console device.
    guard line.hasPrefix else { return }
    if let marker = Marker(text: text, nonce: nonce) {
      sightings += detector.finish().map(Sighting.splat)
      sightings.append(.marker(marker))
      return
    }
    for (pattern, seen) in patterns where pattern.isFound(in: text) { patterns[pattern] = seen + 1 }
    sightings += detector.feed(line).map(Sighting.splat)
  }
}
