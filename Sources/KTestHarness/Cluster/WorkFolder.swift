import FoundationEssentials
import KTestHost
import KTestValues

/// The folder of one attempt, `ROOT/RUN/BATCH/INDEX`: `order.json`, the worker's answers, and its journal in
/// `runs/`. `ROOT/files` has what many groups need, by content.
package struct WorkFolder: Sendable, Equatable {
  package var path: String

  package init(_ path: String) { self.path = path }

  static let files = "files"
  /// `ROOT/uses` says when each of the files was used last.
  static let uses = "uses"
  /// The file that says that a folder is of a run, and may be removed as a whole.
  static let mark = "ktest-work"

  var order: String { "\(path)/order.json" }
  var start: String { "\(path)/started.json" }
  var end: String { "\(path)/done.json" }
  /// Where a kernel is that was built.
  package var kernel: String { "\(path)/kernel" }

  /// Returns the path of a file of the order.
  package func file(_ name: String) -> String { "\(path)/../../../\(name)" }

  /// The word of an order that may be of any version; empty if there is none.
  package var word: String { WorkFolder.read(WorkOrder.Head.self, from: order)?.word ?? "" }

  /// - Throws: ``WorkProblem``, `FileProblem`.
  package func readOrder(version: String) throws -> WorkOrder {
    let bytes = try RegularFile.bytes(of: order, limit: 1 << 28)
    guard let head = try? JSONDecoder().decode(WorkOrder.Head.self, from: Data(bytes)) else {
      throw WorkProblem.notAnOrder(path: order)
    }
    guard head.ktest == version else { throw WorkProblem.otherVersion(here: version, there: head.ktest) }
    do { return try JSONDecoder().decode(WorkOrder.self, from: Data(bytes)) } catch {
      throw WorkProblem.notAnOrder(path: order)
    }
  }

  /// Checks that the files of an order are what their names say.
  ///
  /// - Throws: ``WorkProblem``, `FileProblem`.
  package func check(_ work: Work) throws {
    let memory = DigestMemory(in: file("digests"))
    for name in work.files {
      let digest = try memory.digest(of: file(name))
      guard name == "\(WorkFolder.files)/\(digest)" else { throw WorkProblem.damaged(path: file(name)) }
    }
  }

  func write(_ order: WorkOrder) throws {
    try HostFiles.makeDirectory(path, mode: 0o700)
    try WorkFolder.write(order, to: self.order)
  }

  package func write(_ start: WorkStart) throws { try WorkFolder.write(start, to: self.start) }
  package func write(_ end: WorkEnd) throws { try WorkFolder.write(end, to: self.end) }
  /// Removes what an earlier worker has left in the same folder, as a queue makes it that starts a task again.
  package func clear() {
    HostFiles.remove(end)
    HostFiles.remove(start)
    HostFiles.remove("\(path)/runs")
    HostFiles.remove(kernel)
  }

  func readStart() -> WorkStart? { WorkFolder.read(WorkStart.self, from: start) }
  func readEnd() -> WorkEnd? { WorkFolder.read(WorkEnd.self, from: end) }
  /// The answers to this attempt; those to another one in the same folder are none.
  func readStart(to attempt: Attempt) -> WorkStart? { readStart().flatMap { $0.word == attempt.word ? $0 : nil } }
  func readEnd(to attempt: Attempt) -> WorkEnd? { readEnd().flatMap { $0.word == attempt.word ? $0 : nil } }

  /// The worker's journal, as far as it is written.
  func journal(_ end: WorkEnd?) -> String? {
    (end?.run ?? HostFiles.names(in: "\(path)/runs").max()).flatMap {
      RunID.isValid($0) ? "\(path)/runs/\($0)" : nil
    }
  }

  /// The journal of a worker that says that it has run to its end; nil if it is not all here.
  func whole(_ end: WorkEnd) -> String? {
    guard end.run != nil, let path = journal(end), let read = try? readJournal(at: path), read.replay.isOver else {
      return nil
    }
    return path
  }

  static func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try DurableFile.write(Array(try encoder.encode(value)), to: path)
  }

  /// Returns nil for a file that is not there, or not what it should be.
  static func read<Value: Decodable>(_ type: Value.Type, from path: String) -> Value? {
    guard let bytes = try? RegularFile.bytes(of: path, limit: 1 << 24) else { return nil }
    return try? JSONDecoder().decode(type, from: Data(bytes))
  }
}

/// Why a worker does not run an order.
package enum WorkProblem: Error, Equatable, CustomStringConvertible {
  case notAnOrder(path: String)
  case otherVersion(here: String, there: String)
  case damaged(path: String)
  case notARun(path: String)

  package var description: String {
    switch self {
    case .notAnOrder(let path): "\(path) is no order of 'ktest run --on'"
    case .otherVersion(let here, let there):
      "this is ktest \(here), and the order is of ktest \(there); install the same version on both hosts"
    case .damaged(let path): "\(path) is not what its name says; remove it, and it is sent again"
    case .notARun(let path): "\(path) has no work of a run of 'ktest --on'"
    }
  }
}
