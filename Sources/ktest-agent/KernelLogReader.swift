import Glibc

/// Reads the kernel log's records while a case runs and returns the kernel's own as console lines.
///
/// A record shows who wrote it: records from `/dev/kmsg` never have the facility 0
/// (Documentation/ABI/testing/dev-kmsg). So neither a silenced console nor a forged line deceives a reader of these.
struct KernelLogReader {
  private let descriptor: Int32
  /// Whether records were overwritten before they were read, or cannot be read.
  private(set) var isIncomplete = false
  private(set) var isReading = false
  private var lines: [UInt8] = []
  /// A buffer for the largest record, which takes 8 KiB (CONSOLE_EXT_LOG_MAX in `kernel/printk/internal.h`).
  private var record = [UInt8](repeating: 0, count: 8192)

  init() { descriptor = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC) }

  /// The descriptor to poll; nil while no case runs.
  var polled: Int32? { isReading && descriptor >= 0 ? descriptor : nil }

  /// Starts reading with the next record.
  mutating func begin() {
    lines = []
    isReading = descriptor >= 0 && lseek(descriptor, 0, SEEK_END) >= 0
    isIncomplete = !isReading
  }

  mutating func end() { isReading = false }

  /// Reads some records and returns the kernel's lines among them, or nil if nothing was left.
  mutating func take() -> [UInt8]? {
    guard isReading else { return nil }
    var hasRead = false
    defer { lines = [] }
    while lines.count < 1 << 16 {
      let count = read(descriptor, &record, record.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EPIPE {
        isIncomplete = true
        continue
      }
      if count < 0 && errno != EAGAIN { (isReading, isIncomplete) = (false, true) }
      guard count > 0 else { break }
      hasRead = true
      append(record[..<count])
    }
    return hasRead ? lines : nil
  }

  /// Parses `6,339,5140900,-,caller=T1;text`, which may be followed by lines that begin with a space and have
  /// properties of a device.
  private mutating func append(_ record: ArraySlice<UInt8>) {
    guard let semicolon = record.firstIndex(of: UInt8(ascii: ";")) else { return }
    let fields = String(decoding: record[..<semicolon], as: UTF8.self).split(separator: ",")
    guard fields.count >= 3, let priority = UInt64(fields[0]), priority >> 3 == 0, let time = UInt64(fields[2]) else {
      return
    }
    var prefix = "[\(padded(time / 1_000_000, 5)).\(padded(time % 1_000_000, 6, with: "0"))]"
    if let caller = fields.first(where: { $0.hasPrefix("caller=") }) { prefix += "[\(padded(caller.dropFirst(7), 6))]" }
    let end = record.firstIndex(of: 10) ?? record.endIndex
    for line in unescaped(record[(semicolon + 1)..<end]).split(separator: 10, omittingEmptySubsequences: false) {
      lines += Array("\(prefix) ".utf8) + line + [10]
    }
  }

  private func padded(_ value: some CustomStringConvertible, _ width: Int, with filler: Character = " ") -> String {
    let text = "\(value)"
    return String(repeating: filler, count: max(0, width - text.utf8.count)) + text
  }

  /// Resolves escapes: `\x0a` is a line's end inside of a record, and the kernel escapes every byte that is not
  /// printable ASCII.
  private func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
    var bytes: [UInt8] = []
    var place = text.startIndex
    while place < text.endIndex {
      if text[place] == UInt8(ascii: "\\"), place + 3 < text.endIndex, text[place + 1] == UInt8(ascii: "x"),
        let byte = UInt8(String(decoding: text[(place + 2)...(place + 3)], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        place += 4
      } else {
        bytes.append(text[place])
        place += 1
      }
    }
    return bytes
  }
}
