import Glibc

/// Tells whether a full disk is the reason why a program failed.
enum DiskSpace {
  /// Returns whether ordinary users can write nothing more. Some programs do not notice that their output was truncated.
  static func isExhausted(at path: String) -> Bool {
    var space = statvfs()
    return statvfs(path, &space) == 0 && space.f_blocks > 0 && space.f_bavail == 0
  }

  /// Returns whether a program's own message blames the disk.
  static func isBlamed(in complaint: String) -> Bool {
    ["No space left on device", "enough free space", "Disk quota exceeded"].contains { complaint.contains($0) }
  }
}
