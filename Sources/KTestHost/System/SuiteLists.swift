import Glibc

/// The package lists of one suite of Debian's archive, in a folder of their own.
///
/// The mirror, and how it is reached, are those of this machine's apt. Its lists and its configuration are not touched, and
/// neither its hooks nor its preferences are used.
struct SuiteLists: Sendable {
  let suite: String
  /// The folder, which is created when first needed.
  let directory: String
  /// The keyring that the lists must be signed with; nil for that of Debian's archive.
  var keyring: String?
  /// The address of the repository; nil for that of this machine's apt.
  var mirror: String?
  /// The age in seconds from which lists are fetched again.
  var patience = 24 * 3600

  /// Returns apt's tools for this suite. Lists are fetched if there are none, if they are older than a day, or if `refresh`
  /// is set. Older ones are used as they are if the mirror cannot be reached.
  ///
  /// Throws ``SuiteListsFailure``, ``AptFailure``, ``FileProblem`` and ``HostProgramFailure``.
  func apt(refresh: Bool) async throws -> Apt {
    let apt = Apt(configuration: "\(directory)/apt.conf")
    if !refresh, isRecent { return apt }
    try HostFiles.makeDirectory(Paths.parent(directory))
    let lock = try await FileLock("\(Paths.parent(directory))/.\(suite).lock")
    defer { withExtendedLifetime(lock) {} }
    if !refresh, isRecent { return apt }
    let hasLists = HostFiles.exists(stamp)
    let formerSource = HostFiles.smallText(of: sourceList)
    do {
      try await writeConfiguration()
      try await update(apt)
      try DurableFile.write([], to: stamp)
    } catch SuiteListsFailure.unreachable where hasLists && !refresh {
      // The lists belong to the mirror that they came from.
      if let formerSource { try DurableFile.write(Array(formerSource.utf8), to: sourceList) }
      return apt
    } catch {
      if !hasLists { HostFiles.remove(directory) }
      throw error
    }
    return apt
  }

  private var sourceList: String { "\(directory)/sources.list" }

  /// A file that is written after each update.
  private var stamp: String { "\(directory)/updated" }

  private var isRecent: Bool {
    var status = stat()
    return stat(stamp, &status) == 0 && time(nil) - status.st_mtim.tv_sec < patience
  }

  private func update(_ apt: Apt) async throws {
    do {
      try await apt.update()
    } catch let failure as AptFailure {
      throw SuiteListsFailure(failure, keyring: try usedKeyring())
    }
  }

  private func writeConfiguration() async throws {
    guard !directory.contains("\"") else { throw SuiteListsFailure.unfitFolder }
    let address: String
    if let mirror { address = mirror } else { address = try await Apt.host.mirror(of: suite) }
    let source = "deb [signed-by=\(try usedKeyring())] \(address) \(suite) main\n"
    // How a mirror is reached may hold a password.
    try HostFiles.makeDirectory(directory, mode: 0o700)
    for folder in ["lists/partial", "cache/archives/partial"] { try HostFiles.makeDirectory("\(directory)/\(folder)") }
    try DurableFile.write([], to: "\(directory)/status")
    try DurableFile.write(Array(source.utf8), to: sourceList)
    let text = SuiteLists.configuration(of: directory, network: try await Apt.host.networkSettings())
    try DurableFile.write(Array(text.utf8), to: "\(directory)/apt.conf")
  }

  private func usedKeyring() throws -> String {
    let names = ["gpg", "pgp"].map { "/usr/share/keyrings/debian-archive-keyring.\($0)" }
    guard let found = keyring ?? names.first(where: HostFiles.exists) else { throw SuiteListsFailure.noKeyring }
    return found
  }

  /// Returns a configuration that shares nothing with the machine's but `network`.
  static func configuration(of directory: String, network: [String]) -> String {
    let none = "/dev/null"
    let places = [
      ("Dir::Etc::main", none), ("Dir::Etc::parts", none), ("Dir::Etc::sourcelist", "\(directory)/sources.list"),
      ("Dir::Etc::sourceparts", none), ("Dir::Etc::preferences", none), ("Dir::Etc::preferencesparts", none),
      ("Dir::State", directory), ("Dir::State::lists", "\(directory)/lists"),
      ("Dir::State::status", "\(directory)/status"), ("Dir::Cache", "\(directory)/cache"),
      ("Dir::Cache::archives", "\(directory)/cache/archives"), ("Dir::Cache::srcpkgcache", ""),
    ]
    let rules = [
      ("Acquire::AllowInsecureRepositories", "false"), ("Acquire::AllowWeakRepositories", "false"),
      ("Acquire::AllowDowngradeToInsecureRepositories", "false"), ("Acquire::GzipIndexes", "true"),
      ("Acquire::Languages", "none"), ("APT::Architecture", "amd64"),
    ]
    let lines = (places + rules).map { "\($0.0) \"\($0.1)\";" }
    return (network + lines + ["APT::Architectures { \"amd64\"; };"]).map { $0 + "\n" }.joined()
  }
}

/// The reason why there are no package lists of a suite.
enum SuiteListsFailure: Error, Sendable, Equatable {
  /// The archive has no such suite.
  case unknown
  /// The lists have no signature of a key in the keyring.
  case untrusted(keyring: String, reason: String)
  case unreachable(reason: String)
  /// This machine's apt has no repository of Debian's.
  case noMirror
  case noKeyring
  /// The folder's path cannot be written into apt's configuration.
  case unfitFolder

  /// What it says, for a message that names the suite.
  var text: String {
    switch self {
    case .unknown: "the archive has no such suite"
    case .untrusted(let keyring, let reason): "they are not signed with a key in \(keyring): \(reason)"
    case .unreachable(let reason): reason
    case .noMirror: "this machine's apt has no repository of Debian's"
    case .noKeyring: "the package debian-archive-keyring is not installed"
    case .unfitFolder: "the path of the cache has a quote in it"
    }
  }

  init(_ failure: AptFailure, keyring: String) {
    let complaint = failure.complaint
    if complaint.contains("is not signed") || complaint.contains("GPG error") || complaint.contains("OpenPGP") {
      self = .untrusted(keyring: keyring, reason: SuiteListsFailure.signature(in: complaint) ?? failure.reason)
    } else if complaint.contains("does not have a Release file") {
      self = .unknown
    } else {
      self = .unreachable(reason: failure.reason)
    }
  }

  /// Returns what apt says about the signature, behind the address.
  private static func signature(in complaint: String) -> String? {
    for line in complaint.split(whereSeparator: \.isNewline) {
      guard line.contains("GPG error") || line.contains("OpenPGP signature"),
        let mark = line.firstRange(of: "Release: ") ?? line.firstRange(of: "Release ")
      else { continue }
      return String(line[mark.upperBound...])
    }
    return nil
  }
}
