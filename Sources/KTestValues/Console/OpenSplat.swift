/// The context that tells which lines belong together.
enum LineContext: Sendable, Hashable {
  /// The context that printk named.
  case caller(PrintkCaller)
  /// A kernel prefix without a caller.
  case stamped
  case plain

  var isNamed: Bool {
    if case .caller = self { return true }
    return false
  }

  var isCPU: Bool {
    if case .caller(.cpu) = self { return true }
    return false
  }
}

/// A splat whose last line has not come yet.
struct OpenSplat: Sendable {
  static let linesKept = 1500
  static let longest = 600
  static let linesShown = 400

  let pattern: SplatPattern
  let context: LineContext
  /// Whether user space may have printed the text. A stack trace settles this.
  private(set) var isDoubtful: Bool
  let seconds: Double?
  private(set) var lines: [[UInt8]] = []
  private(set) var range: Range<Int>
  private(set) var lastSeconds: Double?
  /// The header lines of a symbolised log that name functions inlined into that of the last one.
  private var inlinedHeaders: [[UInt8]] = []
  /// Whether a stack trace has been seen.
  private(set) var hasTrace = false
  private(set) var panicked = false
  /// Whether all CPUs were asked for their stacks, which they print with their own callers.
  private var asksAllCPUs = false
  private var inTrace = false
  /// The number of lines since the last one of its own.
  var strangers = 0

  /// Whether a panic now would add nothing, because it only repeats the stack. Earlier, it may bring the only stack.
  var isComplete: Bool { hasTrace && lines.count > 22 }

  init(_ pattern: SplatPattern, _ context: LineContext, header: [UInt8], line: ConsoleLine, isDoubtful: Bool) {
    self.pattern = pattern
    self.context = context
    self.isDoubtful = isDoubtful
    seconds = line.seconds
    lastSeconds = line.seconds
    range = line.range
    lines = [Self.kept(header)]
    panicked = pattern.header == "Kernel panic"
  }

  /// Returns whether the header belongs to the stack trace that this report brings.
  func brings(_ header: [UInt8]) -> Bool { !hasTrace && pattern.brings.contains { $0.isIn(header) } }

  func owns(_ other: LineContext) -> Bool { other == context || asksAllCPUs && other.isCPU }

  /// Adds a line of its own.
  mutating func add(_ text: [UInt8], _ line: ConsoleLine) {
    strangers = 0
    range = range.lowerBound..<max(range.upperBound, line.range.upperBound)
    lastSeconds = line.seconds ?? lastSeconds
    guard lines.count < Self.linesKept else { return }
    if context != .plain, Self.isQuestionable(text) { return }
    if text.contains(Self.nmi) { asksAllCPUs = true }
    if text.contains(Self.panic) { panicked = true }
    if SplatWalk.startsStack(text) {
      inTrace = true
    } else if inTrace, !hasTrace, StackFrame.isFrame(text) {
      hasTrace = true
      isDoubtful = false
    }
    lines.append(Self.kept(text))
  }

  /// Adds the next header line. A symbolised log has several, with the inlined functions first.
  mutating func takeHeader(_ text: [UInt8], of other: SplatPattern, _ line: ConsoleLine) -> Bool {
    guard other.header == pattern.header, lines.count == 1, lines[0].contains(Self.inline), inlinedHeaders.count < 32
    else { return false }
    inlinedHeaders.append(lines[0])
    lines[0] = Self.kept(text)
    range = range.lowerBound..<max(range.upperBound, line.range.upperBound)
    return true
  }

  private static func kept(_ text: [UInt8]) -> [UInt8] { text.count > longest ? Array(text.prefix(longest)) : text }

  private static let inline = Array("[inline]".utf8)
  private static let nmi = Array("Sending NMI from CPU".utf8)
  private static let panic = Array("Kernel panic - not syncing".utf8)
  private static let mark = [UInt8(ascii: "?")]
  private static let question = Array(" ? ".utf8)
  private static let unreliable = Array(" (unreliable)".utf8)
  private static let endOfInterrupt = Array("<EOI>".utf8)

  /// Returns whether the frame is one that the unwinder found on the stack but considers unreliable.
  private static func isQuestionable(_ text: [UInt8]) -> Bool {
    guard text.contains(mark) && text.contains(question) || text.has(unreliable, at: text.count - unreliable.count)
    else { return false }
    return !text.contains(endOfInterrupt)
  }

  var splat: Splat {
    let reading = SplatReader(pattern, lines).read()
    return Splat(
      title: reading.title, alternatives: reading.alternatives, type: SplatType.of(reading.title),
      corrupted: reading.corrupted, suppressed: reading.suppressed, panicked: panicked, seconds: seconds,
      byteRange: range,
      lines: lines.prefix(Self.linesShown).map { String(decoding: $0, as: UTF8.self) }, frames: reading.frames,
      file: Blame.file(title: reading.title, inlinedHeaders.isEmpty ? lines : inlinedHeaders + lines))
  }
}
