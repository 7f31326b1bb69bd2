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

  /// Returns `+12.3 %`; empty if the old value is zero.
  static func change(from old: Double, to new: Double) -> String {
    guard old != 0, old.isFinite, new.isFinite else { return "" }
    let percent = ((new - old) / abs(old) * 1000).rounded() / 10
    return (percent > 0 ? "+" : "") + "\(percent) %"
  }
}
