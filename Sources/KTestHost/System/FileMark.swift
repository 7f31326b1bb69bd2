import Glibc

/// The properties that show whether a file was touched: its size, both of its times, and its place on the disk.
package struct FileMark: Sendable, Equatable {
  package var text: String
  /// The time of the last change of its content, in seconds since 1970.
  package var modified: Int

  /// Returns nil if there is no such file, or if it is not regular.
  package init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    modified = status.st_mtim.tv_sec
    // Only the kernel sets the time of change: setting a file's time back changes it.
    text =
      "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec)."
      + "\(status.st_ctim.tv_nsec) \(status.st_dev):\(status.st_ino)"
  }

  /// Whether the file is older than the resolution of its times; a newer one may change again unnoticed.
  package var isSettled: Bool { time(nil) - modified > 2 }

  /// Changes with every boot of the host; empty where procfs has none.
  package static let boot =
    HostFiles.smallText(of: "/proc/sys/kernel/random/boot_id")?.split(whereSeparator: \.isWhitespace).first
    .map(String.init) ?? ""
}
