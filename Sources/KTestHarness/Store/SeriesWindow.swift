import KTestValues

/// The newest results of a series in short: what its summary and its failures are made of without its strips. A result can be
/// appended to it, so that one more run does not read all that there were.
struct SeriesWindow: Sendable, Equatable {
  /// Results with the same kernel and verdict in a row. Failures stay alone, and only they have what follows the count.
  struct Part: Sendable, Equatable {
    var kernel: Int64
    var verdict: Verdict
    var isKnown: Bool
    var count = 1
    var run: Int64 = 0
    var reason: Int64 = 0
    var splats: Int64 = 0

    var hasFailed: Bool? { verdict.hasFailed(isKnown: isKnown) }
    var letter: String { verdict.letter(isKnown: isKnown) }
  }

  private(set) var parts: [Part] = []
  /// How many results they are.
  private(set) var count = 0

  /// The results that are looked at.
  static let limit = ChangePoints.limit

  init() {}

  /// - Parameter results: in order.
  init(_ results: [StripResult]) {
    for result in results { append(result) }
    trim()
  }

  mutating func append(_ result: StripResult) {
    count += 1
    var part = Part(kernel: result.kernel, verdict: result.verdict, isKnown: result.isKnown)
    if part.hasFailed == true {
      (part.run, part.reason, part.splats) = (result.run, result.reason, result.splats)
    } else if let last = parts.last, last.hasFailed != true, last.kernel == part.kernel, last.verdict == part.verdict,
      last.isKnown == part.isKnown
    {
      parts[parts.count - 1].count += 1
      return
    }
    parts.append(part)
  }

  /// Drops the oldest results beyond the limit.
  mutating func trim() {
    var place = 0
    while count > SeriesWindow.limit, place < parts.count {
      let gone = min(count - SeriesWindow.limit, parts[place].count)
      count -= gone
      parts[place].count -= gone
      if parts[place].count == 0 { place += 1 }
    }
    parts.removeFirst(place)
  }

  var hasCounted: Bool { parts.contains { $0.hasFailed != nil } }

  /// The last outcomes, each as a letter.
  var recent: String {
    var letters: [String] = []
    for part in parts.reversed() {
      let room = SeriesSummary.recentLength - letters.count
      if room <= 0 { break }
      letters += Array(repeating: part.letter, count: min(part.count, room))
    }
    return letters.reversed().joined()
  }

  /// Returns the same as `SeriesSummary` of the record with all these results.
  func summary(of series: SeriesKey) -> SeriesSummary {
    let (tally, others, flips) = sums
    var segment = tally
    var isFlaky = false
    // Nearly all series have no failure, and nothing is to be searched in them.
    if tally.failures > 0 {
      let counted = parts.filter { $0.hasFailed != nil }
      let start = segmentStart(counted, tally)
      (segment, isFlaky) = SeriesWindow.rest(of: counted, from: start)
    }
    return SeriesSummary(
      series: series, tally: tally, others: others, flips: flips, segment: segment, isFlaky: isFlaky, recent: recent)
  }

  private var sums: (tally: RunTally, others: Int, flips: Int) {
    var (runs, failures, others, flips) = (0, 0, 0, 0)
    var last: Bool?
    for part in parts {
      guard let failed = part.hasFailed else {
        others += part.count
        continue
      }
      runs += part.count
      if failed { failures += part.count }
      if let last, last != failed { flips += 1 }
      last = failed
    }
    return (RunTally(failures: Double(failures), runs: Double(runs)), others, flips)
  }

  /// Returns the first counted result after the last change of the rate.
  private func segmentStart(_ counted: [Part], _ tally: RunTally) -> Int {
    guard tally.failures < tally.runs else { return 0 }
    var points: [SeriesPoint] = []
    points.reserveCapacity(count)
    for part in counted {
      let failed = part.hasFailed == true
      let point = SeriesPoint(day: 0, passes: failed ? 0 : 1, failures: failed ? 1 : 0)
      points.append(contentsOf: repeatElement(point, count: part.count))
    }
    return ChangePoints(points).segmentStart
  }

  private static func rest(of counted: [Part], from start: Int) -> (segment: RunTally, isFlaky: Bool) {
    var skipped = start
    var kernels: [Int64: SeriesRecord.KernelTally] = [:]
    for part in counted {
      let gone = min(skipped, part.count)
      skipped -= gone
      let rest = part.count - gone
      if rest == 0 { continue }
      kernels[part.kernel, default: .init()].runs += rest
      if part.hasFailed == true { kernels[part.kernel, default: .init()].failures += rest }
    }
    let segment = kernels.values.reduce(RunTally()) {
      $0 + RunTally(failures: Double($1.failures), runs: Double($1.runs))
    }
    return (segment, SeriesRecord.isFlaky(kernels.values))
  }
}

extension SeriesWindow {
  private static let many: UInt8 = 8
  private static let known: UInt8 = 16
  private static let hasReason: UInt8 = 32
  private static let hasSplats: UInt8 = 64

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(parts.count * 4)
    var (kernel, run) = (Int64(0), Int64(0))
    for part in parts {
      let place = UInt8(StripResult.verdicts.firstIndex(of: part.verdict) ?? 0)
      bytes.append(
        place | (part.count > 1 ? SeriesWindow.many : 0) | (part.isKnown ? SeriesWindow.known : 0)
          | (part.reason != 0 ? SeriesWindow.hasReason : 0) | (part.splats != 0 ? SeriesWindow.hasSplats : 0))
      StripBytes.append(part.kernel, from: kernel, to: &bytes)
      kernel = part.kernel
      if part.count > 1 { StripBytes.append(Int64(part.count), to: &bytes) }
      if part.hasFailed == true {
        StripBytes.append(part.run, from: run, to: &bytes)
        run = part.run
      }
      if part.reason != 0 { StripBytes.append(part.reason, to: &bytes) }
      if part.splats != 0 { StripBytes.append(part.splats, to: &bytes) }
    }
    return bytes
  }

  /// Reads what ``bytes`` wrote; nil for other bytes.
  init?(_ bytes: some Collection<UInt8>) {
    var rest = bytes.makeIterator()
    parts.reserveCapacity(bytes.count / 3)
    var (kernel, run) = (Int64(0), Int64(0))
    while let head = rest.next() {
      guard Int(head & 7) < StripResult.verdicts.count, head < 128,
        let next = StripBytes.number(&rest, from: kernel)
      else { return nil }
      kernel = next
      var part = Part(
        kernel: kernel, verdict: StripResult.verdicts[Int(head & 7)], isKnown: head & SeriesWindow.known != 0)
      if head & SeriesWindow.many != 0 {
        guard let many = StripBytes.number(&rest), (2...Int64(SeriesWindow.limit)).contains(many) else { return nil }
        part.count = Int(many)
      }
      if part.hasFailed == true {
        guard let number = StripBytes.number(&rest, from: run) else { return nil }
        (run, part.run) = (number, number)
      }
      if head & SeriesWindow.hasReason != 0 {
        guard let reason = StripBytes.number(&rest) else { return nil }
        part.reason = reason
      }
      if head & SeriesWindow.hasSplats != 0 {
        guard let splats = StripBytes.number(&rest) else { return nil }
        part.splats = splats
      }
      count += part.count
      parts.append(part)
    }
  }
}
