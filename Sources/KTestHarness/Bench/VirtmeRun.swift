internal import Foundation
import KTestGuests
import KTestValues

/// virtme-ng, where it is installed and can boot this kernel.
struct VirtmeRun {
  let arguments: [String]
  private(set) var problem: String?

  init(
    _ build: KernelBuild, accelerator: Accelerator,
    path: String = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
  ) {
    let folder = URL(filePath: build.imagePath).deletingLastPathComponent().path
    let image = build.moduleLayout == .buildTree ? folder : build.imagePath
    arguments = ["--run", image, "--exec", "true"] + (accelerator == .tcg ? ["--disable-kvm"] : [])
    if !path.split(separator: ":").contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/vng") }) {
      problem = "not installed"
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
