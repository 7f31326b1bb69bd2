import FoundationEssentials

/// Returns the runs of a state directory, oldest first; empty if the directory does not exist yet.
/// - Throws: `JournalError.cannotRead`.
package func listRuns(in state: String) throws -> [String] {
  let runs = state + "/runs"
  guard FileManager.default.fileExists(atPath: runs) else { return [] }
  do {
    return try FileManager.default.contentsOfDirectory(atPath: runs).filter(RunID.isValid).sorted()
  } catch {
    throw JournalError.cannotRead(path: runs, reason: "not a folder, or no permission")
  }
}

/// Returns the directory of the last run.
/// - Throws: `JournalError.noRuns`, `.cannotRead`.
package func latestRun(in state: String) throws -> String {
  guard let last = try listRuns(in: state).last else { throw JournalError.noRuns(path: state + "/runs") }
  return "\(state)/runs/\(last)"
}

/// Returns the directory of a run given by `latest`, by its name or an unambiguous prefix, or by the path of a
/// directory, which must contain a `/` or be `.`.
/// - Throws: `JournalError.noRuns`, `.noSuchRun`, `.ambiguous`, `.cannotRead`.
package func findRun(_ name: String, in state: String) throws -> String {
  if name == "latest" { return try latestRun(in: state) }
  if name.contains("/") || name == "." { return name }
  let matches = try listRuns(in: state).filter { $0.hasPrefix(name) && !name.isEmpty }
  guard let match = matches.first else { throw JournalError.noSuchRun(name: name, path: state + "/runs") }
  guard matches.count == 1 else { throw JournalError.ambiguous(name: name, runs: matches) }
  return "\(state)/runs/\(match)"
}
