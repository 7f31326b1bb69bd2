internal import Foundation
package import KTestHost
package import KTestValues

/// The options for builds from source: `--base`, `--fragment` and `--jobs`.
package struct KernelBuildOptions: Sendable, Equatable {
  /// The start of the configuration: `allnoconfig`, `defconfig` or a file.
  package var base: String
  /// Files with lines of a `.config`.
  package var fragments: [String]
  /// The number of parallel compilations; nil for the number of CPUs.
  package var jobs: Int?

  package init(base: String = "allnoconfig", fragments: [String] = [], jobs: Int? = nil) {
    self.base = base
    self.fragments = fragments
    self.jobs = jobs
  }

  package var processes: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  /// Returns the request for a kernel that these suites can run on.
  ///
  /// - Parameter source: a tree, `TREE@REVISION` or `debian:linux-source-VERSION`.
  package func request(
    _ source: String, suites: [Suite], casesMayBeSkipped: Bool = false
  ) throws -> KernelBuildRequest {
    var request = KernelBuildRequest(
      source: try KernelTreeName(parsing: source, isDirectory: KernelBuildOptions.isDirectory), base: try start(),
      jobs: processes)
    let isAlone = suites.count == 1 && suites[0].cases.count == 1
    for suite in suites {
      let (symbols, modules) = buildWishes(of: suite, casesMayBeSkipped: casesMayBeSkipped, isAlone: isAlone)
      request.wishes += symbols
      request.modules += modules
      if let collection = suite.collection, suite.isWholeCollection { request.selftests.append(collection.folder) }
    }
    var problems: [String] = []
    for file in fragments {
      let read = ConfigFragment(parsing: try readInput(file), name: file)
      request.wishes += read.wishes
      problems += read.problems
    }
    guard problems.isEmpty else { throw KernelBuildError.badFragment(problems: problems) }
    return request
  }

  /// Returns whether the value of `--kernel` is a source to build, not a finished kernel.
  package static func isSource(_ kernel: String) -> Bool {
    let has = { (name: String) in FileManager.default.fileExists(atPath: "\(kernel)/\(name)") }
    switch try? KernelTreeName(parsing: kernel, isDirectory: isDirectory) {
    case nil: return false
    case .debian, .revision: return true
    case .directory: return has("Makefile") && (has("Kconfig") || has("source"))
    }
  }

  package static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  private func start() throws -> KernelBuildRequest.Base {
    switch base {
    case "allnoconfig": .allnoconfig
    case "defconfig": .defconfig
    default: .text(try readInput(base), name: base)
    }
  }
}

extension BuiltKernel {
  /// A one-line summary.
  package var summary: String {
    let work = isFromCache ? "from the cache" : "\(filesCompiled) files compiled"
    let extra = supplements.isEmpty ? "" : ", also switched on: \(supplements.joined(separator: ", "))"
    let warned = warnings.isEmpty ? "" : ", \(warnings.count) warnings"
    return "kernel \(kernel.label): \(work)\(warned), \(String(format: "%.1f", seconds)) s\(extra)"
  }
}
