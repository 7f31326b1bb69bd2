/// Whose lines belong together.
enum LineContext: Sendable, Hashable {
  /// printk said who printed it.
  case caller(PrintkCaller)
  /// It has a kernel prefix, and nobody's name in it.
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
  /// Text that user space may have printed, until a stack trace shows that it did not.
  private(set) var isDoubtful: Bool
  let seconds: Double?
  private(set) var lines: [[UInt8]] = []
  private(set) var range: Range<Int>
  private(set) var lastSeconds: Double?
  /// Header lines of a symbolised log that name what was inlined into the function of the last one.
  private var inlinedHeaders: [[UInt8]] = []
  /// A stack trace has been seen.
  private(set) var hasTrace = false
  private(set) var panicked = false
  /// All CPUs were asked for their stacks, which they print under their own names.
  private var asksAllCPUs = false
  private var inTrace = false
  /// Lines since the last one of its own.
  var strangers = 0

  /// A panic that comes now adds nothing: it repeats the stack. Before, it may bring the only one.
  var isComplete: Bool { hasTrace && lines.count > 22 }

  init(_ pattern: SplatPattern, _ context: LineContext, header: [UInt8], line: ConsoleLine, isDoubtful: Bool) {
    self.pattern = pattern
    self.context = context
    self.isDoubtful = isDoubtful
    seconds = line.seconds
    lastSeconds = line.seconds
    range = line.range
    lines = [Array(header.prefix(Self.longest))]
    panicked = pattern.header == "Kernel panic"
  }

  func owns(_ other: LineContext) -> Bool { other == context || asksAllCPUs && other.isCPU }

  /// Takes a line of its own.
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
    } else if inTrace, !hasTrace, !StackFrame.read(text).isEmpty {
      hasTrace = true
      isDoubtful = false
    }
    lines.append(Array(text.prefix(Self.longest)))
  }

  /// Takes the next header line of those that a symbolised log has instead of one, the inlined functions first.
  mutating func takeHeader(_ text: [UInt8], of other: SplatPattern, _ line: ConsoleLine) -> Bool {
    guard other.header == pattern.header, lines.count == 1, lines[0].contains(Self.inline), inlinedHeaders.count < 32
    else { return false }
    inlinedHeaders.append(lines[0])
    lines[0] = Array(text.prefix(Self.longest))
    range = range.lowerBound..<max(range.upperBound, line.range.upperBound)
    return true
  }

  private static let inline = Array("[inline]".utf8)
  private static let nmi = Array("Sending NMI from CPU".utf8)
  private static let panic = Array("Kernel panic - not syncing".utf8)
  private static let question = Array(" ? ".utf8)
  private static let unreliable = Array(" (unreliable)".utf8)
  private static let endOfInterrupt = Array("<EOI>".utf8)

  /// A frame that the unwinder found on the stack and does not believe in.
  private static func isQuestionable(_ text: [UInt8]) -> Bool {
    guard text.contains(question) || text.has(unreliable, at: text.count - unreliable.count) else { return false }
    return !text.contains(endOfInterrupt)
  }

  var splat: Splat {
    let reading = SplatReader(pattern, lines).read()
    return Splat(
      title: reading.title, alternatives: reading.alternatives, type: SplatType.of(reading.title),
      corrupted: reading.corrupted, suppressed: reading.suppressed, panicked: panicked, seconds: seconds,
      byteRange: range,
      lines: lines.prefix(Self.linesShown).map { String(decoding: $0, as: UTF8.self) }, frames: reading.frames,
      file: Blame.file(title: reading.title, inlinedHeaders + lines))
  }
}
