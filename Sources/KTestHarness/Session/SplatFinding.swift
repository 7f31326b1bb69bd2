internal import Foundation
package import KTestHost
package import KTestValues

/// A splat that was found in a log, and with symbols where they were asked for.
package struct SplatFinding: Sendable {
  package var splat: Splat
  /// Source files and lines; nil where no kernel was given.
  package var symbols: SymbolisedSplat?

  init(_ splat: Splat, _ symbols: SymbolisedSplat? = nil) {
    self.splat = splat
    self.symbols = symbols
  }

  /// Lines for people, each with its end. They command no terminal.
  package var text: String {
    let time = splat.seconds.map { " at \($0) s" } ?? ""
    let flags = (splat.corrupted ? " [corrupted]" : "") + (splat.suppressed ? " [suppressed]" : "")
    var lines = ["\(splat.title)\(flags)\(time), bytes \(splat.byteRange.lowerBound)-\(splat.byteRange.upperBound)"]
    if let file = splat.file { lines.append("  file: \(file)") }
    lines += symbols?.maintainers.map { "  maintainer: \($0)" } ?? []
    lines +=
      symbols?.frames.map {
        "    \($0.function)" + ($0.text.map { " \($0)" } ?? "") + ($0.isInlined ? " [inline]" : "")
      } ?? []
    return lines.map { sanitised($0) + "\n" }.joined()
  }

  /// One line with an object of JSON.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let finding = Record(
      title: splat.title, alt: splat.alternatives, type: splat.type?.rawValue ?? "", corrupted: splat.corrupted,
      suppressed: splat.suppressed, start: splat.byteRange.lowerBound, end: splat.byteRange.upperBound,
      file: splat.file,
      frames: symbols?.frames.map {
        Frame(function: $0.function, file: $0.file, line: $0.line, inlined: $0.isInlined)
      },
      maintainers: symbols?.maintainers)
    return String(decoding: try encoder.encode(finding), as: UTF8.self)
  }

  private struct Frame: Encodable {
    var function: String
    var file: String?
    var line: Int?
    var inlined: Bool
  }

  private struct Record: Encodable {
    var title: String
    var alt: [String]
    var type: String
    var corrupted: Bool
    var suppressed: Bool
    var start: Int
    var end: Int
    var file: String?
    var frames: [Frame]?
    var maintainers: [String]?
  }
}
