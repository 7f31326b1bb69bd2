import Glibc

/// What tells that a file was not touched: its size, both of its times, and its place on the disk.
struct FileMark: Sendable, Equatable {
  var text: String
  /// Seconds since 1970, of the last change of its content.
  var modified: Int

  /// nil where there is no such file, or it is not a regular one.
  init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    modified = status.st_mtim.tv_sec
    // The time of change is set by the kernel alone: who writes a file and sets its time back changes this one.
    text =
      "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec)."
      + "\(status.st_ctim.tv_nsec) \(status.st_dev):\(status.st_ino)"
  }

  /// A file written a moment ago may be written again within the resolution of its times.
  var isSettled: Bool { time(nil) - modified > 2 }

  /// Changes with every boot of the host; empty where procfs has none.
  static let boot =
    HostFiles.smallText(of: "/proc/sys/kernel/random/boot_id")?.split(whereSeparator: \.isWhitespace).first
    .map(String.init) ?? ""
}
