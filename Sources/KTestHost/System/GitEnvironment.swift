/// The environment of a git that ktest calls, and of programs that may call one themselves.
///
/// git sets variables for hooks, `rebase --exec` and `git bisect run` that say where its repository is, and a
/// repository's configuration names programs for git to run; ktest must ignore both. Only the listed ones of the
/// inherited `GIT_…` variables reach git.
struct GitEnvironment: Sendable, Equatable {
  /// The changes to the inherited environment; nil removes a variable.
  var changes: [String: String?]

  /// The variables for the user's configuration of git itself, which says whose repositories are trusted.
  static let configurationVariables: Set = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"]

  /// The variables for reaching a server from this machine.
  static let networkVariables: Set = [
    "GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_PROXY_COMMAND", "GIT_HTTP_PROXY_AUTHMETHOD",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_SSL_NO_VERIFY",
  ]

  /// Settings that no configuration overrides, like git's `-c`. No program of a repository runs, nothing is asked, and
  /// the output has the same format everywhere.
  static let settings = [
    ("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"), ("core.attributesFile", "/dev/null"),
    ("core.askPass", ""), ("core.pager", "cat"), ("core.editor", ":"), ("core.quotePath", "false"),
    ("protocol.ext.allow", "never"), ("submodule.recurse", "false"), ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"), ("maintenance.auto", "false"), ("commit.gpgSign", "false"), ("log.showSignature", "false"),
    ("color.ui", "false"), ("user.name", "ktest"),
    ("user.email", "ktest@localhost"), ("i18n.logOutputEncoding", "UTF-8"), ("advice.detachedHead", "false"),
  ]

  /// - Parameters:
  ///   - inherited: the variables of this process.
  ///   - drivers: names of configured settings that name a program, for example `filter.lfs.clean`.
  ///   - fetches: whether git may contact a server.
  init(inherited: [String: String], drivers: [String] = [], fetches: Bool = false) {
    changes = GitEnvironment.cleared(inherited)
    for (name, value) in inherited
    where GitEnvironment.configurationVariables.contains(name)
      || fetches && GitEnvironment.networkVariables.contains(name)
    {
      changes[name] = value
    }
    for (name, value) in ["GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"] {
      changes[name] = value
    }
    changes["SSH_ASKPASS"] = .some(nil)
    // For missing objects, git asks a partial clone's server through a program that the repository names. A list of
    // allowed protocols also overrides those that the repository allows.
    changes["GIT_ALLOW_PROTOCOL"] = fetches ? "file:git:http:https:ssh" : "none"
    changes["GIT_NO_LAZY_FETCH"] = "1"
    if inherited["GIT_SSH_COMMAND"] == nil, inherited["GIT_SSH"] == nil {
      changes["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    }
    set(GitEnvironment.settings + GitEnvironment.neutral(drivers))
  }

  /// Returns the environment for programs that work on copies: a git that they call finds no repository.
  static func withoutRepository(inherited: [String: String]) -> [String: String?] {
    var changes = cleared(inherited)
    changes["GIT_DIR"] = "/dev/null"
    return changes
  }

  private static func cleared(_ inherited: [String: String]) -> [String: String?] {
    Dictionary(uniqueKeysWithValues: inherited.keys.filter { $0.hasPrefix("GIT_") }.map { ($0, String?.none) })
  }

  private mutating func set(_ settings: [(String, String)]) {
    changes["GIT_CONFIG_COUNT"] = "\(settings.count)"
    for (place, (name, value)) in settings.enumerated() {
      changes["GIT_CONFIG_KEY_\(place)"] = name
      changes["GIT_CONFIG_VALUE_\(place)"] = value
    }
  }

  /// Returns neutral settings: a filter without a program passes content unchanged, and a merge driver becomes git's
  /// own for text.
  private static func neutral(_ drivers: [String]) -> [(String, String)] {
    drivers.map { name in
      if name.hasPrefix("merge.") { return (name, "git merge-file --quiet %A %O %B") }
      return (name, name.lowercased().hasSuffix(".required") ? "false" : "")
    }
  }

  /// A pattern for `git config --get-regexp` that matches the drivers of ``init(inherited:drivers:fetches:)``.
  static let driverPattern = #"^(filter\..*\.(clean|smudge|process|required)|merge\..*\.driver)$"#
}
