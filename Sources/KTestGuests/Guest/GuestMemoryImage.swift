internal import Foundation
import KTestHost

/// The file into which QEMU writes a guest's memory.
enum GuestMemoryImage {
  /// The space in bytes that a run still needs during and after the dump: consoles, its last events.
  private static let spare: UInt64 = 256 << 20

  /// Creates the file's folder, and refuses if the disk might not hold the image.
  ///
  /// - Parameter memory: the guest's memory in bytes, which is the size of an incompressible image.
  static func prepare(_ path: String, memory: UInt64) throws(GuestError) {
    let folder = Paths.parent(path)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch { throw .noProbe("\(folder) cannot be created (\(error.localizedDescription))") }
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { throw .noProbe("cannot determine the free space of \(folder)") }
    let free = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
    if let reason = refusal(memory: memory, free: free) { throw .noProbe("\(reason) in \(folder)") }
  }

  package static func refusal(memory: UInt64, free: UInt64) -> String? {
    let needed = memory + spare
    guard free < needed else { return nil }
    return "a memory image may need \(needed >> 20) MiB, but only \(free >> 20) MiB are free"
  }
}
