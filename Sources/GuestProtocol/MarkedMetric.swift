/// What the least round of a metric executed, as QEMU's plugin writes it and the host reads it.
///
/// As a text: a line `metric NAME PER`, a line `ADDRESS COUNT` for each instruction of the kernel that was executed, with the
/// address in hexadecimal digits, and an empty line. The address 0 stands for all of user space.
package struct MarkedMetric: Equatable, Sendable {
  package struct Count: Equatable, Sendable {
    package var address: UInt64
    package var count: UInt64

    package init(_ address: UInt64, _ count: UInt64) {
      self.address = address
      self.count = count
    }
  }

  package var name: String
  /// The number of pages or calls of which the metric is the amount for one.
  package var per: UInt64
  package var counts: [Count]

  package init(_ name: String, per: UInt64, _ counts: [Count]) {
    self.name = name
    self.per = per
    self.counts = counts
  }

  /// - Parameter heading: `NAME PER` as a guest says it; nil is returned if that is neither a name nor a number.
  init?(heading: [UInt8], _ counts: [(address: UInt64, count: UInt64)]) {
    let words = heading.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 2, !words[0].isEmpty, words[0].allSatisfy({ (0x21...0x7e).contains($0) }),
      let per = UInt64(String(decoding: words[1], as: UTF8.self)), per > 0
    else { return nil }
    self.init(String(decoding: words[0], as: UTF8.self), per: per, counts.map { Count($0.address, $0.count) })
  }

  package var text: String {
    var text = "metric \(name) \(per)\n"
    for count in counts { text += "\(String(count.address, radix: 16)) \(count.count)\n" }
    return text + "\n"
  }

  /// Reads the complete metrics of a text.
  ///
  /// - Returns: nil if a line is none of these.
  package static func read(_ text: [UInt8]) -> [MarkedMetric]? {
    var metrics: [MarkedMetric] = []
    var current: MarkedMetric?
    // What is behind the last line end is no line yet.
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      let words = line.split(separator: UInt8(ascii: " "))
      if words.first.map({ Array($0) == Array("metric".utf8) }) == true {
        guard current == nil, let metric = MarkedMetric(heading: Array(line.dropFirst(7)), []) else { return nil }
        current = metric
      } else if line.isEmpty {
        if let metric = current { metrics.append(metric) }
        current = nil
      } else {
        guard words.count == 2, current != nil,
          let address = UInt64(String(decoding: words[0], as: UTF8.self), radix: 16),
          let count = UInt64(String(decoding: words[1], as: UTF8.self))
        else { return nil }
        current?.counts.append(Count(address, count))
      }
    }
    return metrics
  }
}
