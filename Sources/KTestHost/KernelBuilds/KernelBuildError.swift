package import KTestValues

/// The reasons why there is no kernel. The description says what failed, with what, and what to do.
package enum KernelBuildError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of an error, for bisections and scripts.
  package enum Kind: String, Sendable, Equatable, Codable {
    /// The request is invalid.
    case usage
    /// This tree cannot be configured as requested.
    case configuration
    /// The source does not compile or link.
    case source
    /// This machine is at fault; the error says nothing about the source.
    case host
  }

  case badSource(String, String)
  /// The source has no such folder of selftests.
  case noSelftests(source: String, folder: String)
  /// make cannot work in the path of a source or of ktest's cache.
  case badPlace(String, character: Character, isCache: Bool)
  case noSuchRevision(tree: String, revision: String, reason: String)
  case badFragment(problems: [String])
  /// Two requests contradict each other.
  case conflicts([String])
  /// Kconfig did not set a symbol as requested; `kconfig` is its own output.
  case configurationImpossible(source: String, shortfalls: [ConfigShortfall], kconfig: [String])
  /// `make …config` itself failed.
  case configurationFailed(lines: [String], log: String)
  /// The tree was built in place, and its configuration lacks requested symbols.
  case builtInPlace(directory: String, missing: [String])
  /// A commit cannot be reverted on top of another.
  case revertConflicts(source: String, commit: String, reason: String)
  case doesNotCompile(source: String, messages: [CompilerMessage], lines: [String], log: String)
  /// The source changed while it was being built.
  case sourceChanges(directory: String)
  case toolMissing(tool: String, package: String)
  case headerMissing(header: String, package: String)
  case diskFull(path: String)
  case outOfMemory(log: String)
  /// `make` was killed, the compiler crashed, or the like.
  case hostFailed(reason: String, log: String)
  case fetchFailed(source: String, reason: String)
  case cannotWrite(path: String, reason: String)
  /// What another host said of its build.
  case elsewhere(Kind, String)

  package var kind: Kind {
    switch self {
    case .badSource, .noSelftests, .badPlace, .noSuchRevision, .badFragment: .usage
    case .conflicts, .configurationImpossible, .builtInPlace: .configuration
    case .doesNotCompile, .configurationFailed, .revertConflicts: .source
    case .sourceChanges, .toolMissing, .headerMissing, .diskFull, .outOfMemory, .hostFailed, .fetchFailed, .cannotWrite:
      .host
    case .elsewhere(let kind, _): kind
    }
  }

  package var description: String {
    switch self {
    case .badSource(let text, let advice): "kernel source \"\(text)\": \(advice)"
    case .noSelftests(let source, let folder):
      "kernel source \"\(source)\" has no \(folder): name another folder of selftests, or a source that has this one"
    case .badPlace(let path, let character, let isCache):
      "cannot build a kernel in \"\(PathText.shown(path))\": its Makefiles do not accept a path with "
        + "\(character == " " ? "a blank" : "'\(PathText.shown(String(character)))'") in it; "
        + (isCache ? "choose another cache with --cache DIR" : "move the tree")
    case .noSuchRevision(let tree, let revision, let reason): "no commit '\(revision)' in \(tree): \(reason)"
    case .badFragment(let problems):
      (["cannot read a configuration fragment:"] + problems).joined(separator: "\n  ")
    case .conflicts(let sentences):
      (["the requested configuration contradicts itself; nothing was built:"] + sentences).joined(separator: "\n  ")
    case .configurationImpossible(let source, let shortfalls, let kconfig):
      KernelBuildError.indented(
        "\(source) cannot be configured as requested; nothing was compiled:",
        shortfalls.map(\.description) + (kconfig.isEmpty ? [] : ["Kconfig's output:"] + kconfig))
    case .configurationFailed(let lines, let log):
      (["cannot configure the tree; the whole log is \(log) and ends with:"] + lines).joined(separator: "\n  ")
    case .builtInPlace(let directory, let missing):
      ([
        "\(directory) was built in place, so its own .config is used, which lacks:"
      ] + missing).joined(separator: "\n  ")
        + "\nset these with scripts/config there; or build a commit, \(directory)@HEAD, which does not touch "
        + "the tree; or run 'make mrproper' there, which deletes its .config and objects"
    case .revertConflicts(let source, let commit, let reason):
      "\(commit.prefix(12)) cannot be reverted on \(source): \(reason)"
    case .doesNotCompile(let source, let messages, let lines, let log):
      KernelBuildError.indented(
        "\(source) does not compile; the whole log is \(log)",
        messages.isEmpty ? lines : messages.map(\.description))
    case .sourceChanges(let directory):
      "\(directory) changed more than once while it was being built; build again when it no longer changes"
    case .toolMissing(let tool, let package):
      "\(tool) is needed to build a kernel, but is not installed; install the package \(package)"
    case .headerMissing(let header, let package):
      "\(header) is needed to build a kernel, but is not installed; install the package \(package)"
    case .diskFull(let path):
      "no space left on the device of \(path); the files built so far are kept, and the next build continues from there"
    case .outOfMemory(let log): "the compiler ran out of memory; try a smaller --jobs (log: \(log))"
    case .hostFailed(let reason, let log): "the build did not finish: \(reason) (log: \(log))"
    case .fetchFailed(let source, let reason): "cannot get \(source): \(reason)"
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .elsewhere(_, let text): text
    }
  }

  private static func indented(_ head: String, _ paragraphs: [String]) -> String {
    ([head] + paragraphs.map { $0.replacing("\n", with: "\n  ") }).joined(separator: "\n  ")
  }
}
