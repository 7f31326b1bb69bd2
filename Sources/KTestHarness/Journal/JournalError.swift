/// The reasons why a run's directory cannot be created, written or read.
package enum JournalError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `reason` is the system's own message.
  case cannotCreate(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  case cannotRead(path: String, reason: String)
  case diskFull(path: String)
  case notARun(path: String)
  /// `line` counts from 1.
  case damaged(path: String, line: Int)
  /// `line` counts from 1; `what` is the impossible number.
  case impossible(path: String, line: Int, what: String)
  /// A file that is written as a whole is not what ktest wrote.
  case notWhole(path: String)
  case newerSchema(path: String, version: Int)
  case noRuns(path: String)
  case noSuchRun(name: String, path: String)
  case ambiguous(name: String, runs: [String])

  package var description: String {
    switch self {
    case .cannotCreate(let path, let reason):
      "cannot create \(path): \(reason); choose a state directory that you may write to"
    case .cannotWrite(let path, let reason):
      "cannot write \(path): \(reason)"
    case .cannotRead(let path, let reason):
      "cannot read \(path): \(reason)"
    case .diskFull(let path):
      "the disk is full: \(path) has the verdicts so far, but no further consoles and outputs; free some space or "
        + "choose another state directory, and run it again"
    case .notARun(let path):
      "\(path) is not the directory of a run: it has neither manifest.json nor events.jsonl"
    case .damaged(let path, let line):
      "\(path):\(line): this line is not an event; the file was changed or damaged after it was written"
    case .impossible(let path, let line, let what):
      "\(path):\(line): \(what), which is impossible; the file was changed or damaged after it was written"
    case .notWhole(let path):
      "\(path) is not what ktest wrote; the file was changed or damaged after it was written"
    case .newerSchema(let path, let version):
      "\(path) has schema \(version), written by a newer ktest; this one reads up to \(RunManifest.currentSchema)"
    case .noRuns(let path):
      "no runs in \(path) yet"
    case .noSuchRun(let name, let path):
      "no run '\(name)' in \(path); names begin with the date, and 'latest' is the last run"
    case .ambiguous(let name, let runs):
      "'\(name)' is ambiguous: \(runs.prefix(5).joined(separator: ", "))\(runs.count > 5 ? " and more" : "")"
    }
  }
}
