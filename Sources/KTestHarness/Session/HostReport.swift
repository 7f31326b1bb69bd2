internal import Foundation
import KTestGuests
import KTestHost
import KTestValues

/// What `ktest doctor --format json` says of this host, for programs that choose one of several.
package struct HostReport: Codable, Sendable, Equatable {
  /// The version of ktest.
  package var ktest = ktestVersion
  /// Whether guests can run here.
  package var good = true
  /// Seconds since 1970, by this host's clock.
  package var time: Int
  package var machine: Machine
  package var guests = Guests()
  package var disk: Disk
  package var findings: [Finding] = []

  package struct Machine: Codable, Sendable, Equatable {
    package var name: String
    package var processors: Int
    package var model: String
    /// What the first processor can do, in the words of `/proc/cpuinfo`.
    package var flags: [String]
    /// In bytes.
    package var memory: UInt64
    /// What can be given without swapping, in bytes.
    package var available: UInt64
    /// The release of the kernel.
    package var kernel: String
  }

  package struct Guests: Codable, Sendable, Equatable {
    /// The versions; nil where libvirt gives no guest.
    package var libvirt: String?
    package var qemu: String?
    /// Whether a guest has booted under KVM.
    package var kvm = false
    /// Whether guests can be forked.
    package var forks = false
    /// The user whom guests run as; nil for ktest's own, or if another driver decides.
    package var user: String?
  }

  package struct Disk: Codable, Sendable, Equatable {
    /// What is free for runs and for kernels and images, in bytes.
    package var state: UInt64
    package var cache: UInt64
  }

  package struct Finding: Codable, Sendable, Equatable {
    package var kind: HostFinding.Kind
    package var text: String
  }

  init(_ places: Places) {
    let (host, room) = (RunManifest.Host.current(), HostRoom.now())
    let processor = HostReport.processor(in: HostFiles.smallText(of: "/proc/cpuinfo") ?? "")
    time = Int(Date.now.timeIntervalSince1970)
    machine = Machine(
      name: ProcessInfo.processInfo.hostName, processors: host.cpus, model: processor.model, flags: processor.flags,
      memory: host.memory, available: room.available, kernel: host.kernel)
    disk = Disk(
      state: HostReport.free(at: places.stateDirectory), cache: HostReport.free(at: places.cacheDirectory))
  }

  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// Returns the model and the flags of the first processor of `/proc/cpuinfo`.
  static func processor(in text: String) -> (model: String, flags: [String]) {
    func value(_ key: String) -> Substring? {
      let line = text.split(separator: "\n").first { $0.prefix { $0 != "\t" && $0 != ":" } == key }
      return line.flatMap { line in line.firstIndex(of: ":").map { line[line.index(after: $0)...] } }
    }
    return (
      value("model name").map { $0.trimmingCharacters(in: .whitespaces) } ?? "",
      (value("flags") ?? "").split(separator: " ").map(String.init).sorted()
    )
  }

  /// The bytes that a user may still write at a path, or where it would be made.
  private static func free(at path: String) -> UInt64 {
    var (path, disk) = (path, statvfs())
    while statvfs(path, &disk) != 0 {
      guard errno == ENOENT, path.contains("/"), path != "/" else { return 0 }
      path = Paths.parent(path)
    }
    return UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
  }
}
