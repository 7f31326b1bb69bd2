import FoundationEssentials
import Glibc
import KTestGuests
import KTestHost
import KTestValues

/// A search over many runs, kept in one directory: its description, and one line for each result. A line is on the disk
/// when `append` returns, so a killed search continues from there.
///
/// `search.json` is written once; `steps.jsonl` only grows. A last line that a kill truncated is dropped.
package final class SearchRecord<Header: Codable & Sendable, Step: Codable & Sendable> {
  package let directory: String
  package let header: Header
  package private(set) var steps: [Step]
  private let file: DiskFile

  /// Creates `STATE/bisects/ID` with the given files.
  /// - Throws: `JournalError.cannotCreate`, `.diskFull`.
  package init(creatingIn state: String, header: Header, files: [String: [UInt8]] = [:]) throws {
    let directory = try SearchRecord.makeDirectory(in: state + "/bisects")
    do {
      for (name, bytes) in files { try replaceFile("\(directory)/\(name)", with: bytes, disk: .system) }
      try replaceFile(directory + "/search.json", with: SearchRecord.line(header), disk: .system)
      file = try DiskFile(appendingTo: directory + "/steps.jsonl")
      if let lock = JournalLock.current() { try replaceFile(directory + "/lock", with: lock.bytes, disk: .system) }
      flushFolder(directory)
    } catch let error as DiskError {
      try? FileManager.default.removeItem(atPath: directory)
      throw error.isFull
        ? JournalError.diskFull(path: directory) : .cannotCreate(path: directory, reason: error.reason)
    }
    (self.directory, self.header, steps) = (directory, header, [])
  }

  /// Opens a search to continue it.
  /// - Throws: `JournalError`, also if another process uses it.
  package init(reopening directory: String) throws {
    if let lock = JournalLock(at: directory + "/lock"), lock.isHeld, lock != JournalLock.current() {
      throw JournalError.cannotWrite(path: directory, reason: "process \(lock.pid) is working on it")
    }
    let whole: Int
    (header, steps, whole) = try SearchRecord.read(directory)
    do {
      if let bytes = try readFile(directory + "/steps.jsonl"), bytes.count > whole {
        try replaceFile(directory + "/steps.jsonl", with: Array(bytes[..<whole]), disk: .system)
      }
      file = try DiskFile(appendingTo: directory + "/steps.jsonl")
      if let lock = JournalLock.current() { try replaceFile(directory + "/lock", with: lock.bytes, disk: .system) }
    } catch {
      throw error.isFull ? JournalError.diskFull(path: directory) : .cannotWrite(path: directory, reason: error.reason)
    }
    self.directory = directory
  }

  /// Reads a search without taking it over.
  package static func contents(of directory: String) throws -> (header: Header, steps: [Step], isAlive: Bool) {
    let (header, steps, _) = try read(directory)
    return (header, steps, JournalLock(at: directory + "/lock")?.isHeld == true)
  }

  package func append(_ step: Step) throws {
    do {
      try file.append(try SearchRecord.line(step), whole: true)
      try file.flush()
    } catch let error as DiskError {
      throw error.isFull ? JournalError.diskFull(path: directory) : .cannotWrite(path: directory, reason: error.reason)
    }
    steps.append(step)
  }

  /// Writes a file of results next to the steps, completely or not at all.
  package func write(_ name: String, _ bytes: [UInt8]) throws {
    do {
      try replaceFile("\(directory)/\(name)", with: withoutSecrets(bytes), disk: .system)
    } catch {
      throw error.isFull ? JournalError.diskFull(path: directory) : .cannotWrite(path: directory, reason: error.reason)
    }
  }

  private static func read(_ directory: String) throws -> (header: Header, steps: [Step], whole: Int) {
    let decoder = JSONDecoder()
    do {
      guard let bytes = try readFile(directory + "/search.json") else {
        throw JournalError.cannotRead(
          path: directory, reason: "it has no search.json, so it is not a search of ktest bisect")
      }
      guard let header = try? decoder.decode(Header.self, from: Data(bytes)) else {
        throw JournalError.damaged(path: directory + "/search.json", line: 1)
      }
      let text = try readFile(directory + "/steps.jsonl") ?? []
      let whole = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      var steps: [Step] = []
      let lines = text[..<whole].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
      for (number, line) in lines.enumerated() {
        guard let step = try? decoder.decode(Step.self, from: Data(line)) else {
          throw JournalError.damaged(path: directory + "/steps.jsonl", line: number + 1)
        }
        steps.append(step)
      }
      return (header, steps, whole)
    } catch let error as DiskError { throw JournalError.cannotRead(path: directory, reason: error.reason) }
  }

  private static func line(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return withoutSecrets(Array(try encoder.encode(value))) + [UInt8(ascii: "\n")]
  }

  private static func makeDirectory(in folder: String) throws -> String {
    do {
      try KTestHarness.makeDirectory(folder)
      var time = WallTime.now()
      while true {
        let directory = "\(folder)/\(RunID.make(at: time))"
        if mkdir(directory, 0o700) == 0 { return directory }
        guard errno == EEXIST else { throw DiskError(errno: errno) }
        time.milliseconds += 1
      }
    } catch let error as DiskError {
      throw error.isFull ? JournalError.diskFull(path: folder) : .cannotCreate(path: folder, reason: error.reason)
    }
  }
}

/// Returns the directory of a search given by `latest`, a name or its prefix, or a path with a `/`.
/// - Throws: `JournalError.noRuns`, `.noSuchRun`, `.ambiguous`.
package func findSearch(_ name: String, in state: String) throws -> String {
  if name.contains("/") || name == "." { return name }
  let folder = state + "/bisects"
  let all = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter(RunID.isValid).sorted()
  let matches = name == "latest" ? all.suffix(1) : all.filter { $0.hasPrefix(name) && !name.isEmpty }[...]
  guard let match = matches.first else {
    throw all.isEmpty ? JournalError.noRuns(path: folder) : .noSuchRun(name: name, path: folder)
  }
  guard matches.count == 1 else { throw JournalError.ambiguous(name: name, runs: Array(matches)) }
  return "\(folder)/\(match)"
}
