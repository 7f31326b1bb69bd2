import KTestValues

/// Searches the output of a case for the numbers that its suite declares by a pattern.
struct MetricScan {
  /// The number of samples kept per case, over all its metrics.
  static let limit = 1000
  /// The number of bytes of a line that are examined.
  static let lineLimit = 1024

  private let declarations: [(name: String, source: MetricDeclaration.Source)]
  private var splitters = [LineSplitter(), LineSplitter()]
  private(set) var samples: [Metric] = []
  private(set) var overflowed = false

  init(_ declarations: [MetricDeclaration]) {
    self.declarations = declarations.compactMap { declared in declared.source.map { (declared.name, $0) } }
  }

  mutating func push(_ bytes: [UInt8], isError: Bool) {
    guard !declarations.isEmpty else { return }
    for line in splitters[isError ? 1 : 0].push(bytes) { look(at: line.bytes) }
  }

  mutating func finish() {
    for place in splitters.indices {
      if let line = splitters[place].finish() { look(at: line.bytes) }
    }
  }

  private mutating func look(at line: [UInt8]) {
    for (name, source) in declarations {
      guard let value = MetricScan.number(in: line, source.pattern) else { continue }
      guard samples.count < MetricScan.limit else {
        overflowed = true
        return
      }
      samples.append(
        Metric(
          name: name, value: value, unit: source.unit, better: Metric.Better(rawValue: source.better.rawValue) ?? .lower
        ))
    }
  }

  /// Returns the number that the pattern's star matches at its first place in the line, ignoring surrounding blanks.
  static func number(in line: [UInt8], _ pattern: WildcardPattern) -> Double? {
    guard pattern.parts.count == 2 else { return nil }
    var (before, after) = (pattern.parts[0][...], pattern.parts[1][...])
    while before.last == 0x20 { before = before.dropLast() }
    while after.first == 0x20 { after = after.dropFirst() }
    let line = line.prefix(MetricScan.lineLimit)
    for start in line.indices where line[start...].starts(with: before) {
      // "12us" must not be read as the "2us" within it.
      if before.isEmpty, !isNumeric(line[start]) || start > 0 && isNumeric(line[start - 1]) { continue }
      let rest = line[start...].dropFirst(before.count).drop { $0 == 0x20 || $0 == 0x09 }
      let digits = rest.prefix { MetricScan.isNumeric($0) }
      // A full stop after a number is not part of it.
      for length in Set([digits.count, digits.count - 1]).sorted(by: >) where length > 0 {
        let tail = rest.dropFirst(length).drop { $0 == 0x20 || $0 == 0x09 }
        guard tail.starts(with: after), length == digits.count || after.first == UInt8(ascii: ".") || after.isEmpty,
          let value = KTAPMetric.number(String(decoding: digits.prefix(length), as: UTF8.self))
        else { continue }
        return value
      }
    }
    return nil
  }

  private static func isNumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
