import ArgumentParser
import Foundation
import KTestHarness

/// Where things are; the same flags on every command that needs them.
struct Places: ParsableArguments {
  @Option(help: ArgumentHelp("Keep runs in this directory.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("Keep kernels, images and probes in this directory.", valueName: "dir"))
  var cache: String?

  /// XDG Base Directory Specification.
  var stateDirectory: String { absolute(state) ?? xdg("XDG_STATE_HOME", ".local/state") }
  var cacheDirectory: String { absolute(cache) ?? xdg("XDG_CACHE_HOME", ".cache") }
  var kernels: KernelCache { KernelCache(directory: "\(cacheDirectory)/kernels", notice: Places.notice) }
  var builds: KernelBuildCache { KernelBuildCache(root: cacheDirectory, notice: Places.notice) }

  private static let notice: @Sendable (String) -> Void = { writeAll(sanitised("ktest: \($0)") + "\n", to: 2) }

  /// A relative directory means nothing where the working directory was deleted, and no libvirt URI or Makefile takes a
  /// path with control characters.
  func validate() throws {
    for (option, path) in [("--state", state), ("--cache", cache)] {
      guard let path, !path.hasPrefix("/"), FileManager.default.currentDirectoryPath.isEmpty else { continue }
      throw ValidationError("\(option) \(path) is relative, and the working directory is gone; give an absolute path")
    }
    let places = [
      ("the state's directory", stateDirectory, "--state DIR"), ("the cache", cacheDirectory, "--cache DIR"),
      ("the directory of suites and recipes", Places.home ?? "", "$KTEST_HOME"),
    ]
    for (what, path, remedy) in places where PathText.hasControls(path) {
      throw ValidationError(
        "\(what) cannot be in a path with control characters, \"\(PathText.shown(path))\"; give another with \(remedy)")
    }
  }

  private func xdg(_ variable: String, _ fallback: String) -> String {
    let environment = ProcessInfo.processInfo.environment
    if let base = environment[variable], base.hasPrefix("/") { return "\(base)/ktest" }
    return "\(environment["HOME"] ?? NSHomeDirectory())/\(fallback)/ktest"
  }

  private func absolute(_ path: String?) -> String? {
    path.map { $0.hasPrefix("/") ? $0 : "\(FileManager.default.currentDirectoryPath)/\($0)" }
  }

  /// The directory with `suites` and `images`: `$KTEST_HOME`, else the nearest one above the executable.
  static var home: String? {
    if let home = ProcessInfo.processInfo.environment["KTEST_HOME"] { return home }
    var folder = URL(filePath: executable).deletingLastPathComponent()
    while folder.path != "/" {
      let has = { (name: String) in FileManager.default.fileExists(atPath: "\(folder.path)/\(name)") }
      if has("suites") && has("images") { return folder.path }
      if has("share/ktest/suites") { return "\(folder.path)/share/ktest" }
      folder.deleteLastPathComponent()
    }
    return nil
  }

  private static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  var run: RunPlaces {
    get throws {
      let agent = URL(filePath: Places.executable).deletingLastPathComponent().appending(path: "ktest-agent").path
      guard FileManager.default.isExecutableFile(atPath: agent) else {
        throw Failure(.host, "the guest's agent is missing: \(agent); build it with 'swift build'")
      }
      return RunPlaces(agent: agent, images: try Places.folders("images"), cache: cacheDirectory)
    }
  }

  /// The folders of that name, the user's own first.
  static func folders(_ name: String) throws -> [String] {
    let here = FileManager.default.currentDirectoryPath
    let own = here.isEmpty ? nil : "\(here)/\(name)"
    let shipped = home.map { "\($0)/\(name)" }
    let folders = [own, shipped].compactMap { $0 }.filter { FileManager.default.fileExists(atPath: $0) }
    guard !folders.isEmpty else {
      throw Failure(.host, "no directory '\(name)' here or beside ktest; set KTEST_HOME to the directory that has it")
    }
    return folders.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// An error for people, and the exit code that goes with it.
struct Failure: Error, CustomStringConvertible {
  /// sysexits.h, where it has a word for it.
  enum Kind: Int32 { case failed = 1, usage = 64, data = 65, host = 69, interrupted = 130 }

  var kind: Kind
  var description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// What kind of trouble an error of the library is.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case is CancellationError: self.init(.interrupted, "interrupted")
    case let error as PlanError:
      self.init(error.isSelection ? .usage : error.isUsage ? .data : .host, error.description)
    case let error as KernelError: self.init(error.isUsage ? .usage : error.isData ? .data : .host, error.description)
    case let error as KernelBuildError: self.init(error.exitKind, error.description)
    case let error as SymbolError: self.init(error.isUsage ? .usage : .host, error.description)
    case let error as LogError: self.init(error.isUsage ? .usage : .host, error.description)
    case let error as ImageError: self.init(error.exitKind, error.description)
    case let error as OutputProblem: self.init(error.wasChecked ? .host : .usage, error.description)
    case let error as GitProblem: self.init(.usage, error.description)
    case let error as GitFailure: self.init(error.isUsage ? .usage : .host, error.description)
    case let error as CommitGraphProblem: self.init(.usage, error.description)
    case let error as JournalError: self.init(error.isUsage ? .usage : .host, error.description)
    default: self.init(.host, "\(error)")
    }
  }
}

extension ImageError {
  fileprivate var exitKind: Failure.Kind {
    switch self {
    case .parameterInvalid, .placeUnfit: .usage
    // The recipe is right, and this host lacks something.
    case .inRecipe(_, _, _, .programMissing): .host
    case .inRecipe: .data
    default: .host
    }
  }
}

extension KernelBuildError {
  fileprivate var exitKind: Failure.Kind {
    switch kind {
    case .usage: .usage
    case .configuration: .data
    case .source: .failed
    case .host: .host
    }
  }
}

/// Runs a command's body: an error becomes one message on stderr and the right exit code.
func reporting(_ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let code as ExitCode { throw code } catch let error as CleanExit { throw error } catch {
    let failure = Failure(error)
    writeAll("ktest: \(sanitised(failure.description, keepingLines: true))\n", to: 2)
    throw ExitCode(failure.kind.rawValue)
  }
}

/// Sanitises line by line.
func sanitised(_ text: String, keepingLines: Bool) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { sanitised(String($0)) }.joined(separator: "\n")
}
