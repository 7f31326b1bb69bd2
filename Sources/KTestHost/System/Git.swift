import FoundationEssentials

/// The only place that calls git. It runs no program that a repository's configuration or attributes name, asks
/// nothing, and ignores variables that redirect it to another repository.
package enum Git {
  package typealias Result = HostProgramResult

  /// Runs git to its end and collects at most `limit` bytes of its output. A failing git is a result.
  ///
  /// - Parameters:
  ///   - input: what it reads.
  ///   - fetches: whether it may contact a server.
  /// - Throws: ``GitFailure``, `CancellationError`.
  package static func run(
    _ arguments: [String], in directory: String, input: [UInt8] = [], fetches: Bool = false, limit: Int = 64 << 20
  ) async throws -> Result {
    let drivers = touchesFiles(arguments) ? try await drivers(in: directory) : []
    return try await launch(
      arguments, in: directory, drivers: drivers, input: input, fetches: fetches, limit: limit)
  }

  /// Returns the environment for a program that itself calls git in this directory, such as a kernel's `make`.
  package static func environment(for directory: String) async throws -> [String: String?] {
    let drivers = try await drivers(in: directory)
    return GitEnvironment(inherited: inherited, drivers: drivers).changes
  }

  /// The environment for a program that works on a copy.
  package static var environmentWithoutRepository: [String: String?] {
    GitEnvironment.withoutRepository(inherited: inherited)
  }

  /// Returns whether git takes the text for a revision and not for an option.
  package static func isRevision(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-") && text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
  }

  /// Returns whether a revision can be fetched: it is not a refspec, which would also say where to put what is fetched.
  package static func isFetchable(_ text: String) -> Bool {
    isRevision(text) && !text.hasPrefix("+") && text.utf8.allSatisfy { !" :?*[\\".utf8.contains($0) }
  }

  private static var inherited: [String: String] { ProcessInfo.processInfo.environment }

  /// Commands that read only objects, references and configuration, so that no content passes a filter.
  private static let quiet: Set = [
    "bisect", "config", "fetch", "for-each-ref", "init", "log", "ls-files", "merge-base", "pack-objects",
    "rev-list", "rev-parse", "show", "show-index",
  ]

  private static func touchesFiles(_ arguments: [String]) -> Bool {
    arguments.first.map { !quiet.contains($0) } ?? false
  }

  /// Returns the settings that name a program for the content of some files; empty if there is no repository.
  private static func drivers(in directory: String) async throws -> [String] {
    let arguments = ["config", "--null", "--name-only", "--get-regexp", GitEnvironment.driverPattern]
    let found = try await launch(arguments, in: directory, drivers: [], fetches: false, limit: 1 << 20)
    let names = found.text.split(separator: "\0").map(String.init)
    return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Returns the repository that git refuses because it belongs to another user; nil for other complaints.
  package static func distrusted(_ complaint: String) -> String? {
    guard let start = complaint.firstRange(of: "detected dubious ownership in repository at '") else { return nil }
    return complaint[start.upperBound...].split(separator: "\n").first.map {
      String($0.hasSuffix("'") ? $0.dropLast() : $0)
    }
  }

  private static func launch(
    _ arguments: [String], in directory: String, drivers: [String], input: [UInt8] = [], fetches: Bool, limit: Int
  ) async throws -> Result {
    let changes = GitEnvironment(inherited: inherited, drivers: drivers, fetches: fetches).changes
    let git = HostProgram(
      "git", ["--no-pager", "-C", directory] + arguments, environment: changes,
      input: input.isEmpty ? .none : .bytes(input))
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
