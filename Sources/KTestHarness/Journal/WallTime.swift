import FoundationEssentials

/// A time of the host's clock, in milliseconds since 1970-01-01 UTC.
package struct WallTime: Sendable, Hashable, Comparable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func now() -> WallTime {
    WallTime(milliseconds: Int64((Date.now.timeIntervalSince1970 * 1000).rounded(.down)))
  }

  package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

  /// Returns the seconds from `start` to this time; negative if the clock was set back in between.
  package func seconds(since start: WallTime) -> Double { Double(milliseconds - start.milliseconds) / 1000 }

  /// The time in ISO 8601, UTC, with milliseconds: `2026-11-21T10:15:02.250Z`.
  package var iso: String {
    // A date counts seconds as a floating-point number: only whole ones are written, so that nothing is rounded.
    let rest = (milliseconds % 1000 + 1000) % 1000
    let date = Date(timeIntervalSince1970: Double(milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0)))
    let digits = String(rest)
    return date.formatted(.iso8601).dropLast() + "." + String(repeating: "0", count: 3 - digits.count) + digits + "Z"
  }

  /// Parses the output of `iso`, and nothing else.
  package init?(iso: String) {
    let parts = iso.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, iso.utf8.count == 24, let rest = Int64(parts[1].dropLast()),
      let date = try? Date("\(parts[0])Z", strategy: .iso8601)
    else { return nil }
    milliseconds = Int64(date.timeIntervalSince1970) * 1000 + rest
    guard self.iso == iso else { return nil }
  }
}
