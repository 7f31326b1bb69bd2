import FoundationEssentials
package import KTestValues

/// Parts of a kernel to compile in one configuration.
package struct TargetRequest: Sendable {
  package var base: KernelBuildRequest.Base
  /// The requested symbols, each of which is checked in the configuration that Kconfig produces.
  package var wishes: [ConfigWish]
  /// The targets: directories with a slash at the end, `.o` and `.ko` files.
  package var targets: [String]
  /// The number of concurrent processes.
  package var jobs: Int

  package init(base: KernelBuildRequest.Base = .allnoconfig, wishes: [ConfigWish], targets: [String], jobs: Int = 1) {
    self.base = base
    self.wishes = wishes
    self.targets = targets
    self.jobs = jobs
  }
}

/// The result of compiling, or of finding everything compiled already.
package struct CompiledTargets: Sendable, Equatable {
  /// The sizes, in the order of the request.
  package var sizes: [TargetSize]
  /// The warnings, each once, however often the compiler repeats it.
  package var warnings: [String]
  /// The symbols that were switched on as dependencies of requested ones: `ZONE_DEVICE (for DEVICE_PRIVATE)`.
  package var supplements: [String]
  package var isFromCache: Bool
}

/// The sizes of a target in bytes as reported by size(1): of all members of a directory's `built-in.a`, or of one file.
package struct TargetSize: Sendable, Equatable, Codable {
  package var target: String
  package var text: UInt64
  package var data: UInt64
  package var bss: UInt64

  package var isModule: Bool { target.hasSuffix(".ko") }

  /// Parses the table that `size --format=berkeley` prints and adds up its rows.
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

  /// Returns the file to measure, relative to the top of the build directory.
  static func file(of target: String) -> String { target.hasSuffix("/") ? "\(target)built-in.a" : target }
}

/// A record of what was compiled in a build directory, and from which source.
struct TargetRecord: Codable, Equatable {
  /// The state of the source; nil while a build is under way.
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
