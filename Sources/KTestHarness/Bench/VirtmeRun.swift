internal import Foundation
import KTestGuests
import KTestValues

/// virtme-ng, where it is installed and can boot this kernel.
struct VirtmeRun {
  let arguments: [String]
  private(set) var problem: String?

  /// What a kernel must have built in, beyond what ktest needs itself.
  static let needs = ["INET", "INOTIFY_USER", "NETWORK_FILESYSTEMS", "NET_9P", "NET_9P_VIRTIO", "9P_FS", "OVERLAY_FS"]
  /// The fragment that asks for it.
  static let fragment = "examples/virtme-ng.config"
  /// Where its init looks for udev, which makes the names of the ports by which it is told what to do.
  static let udev = ["/usr/lib/systemd/systemd-udevd", "/lib/systemd/systemd-udevd"]

  init(
    _ build: KernelBuild, accelerator: Accelerator,
    path: String = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", udev: [String] = VirtmeRun.udev
  ) {
    // It takes a tree by its bzImage, which a kernel that ktest has built does not keep.
    let folder = URL(filePath: build.imagePath).deletingLastPathComponent().path
    let isTree = FileManager.default.fileExists(atPath: "\(folder)/arch/x86/boot/bzImage")
    arguments =
      ["--run", isTree ? folder : build.imagePath, "--exec", "true"] + (accelerator == .tcg ? ["--disable-kvm"] : [])
    if !path.split(separator: ":").contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/vng") }) {
      problem = "not installed"
      return
    }
    let lacking = VirtmeRun.needs.filter { symbol in build.config.map { $0.value(of: symbol) != .yes } ?? false }
    if !lacking.isEmpty {
      problem =
        "this kernel has no \(lacking.joined(separator: ", ")) built in; "
        + "build one with 'ktest kernel build SOURCE --fragment \(VirtmeRun.fragment)'"
    } else if !udev.contains(where: { FileManager.default.isExecutableFile(atPath: $0) }) {
      problem = "its guest has the programs of this host, and there is no udev; install the package udev"
    }
  }

  /// The seconds of one run; nil from the first failure on, and `problem` says why.
  mutating func measure() async throws -> Double? {
    guard problem == nil else { return nil }
    let process = try await TimedProcess.run("vng", arguments)
    if process.succeeded { return process.seconds }
    let said = process.lastLine.isEmpty ? "it printed nothing" : process.lastLine
    problem = "cannot boot this kernel here (\(said))"
    return nil
  }
}
