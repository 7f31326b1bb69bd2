/// What a host has, and what of it can be given to one more guest, as it is seen at one moment.
package struct HostRoom: Sendable, Equatable {
  package var processors: Int
  /// All physical memory in bytes.
  package var memory: UInt64
  /// What programs can still get without making the host swap, in bytes.
  package var available: UInt64
  /// How many more files this process may open.
  package var files: Int
  /// The memory that guests of any ktest have by now, in bytes, by their names.
  package var resident: [String: UInt64]

  package init(
    processors: Int, memory: UInt64, available: UInt64, files: Int, resident: [String: UInt64] = [:]
  ) {
    self.processors = processors
    self.memory = memory
    self.available = available
    self.files = files
    self.resident = resident
  }

  /// Returns a number of `/proc/meminfo` in bytes; nil if it is not there. The file counts KiB
  /// (Documentation/filesystems/proc.rst).
  package static func bytes(of field: String, in meminfo: String) -> UInt64? {
    for line in meminfo.split(separator: "\n") where line.hasPrefix("\(field):") {
      guard let number = line.split(separator: " ").dropFirst().first.flatMap({ UInt64($0) }) else { return nil }
      return number.multipliedReportingOverflow(by: 1024).overflow ? nil : number * 1024
    }
    return nil
  }
}
