internal import Foundation
import KTestValues

/// The directories that ktest uses.
package struct Places: Sendable, Equatable {
  /// The directory that keeps runs and searches.
  package var stateDirectory: String
  /// The directory that keeps kernels, images, builds and probes. It may be deleted.
  package var cacheDirectory: String
  /// The working directory; empty if it was deleted.
  package var workingDirectory: String
  /// The directory with the shipped `suites` and `images`; nil if none was found.
  package var home: String?
  /// The path of `ktest-agent`.
  package var agent: String

  package init(
    stateDirectory: String, cacheDirectory: String, workingDirectory: String, home: String?, agent: String
  ) {
    self.stateDirectory = stateDirectory
    self.cacheDirectory = cacheDirectory
    self.workingDirectory = workingDirectory
    self.home = home
    self.agent = agent
  }

  /// Finds the places by the XDG Base Directory Specification, `$KTEST_HOME` and the place of the executable.
  ///
  /// - Parameters:
  ///   - state: the directory of `--state`; nil for the default.
  ///   - cache: the directory of `--cache`; nil for the default.
  package init(
    state: String? = nil, cache: String? = nil, environment: [String: String], workingDirectory: String,
    executable: String
  ) {
    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)" }
    func xdg(_ variable: String, _ fallback: String) -> String {
      if let base = environment[variable], base.hasPrefix("/") { return "\(base)/ktest" }
      return "\(environment["HOME"] ?? NSHomeDirectory())/\(fallback)/ktest"
    }
    let folder = Places.folder(of: executable)
    self.init(
      stateDirectory: state.map(absolute) ?? xdg("XDG_STATE_HOME", ".local/state"),
      cacheDirectory: cache.map(absolute) ?? xdg("XDG_CACHE_HOME", ".cache"),
      workingDirectory: workingDirectory, home: environment["KTEST_HOME"] ?? Places.home(above: folder),
      agent: "\(folder)/ktest-agent")
  }

  private static func folder(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  /// Returns the nearest directory above the executable that has suites and images.
  private static func home(above start: String) -> String? {
    var folder = start
    while !folder.isEmpty {
      let has = { (name: String) in FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
      if has("suites") && has("images") { return folder }
      if has("share/ktest/suites") { return "\(folder)/share/ktest" }
      folder = Places.folder(of: folder)
    }
    return nil
  }

  /// The reason why these places cannot be used, or nil. No libvirt URI and no Makefile supports a path with control
  /// characters.
  package var problem: String? {
    let places = [
      ("the state's directory", stateDirectory, "--state DIR"), ("the cache", cacheDirectory, "--cache DIR"),
      ("the directory of suites and recipes", home ?? "", "$KTEST_HOME"),
    ]
    for (what, path, remedy) in places where PathText.hasControls(path) {
      return "\(what) cannot be in a path with control characters, \"\(PathText.shown(path))\"; "
        + "give another with \(remedy)"
    }
    return nil
  }

  /// The path of this program, which workers on other hosts are, too.
  package var executable: String { "\(Places.folder(of: agent))/ktest" }

  /// The path of QEMU's plugin that counts what each function executes.
  package var plugin: String { "\(Places.folder(of: agent))/libktest-plugin.so" }

  /// The places that a run uses.
  ///
  /// - Throws: ``Failure``.
  package var run: RunPlaces {
    get throws {
      guard FileManager.default.isExecutableFile(atPath: agent) else {
        throw Failure(.host, "the guest's agent is missing: \(agent); build it with 'swift build'")
      }
      return RunPlaces(agent: agent, images: try folders("images"), cache: cacheDirectory)
    }
  }

  /// Returns the directories with this name, the user's own first.
  ///
  /// - Throws: ``Failure`` if there is none.
  package func folders(_ name: String) throws -> [String] {
    let own = workingDirectory.isEmpty ? nil : "\(workingDirectory)/\(name)"
    let shipped = home.map { "\($0)/\(name)" }
    let folders = [own, shipped].compactMap { $0 }.filter { FileManager.default.fileExists(atPath: $0) }
    guard !folders.isEmpty else {
      throw Failure(.host, "no directory '\(name)' here or next to ktest; set KTEST_HOME to the directory that has it")
    }
    return folders.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
