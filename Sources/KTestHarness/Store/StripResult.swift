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

  static let verdicts: [Verdict] = [.pass, .skip, .fail, .timeout, .crash, .error]
  private static let hasReason: UInt8 = 8
  private static let hasSplats: UInt8 = 16
  private static let known: UInt8 = 32

  /// Appends the result behind one of the run `last`.
  func append(to bytes: inout [UInt8], last: Int64) {
    let place = UInt8(StripResult.verdicts.firstIndex(of: verdict) ?? 0)
    bytes.append(
      place | (reason == 0 ? 0 : StripResult.hasReason) | (splats == 0 ? 0 : StripResult.hasSplats)
        | (isKnown ? StripResult.known : 0))
    StripBytes.append(run - last, to: &bytes)
    StripBytes.append(kernel, to: &bytes)
    StripBytes.append(Int64(max(executed, 0)), to: &bytes)
    if reason != 0 { StripBytes.append(reason, to: &bytes) }
    if splats != 0 { StripBytes.append(splats, to: &bytes) }
  }

  /// Returns the results of a strip, the first of which is behind the run `first`; nil for bytes that are not a strip.
  static func results(_ bytes: some Collection<UInt8>, first: Int64) -> [StripResult]? {
    var results: [StripResult] = []
    var rest = bytes.makeIterator()
    var run = first
    while let head = rest.next() {
      guard Int(head & 7) < verdicts.count, let step = StripBytes.number(&rest), let kernel = StripBytes.number(&rest),
        let executed = StripBytes.number(&rest), step <= Int64.max - run
      else { return nil }
      run += step
      var result = StripResult(
        run: run, kernel: kernel, verdict: verdicts[Int(head & 7)], isKnown: head & known != 0, executed: Int(executed))
      if head & hasReason != 0 {
        guard let reason = StripBytes.number(&rest) else { return nil }
        result.reason = reason
      }
      if head & hasSplats != 0 {
        guard let splats = StripBytes.number(&rest) else { return nil }
        result.splats = splats
      }
      results.append(result)
    }
    return results
  }
}

extension StripResult {
  /// Returns the result of a subtest in a run of its case; nil if the run says nothing of it.
  ///
  /// Journals name only the subtests that failed, were skipped or are known failures. A subtest that is not named passed, if
  /// its case came to its end and executed subtests.
  static func ofSubtest(_ whole: StripResult, named: StripResult?) -> StripResult? {
    if let named { return named }
    guard whole.executed > 0, whole.verdict == .pass || whole.verdict == .fail else { return nil }
    return StripResult(run: whole.run, kernel: whole.kernel, verdict: .pass, executed: 0)
  }

  /// Returns the results of a subtest in runs of its case, in the order of those.
  static func ofSubtest(_ wholes: [StripResult], named: [StripResult]) -> [StripResult] {
    struct Place: Hashable { var run: Int64, kernel: Int64 }
    let own = named.reduce(into: [:]) { $0[Place(run: $1.run, kernel: $1.kernel)] = $1 }
    return wholes.compactMap { ofSubtest($0, named: own[Place(run: $0.run, kernel: $0.kernel)]) }
  }
}
