/// The task that was running when the kernel printed a splat, as its line says: `CPU: 1 UID: 0 PID: 77 Comm: prog Not
/// tainted 6.12.0 #1`.
package struct SplatTask: Sendable, Equatable {
  package var pid: Int
  /// The name of the task, of which the kernel keeps 15 bytes.
  package var name: String
  /// Whether the stack ends in user space: it is a program's task, and none of the kernel's own.
  package var isProgram: Bool

  /// Returns whether this is a process of a test that runs `program`: all programs of a guest are the test's, except for
  /// the first process.
  package func belongs(toTestOf program: String?) -> Bool {
    guard pid > 1 else { return false }
    let file = program.flatMap { $0.split(separator: "/").last } ?? ""
    return isProgram || (!file.isEmpty && name == String(decoding: file.utf8.prefix(15), as: UTF8.self))
  }
}

extension Splat {
  /// The task; nil if the splat does not name one.
  package var task: SplatTask? {
    for line in lines where line.hasPrefix("CPU: ") {
      guard let pid = line.firstRange(of: " PID: "), let comm = line.firstRange(of: " Comm: ") else { continue }
      guard pid.upperBound < comm.lowerBound, let number = Int(line[pid.upperBound..<comm.lowerBound]) else { continue }
      let rest = line[comm.upperBound...]
      // A name may have blanks. The taint behind it cannot: `Not tainted` or `Tainted: G      D`.
      let ends = [" Not tainted", " Tainted: "].compactMap { rest.firstRange(of: $0)?.lowerBound }
      return SplatTask(
        pid: number, name: String(rest[..<(ends.min() ?? rest.endIndex)]),
        isProgram: lines.contains { $0.hasPrefix("RIP: 0033:") || $0.hasPrefix("RIP: 0023:") })
    }
    return nil
  }
}
