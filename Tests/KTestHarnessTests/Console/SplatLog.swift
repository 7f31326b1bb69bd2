import Foundation
import Testing

@testable import KTestValues

/// A console log with the reading that is expected of it: header lines, an empty line, the log.
struct SplatLog: Sendable, CustomTestStringConvertible {
  let name: String
  let title: String?
  let alternatives: [String]
  let type: String?
  let file: String?
  let corrupted: Bool
  let bytes: [UInt8]

  var testDescription: String { name }

  init(name: String, _ content: [UInt8], hasFields: Bool = true) {
    self.name = name
    var fields: [String: [String]] = [:]
    var place = 0
    while hasFields, place < content.count {
      let end = content[place...].firstIndex(of: ASCII.newline) ?? content.count
      let line = String(decoding: content[place..<end], as: UTF8.self)
      place = end + 1
      if line.isEmpty { break }
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      fields[String(line[..<colon]), default: []].append(String(value))
    }
    var log = Array(content[min(place, content.count)...])
    if let report = log.place(of: Array("\nREPORT:\n".utf8)) { log = Array(log[...report]) }
    bytes = log
    title = fields["TITLE"]?.first.flatMap { $0.isEmpty ? nil : $0 }
    alternatives = fields["ALT"] ?? []
    type = fields["TYPE"]?.first
    file = fields["FILE"]?.first
    corrupted = fields["CORRUPTED"] != nil
  }

  /// The splats of a log that comes in chunks of this size.
  static func splats(_ bytes: [UInt8], chunk: Int = .max) -> [Splat] {
    var splitter = LineSplitter()
    var detector = SplatDetector()
    var found: [Splat] = []
    var place = 0
    while place < bytes.count {
      let end = chunk == .max ? bytes.count : min(bytes.count, place + chunk)
      splitter.push(bytes[place..<end]) { found += detector.feed(ConsoleLine($0)) }
      place = end
    }
    if let last = splitter.finish() { found += detector.feed(ConsoleLine(last)) }
    found += detector.finish()
    return found.sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  static let fixtures = logs(in: root.appending(path: "Fixtures/Console/splats"))

  /// The corpus beside the repository; empty where it is not there.
  static func corpus(_ folder: String, hasFields: Bool = true) -> [SplatLog] {
    let repository = root.deletingLastPathComponent().deletingLastPathComponent()
    return logs(
      in: repository.deletingLastPathComponent().appending(path: "shared/corpus/" + folder), hasFields: hasFields)
  }

  private static func logs(in folder: URL, hasFields: Bool = true) -> [SplatLog] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { name in
      FileManager.default.contents(atPath: folder.appending(path: name).path).map {
        SplatLog(name: name, Array($0), hasFields: hasFields)
      }
    }
  }
}
