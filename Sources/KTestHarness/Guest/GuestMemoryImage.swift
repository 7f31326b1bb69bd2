internal import Foundation

/// The file into which QEMU writes a guest's memory.
enum GuestMemoryImage {
  /// What a run still has to write while and after the image is: consoles, its last events.
  private static let spare: UInt64 = 256 << 20

  /// Makes the file's folder, and refuses where the disk might not hold the image.
  ///
  /// - Parameter memory: of the guest, in bytes; what cannot be compressed is that large.
  static func prepare(_ path: String, memory: UInt64) throws(GuestError) {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch { throw .noProbe("\(folder) cannot be created (\(error.localizedDescription))") }
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { throw .noProbe("the free space of \(folder) is not known") }
    let free = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
    if let reason = refusal(memory: memory, free: free) { throw .noProbe("\(reason) in \(folder)") }
  }

  static func refusal(memory: UInt64, free: UInt64) -> String? {
    let needed = memory + spare
    guard free < needed else { return nil }
    return "a memory image may need \(needed >> 20) MiB, and \(free >> 20) MiB are free"
  }
}
