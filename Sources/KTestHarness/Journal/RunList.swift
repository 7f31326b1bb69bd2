import FoundationEssentials

/// The runs of a state directory, oldest first. A state directory that does not exist yet has none.
/// - Throws: `JournalError.cannotRead`.
public func listRuns(in state: String) throws -> [String] {
  let runs = state + "/runs"
  guard FileManager.default.fileExists(atPath: runs) else { return [] }
  do {
    return try FileManager.default.contentsOfDirectory(atPath: runs).filter(RunID.isValid).sorted()
  } catch {
    throw JournalError.cannotRead(path: runs, reason: "not a folder, or no permission")
  }
}

/// The directory of the last run.
/// - Throws: `JournalError.noRuns`, `.cannotRead`.
public func latestRun(in state: String) throws -> String {
  guard let last = try listRuns(in: state).last else { throw JournalError.noRuns(path: state + "/runs") }
  return "\(state)/runs/\(last)"
}

/// The directory of the run that a person means: `latest`, a run's name or the unambiguous beginning of one, or the path
/// of a directory, which then must hold a `/` or be `.`.
/// - Throws: `JournalError.noRuns`, `.noSuchRun`, `.ambiguous`, `.cannotRead`.
public func findRun(_ name: String, in state: String) throws -> String {
  if name == "latest" { return try latestRun(in: state) }
  if name.contains("/") || name == "." { return name }
  let matches = try listRuns(in: state).filter { $0.hasPrefix(name) && !name.isEmpty }
  guard let match = matches.first else { throw JournalError.noSuchRun(name: name, path: state + "/runs") }
  guard matches.count == 1 else { throw JournalError.ambiguous(name: name, runs: matches) }
  return "\(state)/runs/\(match)"
}
