import Foundation
import KTestHost
import Synchronization

/// The directory of a search that this process is at work on: its steps, and the files beside them. Any task may use it.
final class SearchFiles: Sendable {
  typealias Record = SearchRecord<BisectHeader, SearchStep>

  let directory: String
  let header: BisectHeader
  private let record: Mutex<Record>

  /// Begins a search.
  init(creatingIn state: String, header: BisectHeader, files: [String: [UInt8]]) throws {
    let made = try Record(creatingIn: state, header: header, files: files)
    (directory, self.header) = (made.directory, header)
    record = Mutex(made)
  }

  /// Takes over a search that another process began.
  init(reopening directory: String) throws {
    let found = try Record(reopening: directory)
    (self.directory, header) = (found.directory, found.header)
    record = Mutex(found)
  }

  /// The name that `--resume` takes.
  var name: String { directory.split(separator: "/").last.map(String.init) ?? directory }

  var steps: [SearchStep] { record.withLock { $0.steps } }

  func append(_ step: SearchStep) throws { try record.withLock { try $0.append(step) } }

  func write(_ name: String, _ bytes: [UInt8]) throws { try record.withLock { try $0.write(name, bytes) } }

  func write(_ name: String, encoding value: some Encodable) throws {
    try write(name, try SearchFiles.encoded(value))
  }

  /// Returns nil if there is no such file. Throws `JournalError.damaged` for a file that cannot be decoded.
  func load<Value: Decodable>(_ name: String) throws -> Value? { try SearchFiles.load(name, in: directory) }

  static func load<Value: Decodable>(_ name: String, in directory: String) throws -> Value? {
    guard let bytes = try? RegularFile.bytes(of: "\(directory)/\(name)", limit: 1 << 28) else { return nil }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch { throw JournalError.damaged(path: "\(directory)/\(name)", line: 1) }
  }

  static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}
