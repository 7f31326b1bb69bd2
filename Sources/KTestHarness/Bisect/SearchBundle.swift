import Foundation
import KTestHost
import KTestValues

/// A directory that replays what a search found on another machine: the suite, the configuration, the recipe with the
/// sources of its programs, every console, and a script.
struct SearchBundle {
  var header: BisectHeader
  var suite: SuiteFile
  /// Folders with image recipes.
  var images: [String]
  /// The culprit's kernel.
  var kernel: KernelBuild?
  var repository: String
  var commit: String
  /// The test as `ktest run` takes it: suite, cell and case.
  var test: String

  /// Writes the bundle in place of an earlier one.
  ///
  /// - Parameter steps: The search's journal, which says where the consoles are.
  func write(to folder: String, steps: [SearchStep]) throws {
    let files = FileManager.default
    try? files.removeItem(atPath: folder)
    do {
      try files.createDirectory(atPath: folder + "/consoles", withIntermediateDirectories: true)
      try Data(suite.bytes).write(to: URL(filePath: folder + "/\(suite.suite.name).yaml"))
      if let config = kernel?.configPath { try files.copyItem(atPath: config, toPath: folder + "/config") }
      try copyRecipe(to: folder)
      try copyConsoles(of: steps, to: folder)
      try Data(withoutSecrets(script).utf8).write(to: URL(filePath: folder + "/replay"))
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/replay")
    } catch { throw Failure(.host, "cannot create the bundle \(folder): \(error.localizedDescription)") }
  }

  private func copyRecipe(to folder: String) throws {
    let (files, name) = (FileManager.default, suite.suite.image)
    guard let source = images.first(where: { files.fileExists(atPath: "\($0)/\(name).yaml") }) else { return }
    try files.createDirectory(atPath: folder + "/images", withIntermediateDirectories: true)
    try files.copyItem(atPath: "\(source)/\(name).yaml", toPath: "\(folder)/images/\(name).yaml")
    if files.fileExists(atPath: source + "/src") {
      try files.copyItem(atPath: source + "/src", toPath: folder + "/images/src")
    }
  }

  private func copyConsoles(of steps: [SearchStep], to folder: String) throws {
    var number = 0
    for case .evidence(let evidence, _, let journal?) in steps {
      for file in RunConsoles.files(of: journal) {
        number += 1
        let subject = BisectText.name(evidence.subject).replacing(" ", with: "-")
        let name = "\(number)-\(subject)-\(evidence.outcome.rawValue).log"
        try FileManager.default.copyItem(atPath: file, toPath: "\(folder)/consoles/\(name)")
      }
    }
  }

  /// `replay [TREE]`
  var script: String {
    // The text after the suite's name: the cell and the case.
    let selection = test.dropFirst(suite.suite.name.count)
    let settings = header.settings.sorted { $0.key < $1.key }.map { " --set " + shellQuoted("\($0.key)=\($0.value)") }
    return """
      #!/bin/sh
      # replay [TREE]: builds the commit with this configuration and runs the case once.
      set -e
      tree=${1:-\(shellQuoted(repository))}
      tree=$(cd "$tree" && pwd)
      cd "$(dirname "$0")"
      exec ktest run \(shellQuoted("./\(suite.suite.name).yaml\(selection)")) --kernel "$tree@\(commit)" --build --base ./config\(settings.joined())

      """
  }
}

/// The consoles that a run has kept.
enum RunConsoles {
  /// In the order of the run's boots.
  static func files(of run: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: run + "/consoles")) ?? []
    return names.filter { $0.hasSuffix(".log") }.sorted().map { "\(run)/consoles/\($0)" }
  }

  /// The first splat of this signature that a run printed, with the log before it.
  static func splat(_ wanted: Signature, in run: String) -> (splat: Splat, before: [UInt8])? {
    for file in files(of: run) {
      guard let data = try? RegularFile.bytes(of: file, limit: 1 << 30) else { continue }
      var stream = SplatStream()
      let splats = stream.push(data) + stream.finish()
      if let splat = splats.first(where: { Signature($0).matches(wanted) }) {
        return (splat, Array(data.prefix(splat.byteRange.lowerBound)))
      }
    }
    return nil
  }
}
