import KTestHarness
import KTestHost

/// Prints splats as they come.
struct SplatOutput {
  let format: OutputFormat
  private var count = 0

  init(format: OutputFormat) { self.format = format }

  /// Prints a splat, or what stands behind the last one. Returns whether somebody still reads it.
  mutating func write(_ finding: SplatFinding?) throws -> Bool {
    guard let finding else {
      if format == .json { return writeAll(count == 0 ? "[]\n" : "\n]\n", to: 1) }
      return count > 0 || writeAll("no splat found\n", to: 1)
    }
    defer { count += 1 }
    if format == .text { return writeAll(finding.text, to: 1) }
    return writeAll((count == 0 ? "[\n" : ",\n") + (try finding.json()), to: 1)
  }
}
