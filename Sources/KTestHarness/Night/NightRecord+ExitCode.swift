package import KTestValues

extension NightRecord {
  /// The code that `ktest nightly` ends with: 1 for bad news, 2 for something that was not tested.
  package var exitCode: Int32 {
    if !floods.isEmpty || findings.contains(where: { $0.word == .newFailure && $0.excuse == nil }) { return 1 }
    if metrics?.contains(where: { $0.isConfirmed && $0.isWorse && $0.isNews }) == true { return 1 }
    let isLess = findings.contains { $0.word == .notTested && $0.isNews }
    return isLess || !untested.isEmpty ? 2 : 0
  }
}
