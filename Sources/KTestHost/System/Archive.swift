/// Reads and unpacks Debian packages with dpkg-deb, tar archives with tar, and RPM packages with bsdtar. Nothing else unpacks
/// them.
enum Archive {
  /// Returns a field of a package's control file, or an empty string if there is none.
  static func field(_ name: String, ofPackage file: String) async throws -> String {
    let result = try await program("dpkg-deb", ["--field", file, name]).collect(limit: 1 << 20)
    guard result.succeeded else { throw ArchiveFailure.refused(tool: "dpkg-deb", file: file, result) }
    return result.text.split(separator: "\n").first.map(String.init) ?? ""
  }

  /// Counts the bytes that a package unpacks to, and throws ``ArchiveFailure/tooLarge(file:limit:)`` once there are more than
  /// `limit`.
  static func measure(package file: String, limit: Int) async throws {
    var count = 0
    let result = try await program("dpkg-deb", ["--fsys-tarfile", file]).stream { piece in
      count += piece.count
      guard count <= limit else { throw ArchiveFailure.tooLarge(file: file, limit: limit) }
    }
    guard result.succeeded else { throw ArchiveFailure.refused(tool: "dpkg-deb", file: file, result) }
  }

  static func unpack(package file: String, into directory: String) async throws {
    let result = try await program("dpkg-deb", ["--extract", file, directory]).collect()
    guard result.succeeded else { throw ArchiveFailure.refused(tool: "dpkg-deb", file: file, result) }
  }

  /// Counts the bytes of the files in an RPM package, and throws ``ArchiveFailure/tooLarge(file:limit:)`` once there are more
  /// than `limit`.
  static func measure(rpm file: String, limit: Int) async throws {
    var count = 0
    let result = try await program("bsdtar", ["-x", "-O", "-f", file]).stream { piece in
      count += piece.count
      guard count <= limit else { throw ArchiveFailure.tooLarge(file: file, limit: limit) }
    }
    guard result.succeeded else { throw ArchiveFailure.refused(tool: "bsdtar", file: file, result) }
  }

  /// Unpacks an RPM package into an existing directory. bsdtar writes neither through links nor out of the directory.
  static func unpack(rpm file: String, into directory: String) async throws {
    let options = ["--no-same-owner", "--no-same-permissions"]
    let result = try await program("bsdtar", ["-x"] + options + ["-f", file, "-C", directory]).collect()
    guard result.succeeded else { throw ArchiveFailure.refused(tool: "bsdtar", file: file, result) }
  }

  /// Unpacks the contents of the one directory at the top of a tar archive, compressed or not.
  ///
  /// If there are `parts`, only these are unpacked: they are patterns in which `*` does not match a slash. Parts that the
  /// archive does not have are ignored.
  static func unpack(tar file: String, parts: [String] = [], into directory: String) async throws {
    if file.hasSuffix(".xz"), HostProgram.path(of: "xz") == nil { throw HostProgramFailure.missing(name: "xz") }
    let only = parts.isEmpty ? [] : ["--wildcards", "--no-wildcards-match-slash", "--"] + parts.map { "*/\($0)" }
    let arguments = ["--extract", "--file", file, "--directory", directory, "--strip-components=1", "--no-same-owner"]
    let result = try await program("tar", arguments + only).collect()
    guard result.succeeded || !parts.isEmpty && result.onlyMissesParts else {
      throw ArchiveFailure.refused(tool: "tar", file: file, result)
    }
  }

  /// Unpacks the kernel source in a package `linux-source-…`, or only `parts` of it. The directory `scratch` must not exist
  /// yet; the caller removes it afterwards.
  static func unpack(
    linuxSource file: String, parts: [String] = [], into directory: String, scratch: String
  ) async throws {
    try await unpack(package: file, into: scratch)
    let folder = "\(scratch)/usr/src"
    let name = HostFiles.names(in: folder).first { $0.hasPrefix("linux-source-") && $0.contains(".tar") }
    guard let name else { throw ArchiveFailure.lacks(file: file, what: "usr/src/linux-source-*.tar") }
    try await unpack(tar: "\(folder)/\(name)", parts: parts, into: directory)
    try UnpackedTree.dropSpecialBits(below: directory)
  }

  private static func program(_ name: String, _ arguments: [String]) -> HostProgram {
    HostProgram(name, arguments, environment: HostProgram.plainMessages)
  }
}

/// The reason why a package or an archive could not be unpacked.
enum ArchiveFailure: Error, Sendable {
  case refused(tool: String, file: String, HostProgramResult)
  /// The package unpacks to more bytes than the limit.
  case tooLarge(file: String, limit: Int)
  case lacks(file: String, what: String)

  /// The reason without the name of the file.
  var reason: String {
    switch self {
    case .refused(let tool, _, let result): "\(tool): \(result.reason)"
    case .tooLarge(_, let limit): "it unpacks to more than \(limit) bytes"
    case .lacks(_, let what): "there is no \(what) in it"
    }
  }

  var isDiskFull: Bool {
    if case .refused(_, _, let result) = self { return DiskSpace.isBlamed(in: result.complaint) }
    return false
  }
}

extension HostProgramResult {
  /// Whether tar complained only about patterns that match no file.
  fileprivate var onlyMissesParts: Bool {
    let lines = complaint.split(whereSeparator: \.isNewline)
    return !lines.isEmpty
      && lines.allSatisfy { $0.contains("Not found in archive") || $0.contains("Exiting with failure status") }
  }
}
