import FoundationEssentials
package import KTestHost
package import KTestValues

/// The nights of one plan in a state directory: `STATE/nights/PLAN/ID` has `night.json`, the record, and `memory.json`, what
/// it leaves to the next one. Each file is written completely or not at all.
package struct NightArchive: Sendable {
  package let plan: String
  package let folder: String

  package init(of plan: String, in state: String) {
    self.plan = plan
    folder = "\(state)/nights/\(plan)"
  }

  /// The names of all plans that have nights, sorted.
  package static func plans(in state: String) -> [String] {
    HostFiles.names(in: "\(state)/nights").filter { HostFiles.isDirectory("\(state)/nights/\($0)") }
  }

  /// The names of all nights, the oldest first.
  package var ids: [String] { HostFiles.names(in: folder).filter(RunID.isValid) }

  package func directory(of id: String) -> String { "\(folder)/\(id)" }

  /// Makes the directory of a night whose name is behind those of all others, also if the clock was set back.
  package func begin(at time: WallTime) throws -> (id: String, started: Int64) {
    var time = time
    var id = RunID.make(at: time)
    while let last = ids.last, id <= last {
      // A second more than the last one: its name has the second, and a fraction.
      let start = (try? record(of: last)?.started) ?? time.milliseconds
      time.milliseconds = max(start, time.milliseconds) + 1000
      id = RunID.make(at: time)
    }
    do {
      try makeDirectory(directory(of: id))
    } catch { throw meaning(error, directory(of: id)) }
    return (id, time.milliseconds)
  }

  /// Returns nil if there is no such night, or if it was killed before its first record.
  /// - Throws: `JournalError.cannotRead`, `.newerSchema`, `.notWhole`.
  package func record(of id: String) throws -> NightRecord? {
    try read("night.json", of: id, version: NightRecord.currentVersion)
  }

  /// Returns nil for a night that was not judged.
  package func memory(of id: String) throws -> NightMemory? {
    try read("memory.json", of: id, version: NightMemory.currentVersion)
  }

  package func isJudged(_ id: String) -> Bool { HostFiles.exists("\(directory(of: id))/memory.json") }

  package func write(_ record: NightRecord) throws {
    try write("night.json", of: record.id, NightArchive.encoded(record))
  }

  package func write(_ memory: NightMemory) throws {
    try write("memory.json", of: memory.night, NightArchive.encoded(memory))
  }

  /// Takes the plan for this process; nil if another one is at work on it.
  package func lock() throws -> FileLock? {
    do {
      try makeDirectory(folder)
    } catch { throw meaning(error, folder) }
    do {
      return try FileLock(ifFree: "\(folder)/lock", mode: 0o600)
    } catch { throw JournalError.cannotWrite(path: "\(folder)/lock", reason: error.reason) }
  }

  package static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
  }

  private func read<Value: Decodable>(_ name: String, of id: String, version: Int) throws -> Value? {
    let path = "\(directory(of: id))/\(name)"
    let bytes: [UInt8]
    do {
      guard let found = try readFile(path) else { return nil }
      bytes = found
    } catch { throw JournalError.cannotRead(path: path, reason: error.reason) }
    if let found = try? JSONDecoder().decode(RecordVersion.self, from: Data(bytes)).version, found > version {
      throw JournalError.newerSchema(path: path, version: found)
    }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch { throw JournalError.notWhole(path: path) }
  }

  private func write(_ name: String, of id: String, _ bytes: [UInt8]) throws {
    let path = "\(directory(of: id))/\(name)"
    do {
      try replaceFile(path, with: withoutSecrets(bytes), disk: .system)
    } catch { throw meaning(error, path) }
  }

  private func meaning(_ error: DiskError, _ path: String) -> JournalError {
    error.isFull ? .diskFull(path: path) : .cannotWrite(path: path, reason: error.reason)
  }
}

/// What every version of a record has.
private struct RecordVersion: Decodable { var version: Int }
