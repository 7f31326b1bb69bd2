package import KTestValues

/// The layout of a run's directory; all paths are relative to it.
package enum RunLayout {
  static let manifest = "manifest.json"
  static let events = "events.jsonl"
  static let summary = "summary.json"
  static let lock = "lock"
  static let reserve = "reserve"
  /// There if consoles, outputs and artefacts were removed.
  static let pruned = "pruned"

  /// Returns the path of a boot's console with its raw bytes.
  package static func console(boot: Int) -> String { "consoles/boot-\(boot).log" }

  /// Returns the path of a case's output with its raw bytes.
  ///
  /// - Parameter turn: the folder of a later round or attempt; the files of the first one are where those of every run are.
  package static func output(of key: CaseKey, _ stream: RunEvent.OutputStream, turn: String = "") -> String {
    let file = SafeName.component(key.name) + (stream == .stdout ? ".out" : ".err")
    return turn + "output/\(SafeName.component(key.kernel))/\(SafeName.component(key.suite))/\(file)"
  }

  /// Returns the path of a file that a case left; the guest's folders become part of the name.
  package static func artefact(of key: CaseKey, file: String, turn: String = "") -> String {
    "\(artefacts(of: key, turn: turn))/\(SafeName.component(file))"
  }

  /// Returns the folder of all files that a case left.
  static func artefacts(of key: CaseKey, turn: String = "") -> String {
    turn + "artefacts/" + [key.kernel, key.suite, key.name].map(SafeName.component).joined(separator: "/")
  }

  /// Returns the folder of a round or an attempt; empty for the first.
  static func folder(round: Int?, attempt: Int?) -> String {
    if let attempt, attempt > 1 { return "attempts/\(attempt)/" }
    if let round, round > 1 { return "rounds/\(round)/" }
    return ""
  }

  /// Returns the path of the copy of a suite's file; `place` counts from 0.
  static func suite(_ path: String, place: Int) -> String {
    "suites/\(place + 1)-" + SafeName.component(String(path.split(separator: "/").last ?? "suite.yaml"))
  }
}

extension CaseResult {
  /// The folder of its files in the run's directory, with a slash; empty for the directory itself.
  package var folder: String { RunLayout.folder(round: round, attempt: attempt?.number) }
}
