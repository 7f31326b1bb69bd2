import FoundationEssentials

/// Parts of a kernel to be compiled in one configuration.
public struct TargetRequest: Sendable {
  public var base: KernelBuildRequest.Base
  /// Each is checked in the configuration that Kconfig makes of them.
  public var wishes: [ConfigWish]
  /// Directories with a slash at the end, `.o` and `.ko` files.
  public var targets: [String]
  /// Processes at once.
  public var jobs: Int

  public init(base: KernelBuildRequest.Base = .allnoconfig, wishes: [ConfigWish], targets: [String], jobs: Int = 1) {
    self.base = base
    self.wishes = wishes
    self.targets = targets
    self.jobs = jobs
  }
}

/// What was compiled, or found compiled.
public struct CompiledTargets: Sendable, Equatable {
  /// In the order of the request.
  public var sizes: [TargetSize]
  /// Each once, however often the compiler repeats it.
  public var warnings: [String]
  /// What was switched on because something wished depends on it: `ZONE_DEVICE (for DEVICE_PRIVATE)`.
  public var supplements: [String]
  public var isFromCache: Bool
}

/// What size(1) says of a target: of all members of a directory's `built-in.a`, or of one file. In bytes.
public struct TargetSize: Sendable, Equatable, Codable {
  public var target: String
  public var text: UInt64
  public var data: UInt64
  public var bss: UInt64

  public var isModule: Bool { target.hasSuffix(".ko") }

  /// The table that `size --format=berkeley` prints, its rows added up.
  init(target: String, table: String) {
    self.target = target
    (text, data, bss) = (0, 0, 0)
    for line in table.split(separator: "\n").dropFirst() {
      let columns = line.split { $0 == " " || $0 == "\t" }.prefix(3).compactMap { UInt64($0) }
      guard columns.count == 3 else { continue }
      text += columns[0]
      data += columns[1]
      bss += columns[2]
    }
  }

  /// The file that is measured, from the top of the build directory.
  static func file(of target: String) -> String { target.hasSuffix("/") ? "\(target)built-in.a" : target }
}

/// What was compiled in a build directory, and of what.
struct TargetRecord: Codable, Equatable {
  /// Of the source; nil while something is under way.
  var state: String?
  var warnings: [String] = []
  var supplements: [String] = []

  static func read(_ directory: String) -> TargetRecord? {
    guard let bytes = try? KernelFiles.read("\(directory)/targets.json", limit: 4 << 20) else { return nil }
    return try? JSONDecoder().decode(TargetRecord.self, from: Data(bytes))
  }

  func write(_ directory: String) throws(KernelBuildError) {
    let path = "\(directory)/targets.json"
    do {
      try DurableFile.write(Array(JSONEncoder().encode(self)), to: path)
    } catch {
      throw BuildFault.of(error, path: path)
    }
  }
}
