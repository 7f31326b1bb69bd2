/// Walks through the lines of a splat by the steps of a form and collects the relevant functions.
struct SplatWalk {
  let lines: [[UInt8]]
  /// For each line, the kind of the trace that begins at it.
  let starts: [Int?]
  let form: SplatForm
  /// The functions to blame, one for each stack on the way; `whole` still has the prefix of a system call.
  private(set) var chosen: [(name: String, whole: String)] = []
  /// The functions collected for the first of them, from that function outwards.
  private(set) var frames: [String] = []

  private static let framesKept = 32
  private static let framesTelling = 4

  init(lines: [[UInt8]], starts: [Int?], form: SplatForm) {
    (self.lines, self.starts, self.form) = (lines, starts, form)
  }

  /// Returns whether all steps could be followed.
  mutating func follow(_ way: [SplatStep]) -> Bool {
    guard !way.isEmpty else { return true }
    var isWhole = true
    var place = 0
    var stacks = 0
    var gathered: [String] = []
    var index = 0
    while true {
      if index == way.count || way[index].isStack && stacks > 0 {
        if !choose(gathered) { isWhole = false }
        gathered = []
      }
      guard index < way.count else { break }
      let isStack = way[index].isStack
      if isStack { stacks += 1 }
      steps: while place < lines.count {
        let line = lines[place]
        place += 1
        if Self.isInjected(line) {
          isWhole = false
          break
        }
        if isStack {
          if starts[place - 1] != nil { break }
          if index + 1 < way.count, let found = way[index + 1].match(line) {
            gather(found, &gathered)
            index += 1
            break steps
          }
          gather(line, &gathered)
        } else if let found = way[index].match(line) {
          gather(found, &gathered)
          break
        }
      }
      index += 1
    }
    return isWhole
  }

  /// Adds the functions of a line's frames that tell something.
  private func gather(_ line: [UInt8], _ gathered: inout [String]) {
    for frame in StackFrame.read(line) where !frame.isInlined { gather([frame.function], &gathered) }
  }

  private func gather(_ functions: [String], _ gathered: inout [String]) {
    for function in functions {
      let name = Mangling.readable(function)
      if !FrameTable.isPassedOver(name, form.passOver) { gathered.append(name) }
    }
  }

  private mutating func choose(_ gathered: [String]) -> Bool {
    let choice = Self.choose(gathered, form.choice)
    if chosen.isEmpty { frames = Array(gathered.dropFirst(choice?.index ?? 0).prefix(Self.framesKept)) }
    if chosen.isEmpty, let choice, frames.count < Self.framesTelling { addTrace(after: choice.name) }
    guard let choice else {
      chosen.append(("corrupted", "corrupted"))
      return false
    }
    chosen.append((choice.name, gathered[choice.index]))
    return true
  }

  /// Adds the callers of the function to blame from the call trace, if the way ended at that function.
  private mutating func addTrace(after name: String) {
    guard let start = lines.firstIndex(where: { SplatStep.callTrace.match($0) != nil }) else { return }
    let end = starts[(start + 1)...].firstIndex { $0 != nil } ?? lines.count
    let stack = lines[(start + 1)..<end]
    var callers: [String] = []
    for line in stack { gather(line, &callers) }
    let place = callers.firstIndex { FrameTable.withoutEntryPrefix($0) == name }.map { $0 + 1 } ?? 0
    for caller in callers.dropFirst(place).prefix(Self.framesKept) where !frames.contains(caller) {
      frames.append(caller)
    }
  }

  private static func choose(_ frames: [String], _ choice: FrameChoice) -> (name: String, index: Int)? {
    let names = choice == .first ? [] : frames.map(FrameTable.withoutEntryPrefix)
    switch choice {
    case .first: return frames.first.map { (FrameTable.withoutEntryPrefix($0), 0) }
    case .stall:
      for (index, name) in names.enumerated() {
        let bytes = Array(name.utf8)
        guard FrameTable.entryPoints.matches(bytes) else { continue }
        // Waiting for all CPUs is the same wait, whoever asked for it.
        if name.contains("smp_call_function") { return ("smp_call_function", index) }
        let before = max(0, index - 1)
        return (names[before], before)
      }
      return nil
    case .hang:
      for (index, name) in names.enumerated() {
        let bytes = Array(name.utf8)
        if let wait = FrameTable.sharedWaits.first(where: { $0.part.matches(bytes) }) {
          return (wait.name ?? name, index)
        }
      }
      for (index, name) in names.enumerated() {
        let bytes = Array(name.utf8)
        if !FrameTable.sleeping.contains(where: { $0.matches(bytes) }) { return (name, index) }
      }
      return nil
    }
  }

  /// Returns whether the line belongs to fault injection, which prints its own stack within the splat's.
  static func isInjected(_ line: [UInt8]) -> Bool {
    let start = StackFrame.addressesEnd(line, from: line.end(from: 0) { $0 == ASCII.space })
    return line.has(injection, at: start) && StackFrame.isFrame(line)
  }

  private static let injection = Array("should_fail".utf8)

  /// The text that identifies the heading of a trace, and the pattern that the line must also match.
  private static let headings: [(word: String, pattern: TextPattern)] = [
    ("Call Trace", "Call Trace"), ("Call trace", "Call trace"), ("Allocated", "Allocated:"),
    ("Allocated", "Allocated by task <n>:"), ("Freed", "Freed:"), ("Freed", "Freed by task <n>:"),
    ("Backtrace:", "Backtrace:"), (" backtrace", " backtrace:"), (" backtrace", " backtrace (crc <hex>):"),
    ("Uninit was stored", "Uninit was stored to memory at"),
    // RISC-V dumps the stack after the registers without a heading.
    ("badaddr: ", "status: <hex> badaddr: <hex> cause: <hex>"),
  ]
  private static let filter = HeaderFilter(headings.map(\.word))
  private static let riscv = headings.count - 1
  private static let stack = Array("stack backtrace".utf8)
  private static let missing = Array("(stack is not available)".utf8)

  static func startsStack(_ line: [UInt8]) -> Bool { stackStart(line) != nil }

  /// Returns the kind of trace that begins at the line.
  static func stackStart(_ line: [UInt8]) -> Int? {
    guard line.withUnsafeBufferPointer({ filter.first(in: $0, from: 0) }) != nil else { return nil }
    for hit in filter.hits(line, from: 0).map(\.header).sorted() where headings[hit].pattern.isIn(line) {
      // lockdep's heading precedes the heading of its trace.
      return headings[hit].word == " backtrace" && line.contains(stack) ? nil : hit
    }
    return nil
  }

  /// Returns whether an announced trace has no frames, or there is no trace at all.
  static func isDamaged(_ lines: [[UInt8]], _ starts: [Int?]) -> Bool {
    var seen: Set<Int> = []
    var hasStack = false
    for (index, start) in starts.enumerated() {
      guard let kind = start, seen.insert(kind).inserted else { continue }
      guard index + 2 < lines.count else { return true }
      var hasFrame = false
      for place in lines.indices[(index + 1)...].prefix(15) {
        if starts[place] != nil { break }
        let next = lines[place]
        if StackFrame.isFrame(next) || next.contains(missing) {
          hasFrame = true
          break
        }
      }
      hasStack = hasStack || hasFrame
      if !hasFrame, kind != riscv { return true }
    }
    return !hasStack
  }
}

extension SplatStep {
  var isStack: Bool {
    if case .stack = self { return true }
    return false
  }

  /// Returns the functions that a line of this kind names, or nil if the line is of another kind.
  func match(_ line: [UInt8]) -> [String]? {
    switch self {
    case .stack: nil
    case .callTrace: Self.traces.contains { $0.isIn(line) } ? [] : nil
    case .instructionPointer: InstructionPointer.read(line)
    case .trap: InstructionPointer.read(line) ?? Self.interrupt.match(line)
    case .line(let patterns): patterns.lazy.compactMap { $0.match(line) }.first
    }
  }

  private static let traces: [TextPattern] = ["Call Trace:", "Call trace:", "Backtrace:"]
  private static let interrupt: TextPattern = "--- interrupt: <n> at <func>"
}

/// Parses `RIP: 0010:foo+0x1/0x2`, `IP: [<ffffffff81>] foo+0x1/0x2`, `pc : foo+0x1/0x2` and `PC is at foo+0x1/0x2`.
enum InstructionPointer {
  private static let words: [[UInt8]] = ["IP", "pc ", "PC is at"].map { Array($0.utf8) }
  private static let null = Array("(null)".utf8)

  /// Returns the function that it points into, empty if it points outside of the kernel, or nil if the line is
  /// something else.
  static func read(_ line: [UInt8]) -> [String]? {
    for word in words {
      var from = 0
      while let found = line.place(of: word, from: from) {
        from = found + 1
        var place = found + word.count
        if place < line.count, line[place] == UInt8(ascii: ":") { place += 1 }
        guard place < line.count, line[place] == ASCII.space else { continue }
        if let functions = pointer(line, from: place + 1) { return functions }
      }
    }
    return nil
  }

  private static func pointer(_ line: [UInt8], from place: Int) -> [String]? {
    var place = place
    let segment = line.end(from: place, while: ASCII.isDigit)
    if segment > place, segment < line.count, line[segment] == UInt8(ascii: ":") { place = segment + 1 }
    let isNull = line.contains(null)
    if line.has([0x30, 0x78], at: place), line.end(from: place + 2, while: ASCII.isHex) > place + 2 { return [] }
    let start = StackFrame.addressesEnd(line, from: place)
    if let end = StackFrame.functionEnd(line, from: start) ?? StackFrame.decodedEnd(line, from: start) {
      return [String(decoding: line[start..<end], as: UTF8.self)]
    }
    return isNull ? [] : nil
  }
}
