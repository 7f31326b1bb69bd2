import GuestProtocol
import KTestValues

/// The lines of a console that its page shows: all of them, or of a huge one the ends and what is around marked lines.
struct ConsoleExcerpt: Sendable {
  enum Mark: Sendable, Equatable {
    case splat
    /// The agent's line before or behind a case, with the number of the case in its boot.
    case begin(Int)
    case end(Int)
  }

  struct Line: Sendable, Equatable {
    /// From 1.
    var number: Int
    var text: String
    var mark: Mark?
  }

  /// The most lines of a page, and how many of them are its beginning and its end.
  static let (most, head, tail) = (12_000, 1500, 4500)
  /// The lines before and behind a marked one.
  static let around = 60
  /// The scalars of a line that are shown.
  static let lineLimit = 2000

  private(set) var lines: [Line] = []
  private(set) var count = 0
  /// The line in which each splat begins, by the splat's first byte.
  private(set) var starts: [Int: Int] = [:]

  var isWhole: Bool { lines.count == count }

  /// - Parameter splats: the bytes of the splats.
  init(_ bytes: [UInt8], splats: [Range<Int>]) {
    let splats = splats.sorted { $0.lowerBound < $1.lowerBound }
    var marks: [Int: Mark] = [:]
    ConsoleExcerpt.each(bytes) { number, line in
      count = number
      for splat in splats where line.range.lowerBound < splat.upperBound && splat.lowerBound < line.range.upperBound {
        marks[number] = .splat
        if starts[splat.lowerBound] == nil { starts[splat.lowerBound] = number }
      }
      if let border = ConsoleExcerpt.border(line) { marks[number] = border }
    }
    let shown = ConsoleExcerpt.shown(count: count, marks: marks)
    ConsoleExcerpt.each(bytes) { number, line in
      guard shown.contains(number) else { return }
      let text = ConsoleLine(line).line
      lines.append(Line(number: number, text: text, mark: marks[number]))
    }
  }

  private static func each(_ bytes: [UInt8], _ body: (Int, RawLine) -> Void) {
    var splitter = LineSplitter(limit: 8 * lineLimit)
    var number = 0
    splitter.push(bytes) { line in
      number += 1
      body(number, line)
    }
    if let last = splitter.finish() { body(number + 1, last) }
  }

  /// The agent's lines; what a program writes like them is marked as well, because only the run itself could tell.
  private static func border(_ line: RawLine) -> Mark? {
    guard line.bytes.count < 300, line.bytes.contains(UInt8(ascii: "[")) else { return nil }
    let console = ConsoleLine(line)
    guard console.hasPrefix, let marker = MarkerLine(text: console.text) else { return nil }
    switch marker.marker {
    case .begin(let id): return .begin(Int(id))
    case .end(let id): return .end(Int(id))
    case .ready: return nil
    }
  }

  private static func shown(count: Int, marks: [Int: Mark]) -> IndexSet {
    guard count > most else { return IndexSet([1...max(count, 1)]) }
    var ranges = [1...head, count - tail + 1...count]
    var left = most - head - tail
    for number in marks.keys.sorted() {
      let range = max(number - around, 1)...min(number + around, count)
      // What an earlier one shows already is free.
      let new = range.count { place in !ranges.contains { $0.contains(place) } }
      guard new <= left else { break }
      left -= new
      if new > 0 { ranges.append(range) }
    }
    return IndexSet(ranges)
  }

  /// Ranges of lines.
  private struct IndexSet {
    private var ranges: [ClosedRange<Int>]
    init(_ ranges: [ClosedRange<Int>]) { self.ranges = ranges }
    func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(number) } }
  }
}
