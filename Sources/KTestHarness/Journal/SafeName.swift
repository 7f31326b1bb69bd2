/// File names inside a run's directory, made of words that a suite, a user or a guest has chosen.
enum SafeName {
  /// One path component: never empty, never hidden, at most 100 bytes of `A-Za-z0-9._+-`. A name that had to be changed
  /// carries a hash of what it was before its extension, so that two different names never share a file by accident.
  static func component(_ name: String) -> String {
    var bytes = name.utf8.prefix(80).map { isPlain($0) ? $0 : UInt8(ascii: "_") }
    if bytes.first == UInt8(ascii: ".") { bytes[0] = UInt8(ascii: "_") }
    let text = String(decoding: bytes, as: UTF8.self)
    if !text.isEmpty, text == name { return text }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, let suffix = parts.last, !suffix.isEmpty, suffix.utf8.count <= 8 else {
      return text + "-" + hash(name)
    }
    return parts.dropLast().joined(separator: ".") + "-" + hash(name) + "." + suffix
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// FNV-1a, 64 bit, folded to eight hexadecimal digits.
  private static func hash(_ name: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(UInt32(truncatingIfNeeded: hash ^ hash >> 32), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

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
