import Foundation
import Testing

@testable import KTestHost
@testable import KTestValues

/// A small archive of Debian packages on this machine, signed with a key of its own.
final class LocalArchive: Sendable {
  let tree: TemporaryTree
  private let home: String

  /// Creates the archive with a new key. The test is cancelled where gpg or apt is missing.
  init() async throws {
    try Self.cancelWithoutPrograms()
    tree = try TemporaryTree()
    // The path of a socket is short.
    home = "\(FileManager.default.temporaryDirectory.path())/kgpg-\(UUID().uuidString.prefix(8))"
    try HostFiles.makeDirectory(home, mode: 0o700)
    try await gpg(["--passphrase", "", "--quick-gen-key", "ktest <k@example.org>", "ed25519", "sign", "never"])
    try await gpg(["--output", keyring, "--export"])
  }

  private static func cancelWithoutPrograms() throws {
    let absent = ["gpg", "gpgconf", "apt-get", "dpkg-deb"].first { HostProgram.path(of: $0) == nil }
    if let absent { try Test.cancel("\(absent) is not installed") }
  }

  var keyring: String { "\(tree.path)/keyring.gpg" }

  func lists(_ suite: String, keyring other: String? = nil) -> SuiteLists {
    SuiteLists(
      suite: suite, directory: "\(tree.cache.archives)/\(suite)", keyring: other ?? keyring,
      mirror: "file:\(tree.path)/archive")
  }

  func open(_ suite: String, refresh: Bool = false) async throws -> DebianArchive {
    try await DebianArchive.open(try #require(DebianSuite(parsing: suite)), lists(suite), refresh: refresh)
  }

  /// Fetches a kernel into the cache of the tree.
  func fetch(_ name: String, from suite: String) async throws -> KernelBuild {
    try await KTestHost.fetch(
      try #require(DebianKernelName(parsing: name)), "\(name)@\(suite)", from: try await open(suite),
      DebianSuite(parsing: suite), into: tree.cache, progress: { _ in })
  }

  /// Writes the lists of a suite with these package files, and signs them.
  func publish(_ files: [String], in suite: String, signed: Bool = true) async throws {
    var packages = ""
    for file in files {
      let bytes = try KernelFiles.read(file)
      let control = try await Tool(name: "dpkg-deb", package: "dpkg").run(["--field", file], purpose: "test").text
      try tree.put("archive/pool/\(Paths.last(file))", bytes)
      packages +=
        control + "Filename: pool/\(Paths.last(file))\nSize: \(bytes.count)\nSHA256: \(SHA256.hex(of: bytes))\n\n"
    }
    let folder = "archive/dists/\(suite)"
    HostFiles.remove("\(tree.path)/\(folder)")
    try tree.put("\(folder)/main/binary-amd64/Packages", packages)
    let digest = SHA256.hex(of: Array(packages.utf8))
    let release = try tree.put(
      "\(folder)/Release",
      """
      Origin: Debian
      Label: Debian
      Suite: \(suite)
      Codename: \(suite)
      Date: Thu, 01 Jan 2026 00:00:00 UTC
      Architectures: amd64
      Components: main
      SHA256:
       \(digest) \(packages.utf8.count) main/binary-amd64/Packages

      """)
    if signed { try await gpg(["--output", "\(tree.path)/\(folder)/InRelease", "--clearsign", release]) }
  }

  private func gpg(_ arguments: [String]) async throws {
    let always = ["--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback"]
    let result = try await Tool(name: "gpg", package: "gpg").run(always + arguments, purpose: "sign an archive")
    // The agent that gpg has started must not outlive the test.
    _ = try await Tool(name: "gpgconf", package: "gpgconf").run(["--homedir", home, "--kill", "all"], purpose: "end")
    try #require(result.succeeded, "\(result.complaint)")
  }

  deinit { HostFiles.remove(home) }
}
