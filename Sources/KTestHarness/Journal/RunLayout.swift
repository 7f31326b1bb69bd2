/// Where things lie in a run's directory; all paths are relative to it.
public enum RunLayout {
  static let manifest = "manifest.json"
  static let events = "events.jsonl"
  static let summary = "summary.json"
  static let lock = "lock"
  static let reserve = "reserve"

  /// The console of one boot, as raw bytes.
  public static func console(boot: Int) -> String { "consoles/boot-\(boot).log" }

  /// What a case wrote, as raw bytes.
  public static func output(of key: CaseKey, _ stream: RunEvent.OutputStream) -> String {
    let file = SafeName.component(key.name) + (stream == .stdout ? ".out" : ".err")
    return "output/\(SafeName.component(key.kernel))/\(SafeName.component(key.suite))/\(file)"
  }

  /// A file that a case left; the guest's own folders are folded into the one name.
  public static func artefact(of key: CaseKey, file: String) -> String {
    let folder = [key.kernel, key.suite, key.name].map(SafeName.component).joined(separator: "/")
    return "artefacts/\(folder)/\(SafeName.component(file))"
  }

  /// The copy of a suite's file; `place` counts from 0.
  static func suite(_ path: String, place: Int) -> String {
    "suites/\(place + 1)-" + SafeName.component(String(path.split(separator: "/").last ?? "suite.yaml"))
  }
}
