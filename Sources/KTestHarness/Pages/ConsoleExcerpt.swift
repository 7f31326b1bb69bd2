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
    var marks: [Int: Mark] = [:]
    var spans = ConsoleExcerpt.united(splats)[...]
    var begins = Set(splats.map(\.lowerBound)).sorted()[...]
    ConsoleExcerpt.each(bytes) { number, line in
      count = number
      while let begin = begins.first, begin < line.range.upperBound {
        starts[begin] = number
        begins.removeFirst()
      }
      while let span = spans.first, span.upperBound <= line.range.lowerBound { spans.removeFirst() }
      if let span = spans.first, span.lowerBound < line.range.upperBound { marks[number] = .splat }
      if let border = ConsoleExcerpt.border(line) { marks[number] = border }
    }
    var shown = ConsoleExcerpt.shown(count: count, marks: marks.keys.sorted())[...]
    ConsoleExcerpt.each(bytes) { number, line in
      while let range = shown.first, range.upperBound < number { shown.removeFirst() }
      guard let range = shown.first, range.contains(number) else { return }
      lines.append(Line(number: number, text: ConsoleLine(line).line, mark: marks[number]))
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

  /// The ranges without overlaps, in order.
  private static func united(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var united: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = united.last, range.lowerBound <= last.upperBound {
        united[united.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        united.append(range)
      }
    }
    return united
  }

  /// The agent's lines; what a program writes like them is marked as well, because only the run itself could tell.
  private static func border(_ line: RawLine) -> Mark? {
    guard line.bytes.count < 300, line.bytes.last.map({ (0x30...0x39).contains($0) }) ?? false else { return nil }
    let console = ConsoleLine(line)
    guard console.hasPrefix, let marker = MarkerLine(text: console.text) else { return nil }
    switch marker.marker {
    case .begin(let id): return .begin(Int(id))
    case .end(let id): return .end(Int(id))
    case .ready: return nil
    }
  }

  /// Returns the ranges of lines that are shown, in order: the beginning, what is around marked lines, the end.
  private static func shown(count: Int, marks: [Int]) -> [ClosedRange<Int>] {
    guard count > most else { return [1...max(count, 1)] }
    let end = count - tail + 1
    var ranges = [1...head]
    var last = head
    var left = most - head - tail
    for number in marks where number > head - around && number < end + around {
      let (from, to) = (max(number - around, last + 1), min(number + around, end - 1))
      guard from <= to else { continue }
      guard to - from + 1 <= left else { break }
      left -= to - from + 1
      last = to
      ranges.append(from...to)
    }
    return ranges + [end...count]
  }
}
