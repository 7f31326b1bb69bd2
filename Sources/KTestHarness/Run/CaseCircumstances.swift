internal import GuestProtocol
import KTestValues

/// What a result says about how its case ran.
extension CaseResult {
  /// Notes what ran beside the case, as a remark if it matters.
  mutating func note(_ load: GuestLoad?) {
    self.load = load
    if let load, verdict.isBad { findings.append(CaseFinding(.load, .pass, "under load (--stress): \(load.text)")) }
  }
}

extension LoadRequest {
  init(_ load: GuestLoad) {
    self.init(
      busyPerProcessor: UInt32(clamping: load.busyPerProcessor),
      memoryLeftPercent: UInt32(clamping: load.memoryLeftPercent))
  }
}

extension ResourceUsage {
  init(_ end: CaseEnd) {
    self.init(
      userSeconds: Double(end.userMilliseconds) / 1000, systemSeconds: Double(end.systemMilliseconds) / 1000,
      peakResidentKiB: end.peakResidentKiB)
  }
}
