import FoundationEssentials

/// git, called here and nowhere else. It runs no program that a repository's configuration or attributes name, asks
/// nothing, and obeys no variable that says where a repository is.
enum Git {
  typealias Result = HostProgramResult

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
    let git = HostProgram("git", ["--no-pager", "-C", directory] + arguments, environment: changes)
    do {
      let result = try await git.collect(limit: limit)
      if let path = distrusted(result.complaint) { throw GitFailure.distrusted(path: path) }
      return result
    } catch HostProgramFailure.missing {
      throw GitFailure.missing
    } catch HostProgramFailure.notRun(_, let reason) {
      throw GitFailure.notStarted(reason: reason)
    }
  }
}
