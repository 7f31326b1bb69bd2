internal import Foundation

/// Where a guest's console comes from: the pseudo-terminal, and once that has lost something, QEMU's own log of the port.
///
/// QEMU drops what a guest prints while it takes the pseudo-terminal for closed, which it does for up to a second after a read
/// that found nothing (`chardev/char-pty.c` in QEMU 7.2); its log of the port has everything. What the terminal still holds
/// when QEMU ends is lost as well.
struct ConsoleSource: Sendable {
  /// The path of QEMU's log; nil where there is none, or it is on another machine.
  let log: String?
  /// How many bytes came through the pseudo-terminal, and the last of them.
  private var count = 0
  private var recent: [UInt8] = []
  /// The place in the log from which on it is read, once it is.
  private var place: UInt64?

  /// So many bytes with their time stamps are nowhere else in a log.
  private static let recentLength = 256
  private static let leastLength = 32
  private static let pieceLength = 1 << 16

  init(log: String?) { self.log = log }

  /// Takes bytes of the pseudo-terminal, and returns those that are new.
  mutating func take(_ bytes: [UInt8]) -> [UInt8] {
    guard place == nil else { return missing() }
    count += bytes.count
    recent = Array((recent + bytes.suffix(ConsoleSource.recentLength)).suffix(ConsoleSource.recentLength))
    return bytes
  }

  /// Returns what the log has and the pseudo-terminal did not bring: at most 64 KiB, empty if that is all. From then on only
  /// the log is read, because what is late must not come twice.
  mutating func missing() -> [UInt8] {
    guard let log, let file = FileHandle(forReadingAtPath: log) else { return [] }
    defer { try? file.close() }
    let start = place ?? end(in: file)
    try? file.seek(toOffset: start)
    guard let bytes = try? file.read(upToCount: ConsoleSource.pieceLength), !bytes.isEmpty else { return [] }
    place = start + UInt64(bytes.count)
    return [UInt8](bytes)
  }

  /// Returns the place in the log behind the last bytes of the pseudo-terminal: further on than their number says if some
  /// were lost before.
  private func end(in file: FileHandle) -> UInt64 {
    let expected = UInt64(count)
    guard !recent.isEmpty else { return expected }
    let first = expected - UInt64(recent.count)
    try? file.seek(toOffset: first)
    let rest = (try? file.readToEnd()) ?? Data()
    // Something may be missing among these as well.
    var last = recent[...]
    while last.count >= ConsoleSource.leastLength || last.count == recent.count, !last.isEmpty {
      if let found = rest.firstRange(of: Data(last)) { return first + UInt64(found.upperBound - rest.startIndex) }
      last = last.suffix(last.count / 2)
    }
    return expected
  }
}
