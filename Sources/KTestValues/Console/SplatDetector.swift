/// Finds splats in a console log that is fed to it line by line. Lines that others print in between are left out if
/// printk says who printed them. It holds a bounded number of splats of bounded size.
package struct SplatDetector: Sendable {
  /// The number of splats so far that are certainly from the kernel; a harness that stops on a splat checks this.
  package private(set) var begun = 0

  private var open: [OpenSplat] = []
  /// Whether kernel lines have a prefix in this log, so that a line without one is from user space or torn.
  private var hasPrefixes = false
  /// When the last splat ended. A panic that follows shortly is its end, not a new splat.
  private var lastEnd: (seconds: Double?, line: Int)?
  private var lineCount = 0

  private static let openLimit = 8
  /// The maximum number of bytes of a line that are examined.
  private static let longestText = 2000
  /// A line that repeats one header thousands of times is not a report but would take a second to examine.
  private static let triesPerRow = 16
  private static let filter = HeaderFilter(SplatTable.rows.map(\.header))
  private static let replay = Array("** replaying previous printk message **".utf8)
  private static let endTrace = Array("---[ end trace ".utf8)
  private static let rule = [UInt8](repeating: UInt8(ascii: "="), count: 50)
  private static let boot = Array("Linux version ".utf8)
  /// Reports with a stack that are not splats.
  private static let otherReports = [
    "vmalloc: allocation failure:", "FAULT_INJECTION: forcing a failure", "FAULT_FLAG_ALLOW_RETRY missing",
  ].map { Array($0.utf8) }
  /// The seconds and the number of foreign lines after which a splat that has its stack is over.
  private static let silence = 8.0
  private static let quietLines = 32
  private static let strangerLimit = 5000

  package init() {}

  /// The oldest splat that has begun but not ended, as far as it is known.
  package var pending: Splat? { open.first { !$0.isDoubtful }?.splat }

  /// Whether ``pending`` is there, which is quicker than to read it.
  package var hasPending: Bool { open.contains { !$0.isDoubtful } }

  /// Processes the next line and returns the splats that it ends.
  package mutating func feed(_ line: ConsoleLine) -> [Splat] {
    lineCount &+= 1
    if line.hasPrefix { hasPrefixes = true }
    let hits = Self.filter.hits(line.bytes, from: line.textStart)
    if hits.isEmpty, open.isEmpty { return [] }
    return take(line, hits)
  }

  /// Returns the remaining splats after the last line.
  package mutating func finish() -> [Splat] {
    let splats = close { _ in true }
    let begun = begun
    self = SplatDetector()
    self.begun = begun
    return splats
  }

  /// Whether no splat has begun, so that lines without a header have no effect.
  var isIdle: Bool { open.isEmpty }

  /// The start of the oldest open splat, in bytes of the stream.
  var openStart: Int? { open.map(\.range.lowerBound).min() }

  /// Ends all splats that have their stack.
  mutating func settle() -> [Splat] { close { $0.hasTrace } }

  /// Counts lines that were skipped.
  mutating func skip(lines: Int) { lineCount &+= lines }

  /// Returns a place that no line before it has a header, or the end.
  func nextHeader(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    Self.filter.first(in: bytes, from: start) ?? bytes.count
  }

  /// Returns the end and the number of the lines that need not be fed while no splat is open: complete lines of
  /// printable ASCII before the one with a header, except the first with a prefix.
  func idleLines(
    in bytes: UnsafeBufferPointer<UInt8>, from start: Int, header: Int
  ) -> (end: Int, lines: Int) {
    var (place, lines) = (start, 0)
    while place < bytes.count {
      let end = firstUnplain(UnsafeRawBufferPointer(bytes), from: place)
      guard end < bytes.count, end <= header else { break }
      var next = end + 1
      if bytes[end] == ASCII.carriageReturn {
        // Only the next chunk shows whether a line feed belongs to it.
        guard next < bytes.count else { break }
        if bytes[next] == ASCII.newline { next += 1 }
      } else if bytes[end] != ASCII.newline {
        break
      }
      if !hasPrefixes, PrintkPrefix(UnsafeBufferPointer(rebasing: bytes[place..<end])).end > 0 { break }
      place = next
      lines += 1
    }
    return (place, lines)
  }

  private mutating func take(_ line: ConsoleLine, _ hits: [(header: Int, place: Int)]) -> [Splat] {
    let line = line.withInnerPrefix(before: hits.first?.place ?? line.bytes.count)
    let context: LineContext = line.caller.map { .caller($0) } ?? (line.hasPrefix ? .stamped : .plain)
    let isWhole = line.textStart == 0 && line.bytes.count <= Self.longestText
    let text = isWhole ? line.bytes : Array(line.bytes[line.textStart...].prefix(Self.longestText))
    let isBoot = text.has(Self.boot, at: 0)
    var over: [Splat] = close { Self.isOver($0, at: line.seconds) || isBoot && $0.context != .plain }

    if text.contains(Self.replay) {
      // The previous line was cut off and is repeated here.
      open.removeAll { $0.lines.count == 1 && $0.strangers == 0 }
      return over
    }
    for index in open.indices where !open[index].owns(context) { open[index].strangers += 1 }

    let header = header(line, text, hits)
    let owner = open.firstIndex { $0.owns(context) }
    if header == nil, owner != nil, !context.isNamed, Self.otherReports.contains(where: { text.contains($0) }) {
      // Another task's stack follows, and nothing distinguishes the two.
      return over + close { $0.context == context }
    }
    if let header {
      if let owner {
        if open[owner].takeHeader(header.text, of: header.pattern, line) { return over }
        // A caller that prints another header within its report continues the same event.
        if header.pattern.goesOn || context.isNamed && !open[owner].hasTrace || open[owner].brings(header.text) {
          if header.isPanic, open[owner].isComplete {
            over += close { $0.context == context }
            lastEnd = (line.seconds, lineCount)
            return over
          }
          open[owner].add(text, line)
          return over
        }
        over += close { $0.context == context }
      } else if header.isPanic, isConsequence(line) {
        lastEnd = (line.seconds, lineCount)
        return over
      }
      let isDoubtful = context == .plain && hasPrefixes && !header.pattern.isUnstamped
      if open.count == Self.openLimit { over += [closeFirst()].compactMap(\.self) }
      open.append(OpenSplat(header.pattern, context, header: header.text, line: line, isDoubtful: isDoubtful))
      if !isDoubtful { begun += 1 }
      return over
    }
    guard owner != nil else { return over }
    for index in open.indices where open[index].owns(context) {
      let wasDoubtful = open[index].isDoubtful
      open[index].add(text, line)
      if wasDoubtful, !open[index].isDoubtful { begun += 1 }
    }
    if text.has(Self.endTrace, at: 0) || text.has(Self.rule, at: 0) {
      over += close { $0.hasTrace && $0.context == context }
    }
    return over
  }

  private func header(
    _ line: ConsoleLine, _ text: [UInt8], _ hits: [(header: Int, place: Int)]
  ) -> (pattern: SplatPattern, text: [UInt8], isPanic: Bool)? {
    var (row, tries) = (-1, 0)
    // Rows have priority by their order in the table, not by their position in the line.
    for hit in hits.sorted(by: { ($0.header, $0.place) < ($1.header, $1.place) }) where hit.place >= line.textStart {
      if hit.header != row { (row, tries) = (hit.header, 0) }
      tries += 1
      guard tries <= Self.triesPerRow else { continue }
      let pattern = SplatTable.rows[hit.header]
      let rest = Array(line.bytes[hit.place...].prefix(OpenSplat.longest))
      guard pattern.ignored.isEmpty || !Self.isIgnored(text, by: pattern) else { continue }
      // `ODEBUG:` is not `BUG:`, but `…accessgeneral protection fault:` is two lines that ran into each other.
      let isWord = hit.place == line.textStart || !ASCII.isSymbol(line.bytes[hit.place - 1])
      // By their places, because a copy of a form takes as long as a look at it.
      let forms = pattern.forms
      let isKnown = forms.indices.contains { place in
        (isWord || !forms[place].isTorn) && forms[place].header.contains { $0.isIn(rest) }
      }
      guard isKnown || !pattern.onlyForms && Self.isAlone(line, hit.place, pattern) else { continue }
      guard !pattern.needsBoot || hasPrefixes else { continue }
      return (pattern, rest, pattern.header == "Kernel panic")
    }
    return nil
  }

  /// Returns whether nothing but the name of a subsystem precedes the header (`watchdog: BUG: …`). Programs that write
  /// to the kernel log also put their name before a WARNING.
  private static func isAlone(_ line: ConsoleLine, _ place: Int, _ pattern: SplatPattern) -> Bool {
    let before = line.bytes[line.textStart..<place]
    guard pattern.header == "BUG:", let colon = before.lastIndex(of: UInt8(ascii: ":")) else { return before.isEmpty }
    return colon == place - 2 && before.prefix { $0 != UInt8(ascii: ":") }.allSatisfy(ASCII.isSymbol)
  }

  private static func isIgnored(_ text: [UInt8], by pattern: SplatPattern) -> Bool {
    let lower = text.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    return pattern.ignored.contains { $0.isIn(lower) }
  }

  /// Returns whether a panic now is the end of the previous report.
  private func isConsequence(_ line: ConsoleLine) -> Bool {
    guard let lastEnd else { return false }
    if let now = line.seconds, let then = lastEnd.seconds { return (0...10).contains(now - then) }
    return lineCount - lastEnd.line < 500
  }

  private static func isOver(_ splat: OpenSplat, at seconds: Double?) -> Bool {
    if splat.strangers > strangerLimit { return true }
    guard let now = seconds, let last = splat.lastSeconds else { return false }
    return splat.hasTrace && now - last > silence && splat.strangers >= quietLines
  }

  private mutating func closeFirst() -> Splat? {
    var isFirst = true
    return close { _ in
      defer { isFirst = false }
      return isFirst
    }.first
  }

  private mutating func close(_ isOver: (OpenSplat) -> Bool) -> [Splat] {
    guard !open.isEmpty else { return [] }
    var over: [Splat] = []
    open.removeAll { splat in
      guard isOver(splat) else { return false }
      guard !splat.isDoubtful else { return true }
      lastEnd = (splat.lastSeconds, lineCount)
      over.append(splat.splat)
      return true
    }
    return over
  }
}
