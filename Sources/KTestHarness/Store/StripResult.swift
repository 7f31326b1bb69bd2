import KTestValues

/// One result in a strip of a series, with numbers for all names. Ten thousand runs of a thousand results are ten million of
/// these, so that a passing one takes four or five bytes.
struct StripResult: Sendable, Equatable {
  var run: Int64
  var kernel: Int64
  var verdict: Verdict
  var isKnown = false
  /// The subtests that were executed.
  var executed: Int
  /// Zero for none.
  var reason: Int64 = 0
  /// The titles of its splats in one text; zero for none.
  var splats: Int64 = 0

  /// The results that one row holds: more would make each addition slower, fewer each query.
  static let stripLength = 128

  private static let verdicts: [Verdict] = [.pass, .skip, .fail, .timeout, .crash, .error]
  private static let hasReason: UInt8 = 8
  private static let hasSplats: UInt8 = 16
  private static let known: UInt8 = 32

  /// Appends the result behind one of the run `last`.
  func append(to bytes: inout [UInt8], last: Int64) {
    let place = UInt8(StripResult.verdicts.firstIndex(of: verdict) ?? 0)
    bytes.append(
      place | (reason == 0 ? 0 : StripResult.hasReason) | (splats == 0 ? 0 : StripResult.hasSplats)
        | (isKnown ? StripResult.known : 0))
    StripResult.append(run - last, to: &bytes)
    StripResult.append(kernel, to: &bytes)
    StripResult.append(Int64(max(executed, 0)), to: &bytes)
    if reason != 0 { StripResult.append(reason, to: &bytes) }
    if splats != 0 { StripResult.append(splats, to: &bytes) }
  }

  /// Returns the results of a strip, the first of which is behind the run `first`; nil for bytes that are not a strip.
  static func results(_ bytes: some Collection<UInt8>, first: Int64) -> [StripResult]? {
    var results: [StripResult] = []
    var rest = bytes.makeIterator()
    var run = first
    while let head = rest.next() {
      guard Int(head & 7) < verdicts.count, let step = number(&rest), let kernel = number(&rest),
        let executed = number(&rest), step <= Int64.max - run
      else { return nil }
      run += step
      var result = StripResult(
        run: run, kernel: kernel, verdict: verdicts[Int(head & 7)], isKnown: head & known != 0, executed: Int(executed))
      if head & hasReason != 0 {
        guard let reason = number(&rest) else { return nil }
        result.reason = reason
      }
      if head & hasSplats != 0 {
        guard let splats = number(&rest) else { return nil }
        result.splats = splats
      }
      results.append(result)
    }
    return results
  }

  private static func append(_ number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(max(number, 0))
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func number(_ bytes: inout some IteratorProtocol<UInt8>) -> Int64? {
    var (value, shift) = (Int64(0), Int64(0))
    while let byte = bytes.next(), shift < 63 {
      value |= Int64(byte & 127) << shift
      if byte < 128 { return value }
      shift += 7
    }
    return nil
  }
}
