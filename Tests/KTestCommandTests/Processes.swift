import Foundation

/// The host's processes, as far as the tests have to do with them.
enum Processes {
  /// Process ids of the QEMUs of a run's guests.
  static func guests(of run: String) -> [Int32] {
    all().filter { pid in commandLine(pid).contains { $0.hasPrefix("guest=ktest-\(run)-") } }
  }

  static func commandLine(_ pid: Int32) -> [String] {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return [] }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// True while it runs; a process that nobody has waited for yet runs no more.
  static func isAlive(_ pid: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let end = stat.lastIndex(of: ")")
    else { return false }
    return !stat[stat.index(after: end)...].hasPrefix(" Z")
  }

  private static func all() -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
  }
}
