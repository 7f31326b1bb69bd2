import Glibc
import KTestValues

/// Apt's own tools with one configuration. They answer questions about packages and download them, need no root, and install
/// nothing.
struct Apt: Sendable, Equatable {
  /// The file of the configuration; nil for this machine's.
  let configuration: String?

  /// The packages that this machine can install.
  static let host = Apt(configuration: nil)

  /// A text that changes with every `apt-get update` and every change of apt's sources. No process is started for it.
  var state: String {
    var hash = SHA256()
    let folders =
      configuration.map { ["\(Paths.parent($0))/lists", Paths.parent($0)] } ?? [
        "/var/lib/apt/lists", "/etc/apt/sources.list.d", "/etc/apt/preferences.d", "/etc/apt/apt.conf.d", "/etc/apt",
      ]
    for folder in folders {
      for name in HostFiles.names(in: folder) where name != "lock" && name != "partial" {
        var status = stat()
        guard stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
        let modified = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        hash.update("\(folder)/\(name) \(status.st_size) \(modified)\n")
      }
    }
    return hash.hex()
  }

  /// Fetches the package lists anew, and verifies their signatures.
  func update() async throws {
    let result = try await program("apt-get", sandbox + patience(retries: 1) + ["-q", "--error-on=any", "update"])
      .collect()
    guard result.succeeded else { throw AptFailure(tool: "apt-get", result) }
  }

  /// Returns the address of the repository that has a suite of Debian's archive.
  func mirror(of suite: String) async throws -> String {
    let result = try await program("apt-get", ["indextargets", "--format", ArchiveMirror.format]).collect()
    guard result.succeeded else { throw AptFailure(tool: "apt-get", result) }
    let mirrors = ArchiveMirror.read(indexTargets: result.text)
    guard let address = ArchiveMirror.address(for: suite, among: mirrors) else { throw SuiteListsFailure.noMirror }
    return address
  }

  /// Returns the lines of the configuration that say how mirrors are reached, through which proxy for example.
  func networkSettings() async throws -> [String] {
    let result = try await program("apt-config", ["dump"]).collect()
    guard result.succeeded else { throw AptFailure(tool: "apt-config", result) }
    return result.text.split(whereSeparator: \.isNewline).map(String.init).filter { line in
      line.hasPrefix("Acquire::") && line.hasSuffix(";")
        && !["Acquire::IndexTargets", "Acquire::Languages"].contains(where: line.hasPrefix)
    }
  }

  /// Returns the names of all packages that begin with a prefix; there are none if apt has no package lists.
  func names(beginningWith prefix: String) async throws -> Set<String> {
    let result = try await cache(["pkgnames", prefix])
    return Set(result.text.split(whereSeparator: \.isNewline).map(String.init))
  }

  /// Returns the packages that apt would install for these names, without unknown ones. Throws ``AptFailure`` if all are
  /// unknown.
  func show(_ names: [String]) async throws -> [DebianPackage] {
    let result = try await program("apt-cache", ["show", "--no-all-versions", "--"] + names).collect()
    let packages = DebianPackage.read(aptCacheShow: result.text)
    if packages.isEmpty { throw AptFailure(tool: "apt-cache", result, isUnknown: result.succeeded) }
    return packages
  }

  /// Returns all versions of these packages that an archive has; there are none of unknown ones.
  func versions(of names: [String]) async throws -> [DebianPackage] {
    let result = try await program("apt-cache", ["show", "--all-versions", "--"] + names).collect()
    return DebianPackage.readAll(aptCacheShow: result.text).filter(\.isInArchive)
  }

  /// Returns the output of `apt-cache depends --recurse` for a package, without recommendations and the like.
  func dependencies(of name: String) async throws -> String {
    let omitted = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map { "--no-" + $0 }
    return try await cache(["depends", "--recurse"] + omitted + ["--", name]).text
  }

  /// Downloads the files of packages into a directory. apt verifies their hashes.
  func download(_ packages: [DebianPackage], into directory: String) async throws {
    let arguments = sandbox + ["-q"] + patience(retries: 3) + ["download", "--"] + packages.map(\.text)
    let result = try await program("apt-get", arguments, in: directory).collect()
    guard result.succeeded else { throw AptFailure(tool: "apt-get", result) }
    for package in packages where Apt.file(of: package, in: directory) == nil {
      throw AptFailure(
        tool: "apt-get", status: result.status, complaint: "it left no file of \(package.text) in the folder")
    }
  }

  /// Returns the path of a package's file that was downloaded into a directory.
  static func file(of package: DebianPackage, in directory: String) -> String? {
    HostFiles.names(in: directory).first { $0.hasPrefix("\(package.name)_") && $0.hasSuffix(".deb") }
      .map { "\(directory)/\($0)" }
  }

  /// As root apt drops to a user of its own, who may not write into our directory.
  private var sandbox: [String] { geteuid() == 0 ? ["-o", "APT::Sandbox::User=root"] : [] }

  private func patience(retries: Int) -> [String] {
    ["Acquire::Retries=\(retries)", "Acquire::http::Timeout=30", "Acquire::https::Timeout=30"].flatMap { ["-o", $0] }
  }

  private func cache(_ arguments: [String]) async throws -> HostProgramResult {
    let result = try await program("apt-cache", arguments).collect()
    guard result.succeeded else { throw AptFailure(tool: "apt-cache", result) }
    return result
  }

  private func program(_ name: String, _ arguments: [String], in directory: String? = nil) -> HostProgram {
    var environment = HostProgram.plainMessages
    if let configuration { environment["APT_CONFIG"] = configuration }
    return HostProgram(name, arguments, environment: environment, in: directory)
  }
}

/// The failure of one of apt's tools.
struct AptFailure: Error, Sendable, Equatable {
  /// The tool: `apt-cache` or `apt-get`.
  var tool: String
  var status: HostProgramStatus
  /// The tool's standard error.
  package var complaint: String
  /// Whether the reason is that apt knows no such package.
  var isUnknown = false

  init(tool: String, status: HostProgramStatus, complaint: String) {
    (self.tool, self.status, self.complaint) = (tool, status, complaint)
  }

  init(tool: String, _ result: HostProgramResult, isUnknown: Bool = false) {
    self.init(tool: tool, status: result.status, complaint: result.complaint)
    self.isUnknown = isUnknown || ["No packages found", "Unable to locate"].contains { complaint.contains($0) }
  }

  var reason: String { HostProgramResult.reason(in: complaint) }
}
