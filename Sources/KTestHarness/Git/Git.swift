import FoundationEssentials
import Subprocess
import SystemPackage

/// git, called here and nowhere else. It runs no program that a repository's configuration or attributes name, asks
/// nothing, and obeys no variable that says where a repository is.
enum Git {
  struct Result: Sendable {
    var succeeded: Bool
    var output: [UInt8]
    /// What it wrote to standard error, for messages.
    var complaint: String

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// Runs git to its end and collects at most `limit` bytes of its output. A git that fails is a result.
  ///
  /// - Parameter fetches: whether it may speak to a server.
  /// - Throws: ``GitFailure``, `CancellationError`.
  static func run(
    _ arguments: [String], in directory: String, fetches: Bool = false, limit: Int = 64 << 20
  ) async throws -> Result {
    let drivers = touchesFiles(arguments) ? try await drivers(in: directory) : []
    return try await launch(arguments, in: directory, drivers: drivers, fetches: fetches, limit: limit)
  }

  /// For a program that calls git in this directory by itself, as a kernel's `make` does.
  static func environment(for directory: String) async throws -> [String: String?] {
    let drivers = try await drivers(in: directory)
    return GitEnvironment(inherited: inherited, drivers: drivers).changes
  }

  /// For a program that works on a copy of ours.
  static var environmentWithoutRepository: [String: String?] {
    GitEnvironment.withoutRepository(inherited: inherited)
  }

  /// A text that can be given to git as a revision, and is no option.
  static func isRevision(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-") && text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
  }

  /// A revision that can be fetched: it is no refspec, which would also say where to put what is fetched.
  static func isFetchable(_ text: String) -> Bool {
    isRevision(text) && !text.hasPrefix("+") && text.utf8.allSatisfy { !" :?*[\\".utf8.contains($0) }
  }

  private static var inherited: [String: String] { ProcessInfo.processInfo.environment }

  /// Commands that read objects, references and configuration alone: no content passes a filter there.
  private static let quiet: Set = [
    "bisect", "config", "fetch", "for-each-ref", "init", "log", "ls-files", "merge-base", "rev-list", "rev-parse",
    "show",
  ]

  private static func touchesFiles(_ arguments: [String]) -> Bool {
    arguments.first.map { !quiet.contains($0) } ?? false
  }

  /// The settings that name a program for some files' content; empty where there is no repository.
  private static func drivers(in directory: String) async throws -> [String] {
    let arguments = ["config", "--null", "--name-only", "--get-regexp", GitEnvironment.driverPattern]
    let found = try await launch(arguments, in: directory, drivers: [], fetches: false, limit: 1 << 20)
    let names = found.text.split(separator: "\0").map(String.init)
    return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The repository that git does not read because it belongs to somebody else; nil where that is not the complaint.
  static func distrusted(_ complaint: String) -> String? {
    guard let start = complaint.firstRange(of: "detected dubious ownership in repository at '") else { return nil }
    return complaint[start.upperBound...].split(separator: "\n").first.map {
      String($0.hasSuffix("'") ? $0.dropLast() : $0)
    }
  }

  private static func launch(
    _ arguments: [String], in directory: String, drivers: [String], fetches: Bool, limit: Int
  ) async throws -> Result {
    let changes = GitEnvironment(inherited: inherited, drivers: drivers, fetches: fetches).changes
    var options = PlatformOptions()
    // A process group of its own: who cancels ends git's children, too.
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
    do {
      let result = try await Subprocess.run(
        .name("git"), arguments: Arguments(["--no-pager", "-C", directory] + arguments),
        environment: .inherit.updating(changes.keyed), platformOptions: options, output: .bytes(limit: limit),
        error: .bytes(limit: 1 << 20))
      try Task.checkCancellation()
      let complaint = String(decoding: result.standardError, as: UTF8.self)
      if let path = distrusted(complaint) { throw GitFailure.distrusted(path: path) }
      return Result(
        succeeded: result.terminationStatus.isSuccess, output: result.standardOutput, complaint: complaint)
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw GitFailure.missing
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw GitFailure.notStarted(reason: "\(error)")
    }
  }
}

extension [String: String?] {
  /// As the environment of a process takes them.
  var keyed: [Environment.Key: String?] {
    Dictionary<Environment.Key, String?>(
      uniqueKeysWithValues: map { (Environment.Key(stringLiteral: $0.key), $0.value) })
  }
}
