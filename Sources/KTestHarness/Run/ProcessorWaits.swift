import KTestValues

/// How long a guest's processors had to wait for a processor of the host, sampled while the guest runs.
///
/// The host's kernel counts the time that a thread was runnable but did not run (`/proc/PID/task/TID/schedstat`, second
/// number; Documentation/scheduler/sched-stats.rst).
struct ProcessorWaits: Sendable, Equatable {
  private struct Sample: Sendable, Equatable {
    var at: Double
    var waited: [Int32: Double]
  }

  private var samples: [Sample] = []

  /// The minimum time between two samples in seconds.
  static let spacing = 2.0
  /// The number of samples that are kept: two minutes, longer than the stalls that the kernel's watchdogs report first.
  private static let limit = 64

  /// Returns whether a sample is due at that time, in seconds since the guest's power-on.
  func wantsSample(at seconds: Double) -> Bool {
    samples.last.map { seconds - $0.at >= ProcessorWaits.spacing } ?? true
  }

  /// - Parameter waited: the seconds that each thread has waited since it started, by thread id.
  mutating func add(_ waited: [Int32: Double], at seconds: Double) {
    if samples.count == ProcessorWaits.limit { samples.removeFirst() }
    samples.append(Sample(at: seconds, waited: waited))
  }

  /// Returns how many seconds the most delayed thread waited in the last `span` seconds before the newest sample.
  func longestWait(during span: Double) -> Double {
    guard let last = samples.last else { return 0 }
    let first = samples.last { $0.at <= last.at - span } ?? samples[0]
    return last.waited.map { thread, waited in waited - (first.waited[thread] ?? 0) }.max() ?? 0
  }
}

/// A report by the kernel that a processor was stuck.
struct StallReport: Sendable, Equatable {
  /// The seconds for which the processor was stuck, as far as the kernel says.
  var seconds: Double

  /// The default of CONFIG_RCU_CPU_STALL_TIMEOUT in seconds; RCU's reports count jiffies without saying how long they
  /// are.
  private static let rcuStallTimeout = 21.0

  /// Returns nil for every other splat.
  init?(_ splat: Splat) {
    // The header's line begins behind the prefix "rcu: ".
    if splat.title.hasPrefix("INFO: rcu detected stall") {
      seconds = StallReport.rcuStallTimeout
      return
    }
    let told = splat.lines.lazy.compactMap { line -> Double? in
      guard line.contains("soft lockup") || line.contains("workqueue lockup"),
        let words = line.firstRange(of: "stuck for ").map({ line[$0.upperBound...] }),
        let end = words.firstIndex(of: "s")
      else { return nil }
      return Double(words[..<end])
    }
    guard let first = told.first else { return nil }
    seconds = first
  }
}
