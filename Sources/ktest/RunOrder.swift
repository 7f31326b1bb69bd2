import Foundation
import KTestHarness

/// What is to be run: from the command line, or from the journal of an earlier run.
struct RunOrder {
  var suites: [SuiteFile]
  var kernels: [String]
  var parameters: [String: String]
  /// Identities of the kernels of the run that is repeated, in order.
  private(set) var identities: [String] = []

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
    parameters = try suiteParameters(command.settings, of: suites.map(\.suite))
    for setting in command.matrix { try choose(setting) }
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
      let names = manifest.selection.compactMap { RunOrder.selection($0, of: suite.name) }
      return try SuiteFile.read("\(directory)/\(suite.file)", cases: names)
    }
    kernels = manifest.kernels.map(\.argument)
    identities = manifest.kernels.map(\.identity)
    parameters = manifest.parameters
  }

  /// What a line of a manifest's selection chooses of that suite: `suite:CASE`, `suite[axis=value]:CASE`.
  static func selection(_ text: String, of suite: String) -> String? {
    if text.hasPrefix("\(suite):") { return String(text.dropFirst(suite.count + 1)) }
    return text.hasPrefix("\(suite)[") ? String(text.dropFirst(suite.count)) : nil
  }

  /// `--matrix axis=value`: of every suite that has the axis, only those cells.
  private mutating func choose(_ text: String) throws {
    let (axis, values) = try CaseSelection.setting(text)
    guard suites.contains(where: { $0.suite.matrix.contains { $0.name == axis } }) else {
      let names = Set(suites.flatMap { $0.suite.matrix.map(\.name) }).sorted()
      let known = names.isEmpty ? "they have none" : "they have \(names.joined(separator: ", "))"
      throw Failure(.usage, "--matrix \(text): none of these suites has such an axis; \(known)")
    }
    for place in suites.indices where suites[place].suite.matrix.contains(where: { $0.name == axis }) {
      let wanted = suites[place].cases.isEmpty ? ["*"] : suites[place].cases
      suites[place].cases = try wanted.map { text in
        var selection = try CaseSelection(parsing: text)
        selection.axes[axis, default: []] += values
        return selection.description
      }
    }
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
