package import KTestValues

/// The results of `ktest bench console`.
package struct ConsoleBench: Sendable, Equatable {
  package struct Row: Sendable, Equatable {
    package var log: String
    package var bytes: Int
    package var splats: Int
    /// The seconds for the whole file, read from the page cache.
    package var seconds: Samples
    /// The seconds of `grep -cE` on the same file; empty if there is no grep.
    package var grep: Samples
    /// The same in seconds of processor time, which other programs do not disturb.
    package var processor: Samples
    package var grepProcessor: Samples
    /// The peak memory in KiB, after the first sixteenth of the log and after all of it.
    package var peakEarly: Int
    package var peak: Int

    package var megabytesPerSecond: Double? { Self.rate(bytes, seconds) }
    package var grepMegabytesPerSecond: Double? { Self.rate(bytes, grep) }
    package var megabytesPerProcessorSecond: Double? { Self.rate(bytes, processor) }
    package var grepMegabytesPerProcessorSecond: Double? { Self.rate(bytes, grepProcessor) }

    private static func rate(_ bytes: Int, _ seconds: Samples) -> Double? {
      seconds.median.flatMap { $0 > 0 ? Double(bytes) / 1e6 / $0 : nil }
    }

    package init(
      log: String, bytes: Int, splats: Int, seconds: Samples, grep: Samples, processor: Samples = Samples(),
      grepProcessor: Samples = Samples(), peakEarly: Int, peak: Int
    ) {
      (self.log, self.bytes, self.splats, self.seconds) = (log, bytes, splats, seconds)
      (self.grep, self.peakEarly, self.peak) = (grep, peakEarly, peak)
      (self.processor, self.grepProcessor) = (processor, grepProcessor)
    }
  }

  package private(set) var rows: [Row] = []

  package init() {}

  package mutating func add(_ row: Row) { rows.append(row) }

  /// The texts that identify splats, as one extended regular expression.
  package static var headers: String {
    SplatTable.rows.map { row in
      row.header.map { "\\.[]{}()*+?^$|".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }.joined(separator: "|")
  }

  package var text: String {
    var lines = [
      "                     by the clock         by processor time",
      "log       megabytes    MB/s  grep MB/s    MB/s  grep MB/s  splats  peak KiB (after 1/16)",
    ]
    func whole(_ rate: Double?) -> String { rate.map { String(Int($0)) } ?? "-" }
    for row in rows {
      let cells = [
        String(row.bytes / 1_000_000), whole(row.megabytesPerSecond), whole(row.grepMegabytesPerSecond),
        whole(row.megabytesPerProcessorSecond), whole(row.grepMegabytesPerProcessorSecond), String(row.splats),
        "\(row.peak) (\(row.peakEarly))",
      ]
      lines.append(
        zip(cells, [9, 8, 11, 8, 11, 8, 0]).reduce(Self.padded(row.log, 10)) { $0 + Self.padded(left: $1.0, $1.1) })
    }
    lines.append(
      "aim: on the clean log at least as fast as grep, 50 MB/s on the other, the same peak for a log of any length")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func padded(left text: String, _ width: Int) -> String {
    (width == 0 ? "  " : String(repeating: " ", count: max(1, width - text.count))) + text
  }

  package var json: String {
    let measured = rows.map { row in
      var fields: [(key: String, value: JSONValue)] = [
        ("log", .string(row.log)), ("bytes", .int(row.bytes)), ("splats", .int(row.splats)),
        ("seconds", .array(row.seconds.values.map { .seconds($0) })),
        ("processorSeconds", .array(row.processor.values.map { .seconds($0) })), ("peakKiB", .int(row.peak)),
        ("peakEarlyKiB", .int(row.peakEarly)),
      ]
      if let rate = row.megabytesPerSecond { fields.append(("megabytesPerSecond", .seconds(rate))) }
      if let rate = row.grepMegabytesPerSecond { fields.append(("grepMegabytesPerSecond", .seconds(rate))) }
      if let rate = row.megabytesPerProcessorSecond { fields.append(("megabytesPerProcessorSecond", .seconds(rate))) }
      if let rate = row.grepMegabytesPerProcessorSecond {
        fields.append(("grepMegabytesPerProcessorSecond", .seconds(rate)))
      }
      return JSONValue.object(fields)
    }
    return JSONValue.object([("measured", .array(measured))]).line + "\n"
  }
}
