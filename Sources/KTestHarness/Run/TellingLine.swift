import KTestValues

/// Finds the most relevant line of a program's output if it did not end well.
///
/// This is the last line that mentions a failure (`failed`, `cannot`, `too long` …), else the last line. Lines with a
/// prefix that many of the last lines have, such as a library's log with its name and a colon, rank below the program's
/// own; result lines of KTAP do not count.
struct TellingLine {
  /// The number of lines of each stream that are examined, from its end.
  static let lineLimit = 200
  /// The number of bytes of a line that are kept.
  static let length = 200
  /// The number of lines with the same prefix that make a log.
  private static let chatter = 3

  private var splitters = [LineSplitter(), LineSplitter()]
  private var lines: [[[UInt8]]] = [[], []]

  mutating func push(_ bytes: [UInt8], isError: Bool) {
    let stream = isError ? 1 : 0
    for line in splitters[stream].push(bytes) { keep(line.bytes, of: stream) }
  }

  mutating func finish() {
    for stream in splitters.indices {
      if let line = splitters[stream].finish() { keep(line.bytes, of: stream) }
    }
  }

  private mutating func keep(_ bytes: [UInt8], of stream: Int) {
    // Twice the room, so that old lines are removed rarely and many at once.
    if lines[stream].count == 2 * TellingLine.lineLimit { lines[stream].removeFirst(TellingLine.lineLimit) }
    lines[stream].append(Array(bytes.prefix(TellingLine.length)))
  }

  /// The line, or nil if there was no output.
  var text: String? {
    // stderr comes first, because programs report errors there.
    let candidates = [lines[1], lines[0]].flatMap { TellingLine.ranked($0.suffix(TellingLine.lineLimit)) }
    let best = candidates.map(\.rank).max()
    return candidates.first { $0.rank == best }?.line
  }

  private static func ranked(_ raw: ArraySlice<[UInt8]>) -> [(rank: Int, line: String)] {
    let lines = raw.map { String(sanitised(String(decoding: $0, as: UTF8.self)).drop { $0.isWhitespace }) }
      .filter { !$0.isEmpty && !isKTAP($0) }
    var uses: [Substring: Int] = [:]
    for line in lines { if let speaker = speaker(of: line) { uses[speaker, default: 0] += 1 } }
    return lines.reversed().map { line in
      let isLog = speaker(of: line).map { uses[$0, default: 0] >= chatter } ?? false
      return ((speaksOfFailure(line) ? 2 : 0) + (isLog ? 0 : 1), line)
    }
  }

  /// Returns the word before the first colon.
  private static func speaker(of line: String) -> Substring? {
    guard let colon = line.firstIndex(of: ":"), !line[..<colon].contains(" ") else { return nil }
    return line[..<colon]
  }

  private static func isKTAP(_ line: String) -> Bool {
    if case .other = KTAPLine(line, numberless: true).kind { return false }
    return true
  }

  private static let words = [
    "fail", "error", "cannot", "can't", "could not", "couldn't", "unable", "too ", "invalid", "unexpected", "expected",
    "mismatch", "differ", "not found", "no such", "denied", "refused", "timed out", "timeout", "abort", "assert",
    "wrong",
    "corrupt", "overflow", "not supported", "not permitted",
  ]
  private static let reassuring = ["0 fail", "no fail", "0 error", "no error", "without error"]

  private static func speaksOfFailure(_ line: String) -> Bool {
    let line = line.lowercased()
    return words.contains { line.contains($0) } && !reassuring.contains { line.contains($0) }
  }
}
