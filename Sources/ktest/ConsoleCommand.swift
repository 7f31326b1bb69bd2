import ArgumentParser
import Foundation
import KTestHarness

struct ConsoleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "console", abstract: "Find the splats in a kernel console log.")

  @Argument(help: "A log, or '-' for standard input.") var file: String
  @Option(help: "text or json.") var format = OutputFormat.text

  private struct Finding: Encodable {
    var title: String
    var alt: [String]
    var type: String
    var corrupted: Bool
    var suppressed: Bool
    var start: Int
    var end: Int
    var file: String?
  }

  func run() async throws {
    try await reporting {
      let splats = try read()
      if format == .json {
        return try printJSON(
          splats.map {
            Finding(
              title: $0.title, alt: $0.alternatives, type: $0.type?.rawValue ?? "", corrupted: $0.corrupted,
              suppressed: $0.suppressed, start: $0.byteRange.lowerBound, end: $0.byteRange.upperBound, file: $0.file)
          })
      }
      if splats.isEmpty { writeAll("no splat found\n", to: 1) }
      for splat in splats {
        let time = splat.seconds.map { " at \($0) s" } ?? ""
        let flags = (splat.corrupted ? " [corrupted]" : "") + (splat.suppressed ? " [suppressed]" : "")
        writeAll(sanitised("\(splat.title)\(flags)\(time), bytes \(splat.byteRange)") + "\n", to: 1)
      }
    }
  }

  private func read() throws -> [Splat] {
    guard let input = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file) else {
      throw Failure(.usage, "cannot read the log \(file)")
    }
    var splitter = LineSplitter()
    var detector = SplatDetector()
    var splats: [Splat] = []
    while let piece = try input.read(upToCount: 1 << 20), !piece.isEmpty {
      for line in splitter.push(piece) { splats += detector.feed(ConsoleLine(line)) }
    }
    if let line = splitter.finish() { splats += detector.feed(ConsoleLine(line)) }
    return splats + detector.finish()
  }
}
