import Foundation
import KTestHarness

/// Prints splats as they come.
struct SplatOutput {
  let format: OutputFormat
  let symbolizer: Symbolizer?
  /// Somebody reads it still.
  private(set) var isOpen = true
  private var count = 0

  private struct Frame: Encodable {
    var function: String
    var file: String?
    var line: Int?
    var inlined: Bool
  }

  private struct Finding: Encodable {
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

  init(format: OutputFormat, symbolizer: Symbolizer?) {
    self.format = format
    self.symbolizer = symbolizer
  }

  /// Whether more is wanted.
  mutating func write(_ splats: [Splat]) async throws -> Bool {
    guard !splats.isEmpty else { return isOpen }
    guard let symbolizer else {
      for splat in splats { try write(splat, nil) }
      return isOpen
    }
    do {
      for result in try await symbolizer.symbolised(splats) { try write(result.splat, result) }
    } catch let error as SymbolError {
      throw Failure(error)
    }
    return isOpen
  }

  /// `isWhole` is false where the log could not even be begun; then there is no empty list either.
  mutating func end(isWhole: Bool) {
    guard isOpen, isWhole else { return }
    if format == .json {
      put(count == 0 ? "[]\n" : "\n]\n")
    } else if count == 0 {
      put("no splat found\n")
    }
  }

  private mutating func put(_ text: String) { isOpen = isOpen && writeAll(text, to: 1) }

  private mutating func write(_ splat: Splat, _ symbolised: SymbolisedSplat?) throws {
    guard isOpen else { return }
    defer { count += 1 }
    if format == .text { return put(text(splat, symbolised)) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let finding = Finding(
      title: splat.title, alt: splat.alternatives, type: splat.type?.rawValue ?? "", corrupted: splat.corrupted,
      suppressed: splat.suppressed, start: splat.byteRange.lowerBound, end: splat.byteRange.upperBound,
      file: splat.file,
      frames: symbolised?.frames.map {
        Frame(function: $0.function, file: $0.file, line: $0.line, inlined: $0.isInlined)
      },
      maintainers: symbolised?.maintainers)
    put((count == 0 ? "[\n" : ",\n") + String(decoding: try encoder.encode(finding), as: UTF8.self))
  }

  private func text(_ splat: Splat, _ symbolised: SymbolisedSplat?) -> String {
    let time = splat.seconds.map { " at \($0) s" } ?? ""
    let flags = (splat.corrupted ? " [corrupted]" : "") + (splat.suppressed ? " [suppressed]" : "")
    var lines = ["\(splat.title)\(flags)\(time), bytes \(splat.byteRange.lowerBound)-\(splat.byteRange.upperBound)"]
    if let file = splat.file { lines.append("  file: \(file)") }
    lines += symbolised?.maintainers.map { "  maintainer: \($0)" } ?? []
    lines +=
      symbolised?.frames.map {
        "    \($0.function)" + ($0.text.map { " \($0)" } ?? "") + ($0.isInlined ? " [inline]" : "")
      } ?? []
    return lines.map { sanitised($0) + "\n" }.joined()
  }
}
