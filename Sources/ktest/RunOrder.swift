import Foundation
import KTestHarness

/// What is to be run: from the command line, or from the journal of an earlier run.
struct RunOrder {
  var suites: [SuiteFile]
  var kernels: [String]
  var parameters: [String: String]
  /// Identities of the kernels of the run that is repeated, in order.
  private var identities: [String] = []

  init(_ command: RunCommand) throws {
    suites = try command.suites.map(SuiteFile.find)
    let names = suites.map(\.suite.name)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      suites = try RunOrder.merged(suites, named: twice)
    }
    kernels = command.kernel
    if kernels.isEmpty {
      // In a tree, or in the output directory of `make O=…`.
      let isTree = ["", "source/"].contains { folder in
        ["Kbuild", "MAINTAINERS"].allSatisfy { FileManager.default.fileExists(atPath: folder + $0) }
      }
      guard isTree else {
        throw Failure(.usage, "no kernel: give --kernel, or run ktest inside a kernel tree that is built")
      }
      kernels = ["."]
    }
    parameters = [:]
    for setting in command.settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      parameters[parts[0]] = parts[1]
    }
    let known = Set(suites.flatMap { $0.suite.parameters.map(\.name) })
    for name in parameters.keys.sorted() where !known.contains(name) {
      let list = known.isEmpty ? "they have none" : "they have \(known.sorted().joined(separator: ", "))"
      throw Failure(.usage, "--set \(name): none of these suites has such a parameter; \(list)")
    }
  }

  /// `suite:a suite:b` is one suite with two cases.
  private static func merged(_ files: [SuiteFile], named name: String) throws -> [SuiteFile] {
    var result: [SuiteFile] = []
    for file in files {
      guard let place = result.firstIndex(where: { $0.suite.name == file.suite.name }) else {
        result.append(file)
        continue
      }
      guard result[place].path == file.path else {
        throw Failure(.usage, "two files are suites of the name \(name): \(result[place].path), \(file.path)")
      }
      result[place].cases = result[place].cases.isEmpty || file.cases.isEmpty ? [] : result[place].cases + file.cases
    }
    return result
  }

  /// The same suites (as they were), kernels and parameters once more.
  init(again name: String, places: Places) throws {
    let directory = try findRun(name, in: places.stateDirectory)
    guard let manifest = try readJournal(at: directory).manifest else {
      throw Failure(.data, "the run \(directory) was killed before its manifest was written; it cannot be repeated")
    }
    suites = try manifest.suites.map { suite in
      let cases = manifest.selection.filter { $0.hasPrefix("\(suite.name):") }
      let names = cases.map { String($0.dropFirst(suite.name.count + 1)) }
      return try SuiteFile.read("\(directory)/\(suite.file)", cases: names)
    }
    kernels = manifest.kernels.map { RunOrder.argument(for: $0) }
    identities = manifest.kernels.map(\.identity)
    parameters = manifest.parameters
  }

  private static func argument(for kernel: RunManifest.Kernel) -> String {
    // "debian:6.12-cloud (package version)" for packages, a path for everything else.
    kernel.source.split(separator: " ").first.map(String.init) ?? kernel.image
  }

  /// One sentence for each kernel that is not the one of the repeated run any more.
  func differences(from builds: [KernelBuild]) -> [String] {
    zip(identities, builds).compactMap { identity, build in
      identity == build.identity ? nil : "\(build.label) has changed since the run that is repeated"
    }
  }
}

extension RunJob {
  /// Two kernels of one label get numbers, so that a report can tell them apart.
  static func withDistinctLabels(_ kernels: [KernelBuild]) -> [KernelBuild] {
    var seen: [String: Int] = [:]
    return kernels.map { kernel in
      var kernel = kernel
      let count = seen[kernel.label, default: 0] + 1
      seen[kernel.label] = count
      if count > 1 { kernel.label += "#\(count)" }
      return kernel
    }
  }
}

extension Plan {
  /// `--dry-run`
  var text: String {
    var lines = ["\(cases) cases in \(boots) boots under \(settings.accelerator.rawValue)"]
    for planned in suites {
      lines.append("\(planned.suite.name) on \(planned.kernel.label): \(planned.boots) boots")
      for test in planned.cases {
        let limit = test.test.timeout.seconds * settings.timeFactor
        lines.append(
          test.skip.map { "  skip  \(test.test.name): \($0)" } ?? "  run   \(test.test.name), at most \(Int(limit)) s")
      }
    }
    return lines.map { sanitised($0) }.joined(separator: "\n") + "\n"
  }
}
