import Glibc
import KTestValues

/// A repository of ktest's own with single commits of a user's, without their history, in packs that travel to other
/// hosts. The second commit's pack has only what the first one's lacks.
package struct CommitPacks: Codable, Sendable, Equatable {
  /// Hexadecimal digits, the same for all commits of a repository.
  package let id: String
  package let commit: String
  /// The format of object names: `sha1` or `sha256`.
  package let format: String
  /// The paths of packs and their indexes, by their names in `objects/pack`.
  package var files: [String: String]

  private static func place(_ id: String, in cache: KernelBuildCache) -> String { cache.source("commits-\(id).git") }

  /// Copies a commit out of a user's repository, which is only read.
  ///
  /// - Throws: ``KernelBuildError``, ``GitFailure``.
  package init(of build: CommitBuild, cache: KernelBuildCache) async throws {
    let id = String(SHA256.hex(of: build.objects.path).prefix(16))
    let (commit, format) = (build.commit, build.objects.format)
    (self.id, self.commit, self.format) = (id, commit, format)
    files = try await cache.locked("source-commits-\(id).git", waiting: {}) {
      let place = CommitPacks.place(id, in: cache)
      cache.use.note("sources/commits-\(id).git")
      try await CommitPacks.make(place, format, cache)
      // git writes into the repository in which it packs: that is never the user's, whose objects this one only borrows.
      try cache.write("\(build.objects.path)\n", to: "\(place)/objects/info/alternates")
      try await CommitPacks.pack(commit, in: place)
      return Dictionary(
        uniqueKeysWithValues: CommitPacks.names(in: place).map { ($0, "\(place)/objects/pack/\($0)") })
    }
  }

  /// Writes a pack with what the commit has and no pack has yet. git contacts no server for it.
  private static func pack(_ commit: String, in place: String) async throws {
    func run(_ arguments: [String], input: [UInt8] = []) async throws -> String {
      let result = try await GitTree(asking: place).run(arguments, input: input)
      guard result.succeeded else {
        if GitTree.isDiskFull(result) { throw KernelBuildError.diskFull(path: place) }
        throw KernelBuildError.fetchFailed(
          source: "commit \(commit)", reason: "git \(arguments[0]): \(GitTree.complaint(result))")
      }
      return result.text
    }
    var there: Set<Substring> = []
    for name in names(in: place) where name.hasSuffix(".idx") {
      let index = try RegularFile.bytes(of: "\(place)/objects/pack/\(name)", limit: 1 << 30)
      for line in try await run(["show-index"], input: index).split(separator: "\n") {
        // The offset, the name, a checksum.
        let words = line.split(separator: " ")
        if words.count > 1 { there.insert(words[1]) }
      }
    }
    if there.contains(commit[...]) { return }
    // A git that was killed has left these.
    for name in HostFiles.names(in: "\(place)/objects/pack") where name.hasPrefix("tmp_") {
      HostFiles.remove("\(place)/objects/pack/\(name)")
    }
    // The names of files help git to find what they have in common.
    let all = try await run(["rev-list", "--objects", "--no-walk", commit])
    let new = all.split(separator: "\n").filter { !there.contains($0.prefix { $0 != " " }) }
    // Of one version there is little to be had by looking for more differences than the user's packs have.
    _ = try await run(
      ["pack-objects", "--quiet", "--window=0", "\(place)/objects/pack/pack"],
      input: Array(new.joined(separator: "\n").utf8) + [10])
  }

  private static func names(in place: String) -> [String] {
    HostFiles.names(in: "\(place)/objects/pack").filter(isPack)
  }

  /// Whether a name is one that git gives to a pack or its index.
  private static func isPack(_ name: String) -> Bool {
    guard name.hasPrefix("pack-"), let dot = name.firstIndex(of: ".") else { return false }
    guard ["pack", "idx"].contains(name[dot...].dropFirst()) else { return false }
    return name[..<dot].dropFirst(5).allSatisfy { $0.isHexDigit }
  }

  private static func make(_ place: String, _ format: String, _ cache: KernelBuildCache) async throws {
    guard !HostFiles.exists("\(place)/HEAD") else { return }
    try cache.makeDirectory(place)
    let git = GitTree(asking: place)
    let result = try await git.run(["init", "--quiet", "--bare", "--object-format=\(format)"])
    guard result.succeeded else {
      throw KernelBuildError.cannotWrite(path: place, reason: "git init: \(GitTree.complaint(result))")
    }
  }

  /// Makes a repository of the files on this host, which has the commit, and calls `body` with its path. Builds side by side
  /// each get one of their own, and with it a checkout and build directories.
  ///
  /// - Parameter host: this host's name; others may have the same home directory.
  /// - Throws: ``KernelBuildError``, and what `body` throws.
  package func withRepository<Result>(
    in cache: KernelBuildCache, on host: String, _ body: (String) async throws -> Result
  ) async throws -> Result {
    let isPlain = !id.isEmpty && id.allSatisfy { $0.isHexDigit } && files.keys.allSatisfy(CommitPacks.isPack)
    guard isPlain, ["sha1", "sha256"].contains(format), commit.allSatisfy({ $0.isHexDigit }) else {
      throw KernelBuildError.badSource("commit \(commit)", "what was sent is no commit")
    }
    var number = 0
    while true {
      // What this host has sent to others is in another place.
      let name = "received-\(SHA256.hex(of: host).prefix(8))-\(number)-\(id).git"
      if let lock = try cache.lock(ifFree: "source-\(name)") {
        defer { withExtendedLifetime(lock) {} }
        cache.use.note("sources/\(name)")
        try await link(into: cache.source(name), cache)
        return try await body(cache.source(name))
      }
      number += 1
    }
  }

  private func link(into place: String, _ cache: KernelBuildCache) async throws {
    try await CommitPacks.make(place, format, cache)
    // git looks for packs by their indexes: these come last.
    for (name, path) in files.sorted(by: { $0.key > $1.key }) {
      let link = "\(place)/objects/pack/\(name)"
      if let known = try? HostFiles.resolved(link), known == (try? HostFiles.resolved(path)) { continue }
      unlink(link)
      guard symlink(try KernelFiles.resolved(path), link) == 0 else { throw KernelBuildError.writing(link, errno) }
    }
    guard try await GitTree(asking: place).commit(commit) == commit else {
      throw KernelBuildError.fetchFailed(source: "commit \(commit)", reason: "it is not in what was sent")
    }
  }
}
