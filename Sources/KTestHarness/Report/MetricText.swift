import KTestValues

/// Formats numbers of metrics for people and files.
enum MetricText {
  /// Returns the shortest exact form: `5`, `658.5`.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
    return value.description
  }

  /// Returns four significant digits: `658.5`, `0.06021`, `12350`.
  static func rounded(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "0" }
    var scale = 1.0
    var size = abs(value)
    while size < 1000, scale < 1e12 { (size, scale) = (size * 10, scale * 10) }
    return number((value * scale).rounded() / scale)
  }

  /// Returns the value rounded, or as it is if it is a count, of which every digit is true; `-` for nil.
  static func value(_ value: Double?, _ unit: String) -> String {
    guard let value else { return "-" }
    return unit == Metric.instructions ? number((value * 1000).rounded() / 1000) : rounded(value)
  }

  /// Returns `+12.3 %`, or `+0.123 %` for counts; empty if the old value is zero.
  static func change(from old: Double, to new: Double, unit: String = "") -> String {
    guard old != 0, old.isFinite, new.isFinite else { return "" }
    let digits = unit == Metric.instructions ? 1000.0 : 10
    // A zero has no sign.
    let percent = ((new - old) / abs(old) * 100 * digits).rounded() / digits + 0
    return (percent > 0 ? "+" : "") + "\(percent) %"
  }
}
