internal import Foundation
import KTestHost

/// The state of KVM on this host.
package enum KVMState: Sendable, Equatable, Codable, CustomStringConvertible {
  /// A guest has booted under it.
  case boots
  /// There is no `/dev/kvm`.
  case absent
  /// `/dev/kvm` exists, but the user whom guests run as may not open it.
  case forbidden
  /// `/dev/kvm` opens, but no guest boots under it.
  case doesNotBoot(String)

  package var description: String {
    switch self {
    case .boots: "KVM works: a guest has booted under it"
    case .absent: "no /dev/kvm on this host"
    case .forbidden:
      "/dev/kvm exists, but the user whom guests run as may not open it; set its group to 'kvm' and add that user to the group"
    case .doesNotBoot(let why): "/dev/kvm opens, but no guest boots under it (\(why))"
    }
  }
}

/// The folder for the result of the probe cannot be created.
package struct ProbeFolderError: Error, Equatable, CustomStringConvertible {
  package var path: String
  package var reason: String

  package var description: String {
    "cannot create the directory \(path): \(reason); move it away, or choose another cache directory"
  }
}

/// Tests KVM by booting a guest under it.
///
/// `/dev/kvm` can exist, open, report its version and even create a VM on a host where no kernel gets past the
/// firmware, as in nested clouds and CI runners. The result is cached until the host reboots or QEMU or the kvm module
/// changes.
package struct KVMProbe: Sendable {
  private let directory: String
  private let device: String
  /// The time limit for the tiny guest, which needs a third of a second if KVM works.
  package static let deadline = Duration.seconds(5)

  package init(cacheDirectory: String, device: String = "/dev/kvm") {
    directory = "\(cacheDirectory)/probes"
    self.device = device
  }

  private struct Remembered: Codable {
    var key: String
    var state: KVMState
  }

  /// Returns the state of KVM, booting the tiny guest unless the result is cached.
  /// - Parameter afresh: whether to ignore a cached result.
  package func state(on host: some GuestHost, qemu: String, afresh: Bool = false) async throws -> KVMState {
    var information = stat()
    guard stat(device, &information) == 0 else { return .absent }
    let access = "mode=\(information.st_mode) owner=\(information.st_uid):\(information.st_gid)"
    let descriptor = open(device, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return .forbidden }
    close(descriptor)
    let key = "\(KVMProbe.key(qemu: qemu)) \(access)"
    let file = "\(directory)/kvm.json"
    if !afresh, let text = HostFiles.smallText(of: file),
      let known = try? JSONDecoder().decode(Remembered.self, from: Data(text.utf8)), known.key == key
    {
      return known.state
    }
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      var status = stat()
      let isFile = stat(directory, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
      throw ProbeFolderError(path: directory, reason: isFile ? "a file with that name exists" : "\(error)")
    }
    let state = try await boot(on: host)
    if let data = try? JSONEncoder().encode(Remembered(key: key, state: state)) {
      try? data.write(to: URL(filePath: file), options: .atomic)
    }
    return state
  }

  private static func key(qemu: String) -> String {
    let modules = ["kvm", "kvm_intel", "kvm_amd"].map { name in
      let version = HostFiles.smallText(of: "/sys/module/\(name)/srcversion")?.split(separator: "\n").first.map(
        String.init)
      return "\(name)=\(version ?? "-")"
    }
    return "\(FileMark.boot) qemu=\(qemu) \(modules.joined(separator: " "))"
  }

  private func boot(on host: some GuestHost) async throws -> KVMState {
    let image = "\(directory)/tiny-guest-\(getpid()).elf"
    try Data(TinyGuest.image).write(to: URL(filePath: image), options: .atomic)
    defer { unlink(image) }
    let description = GuestDescription(
      name: "ktest-probe-\(getpid())", accelerator: .kvm, memory: 64 << 20, cpus: 1, kernel: image, initramfs: nil,
      commandLine: "")
    do {
      return try await host.withGuest(description) { guest in try await KVMProbe.watch(guest) }
    } catch let error as VirtError {
      let refused = "Could not access KVM kernel module: Permission denied"
      if error.message.contains(refused) { return .forbidden }
      return .doesNotBoot("QEMU does not start with it: \(KVMProbe.essence(of: error.message))")
    }
  }

  /// Returns the relevant part of libvirt's message, which contains all output of QEMU: the text after "error: ", else
  /// the last line.
  static func essence(of message: String) -> String {
    let lines = message.split(separator: "\n").map(String.init)
    for line in lines {
      if let mark = line.range(of: "qemu-system-x86_64: error: ") { return String(line[mark.upperBound...]) }
    }
    return lines.last ?? message
  }

  static func watch(_ guest: any Guest) async throws -> KVMState {
    let limit = ContinuousClock.now + deadline
    var seen: [UInt8] = []
    let wanted = Array(TinyGuest.message.utf8.dropLast())
    while true {
      switch await guest.next(before: limit) {
      case .event(.console(let bytes)):
        seen = Array((seen + bytes).suffix(1 << 16))
        if String(decoding: seen, as: UTF8.self).contains(String(decoding: wanted, as: UTF8.self)) { return .boots }
      case .event(.ended): return .doesNotBoot("the tiny guest ended without output")
      case .event: continue
      case .deadline: return .doesNotBoot("the tiny guest printed nothing within \(Int(deadline.components.seconds)) s")
      case .cancelled: throw CancellationError()
      }
    }
  }
}
