import KTestValues

/// A commit of a user's repository, and ktest's checkout that it is put into.
struct RevisionCheckout: Sendable {
  /// The source as the user wrote it.
  let source: KernelTreeName
  let commit: String
  /// The directory of the checkout; there is one for each repository.
  let directory: String
  /// A commit whose changes are reverted.
  let reverted: String?
  private let path: String
  private let revision: String
  private let id: String
  let objects: (path: String, format: String)

  var state: String { "git:\(commit)" + (reverted.map { "-\($0)" } ?? "") }

  /// Throws ``KernelBuildError``: `badSource`, `noSuchRevision`.
  init(_ revision: String, of path: String, reverting reverted: String? = nil, cache: KernelBuildCache) async throws {
    source = .revision(tree: path, revision: revision)
    let git = GitTree(asking: try KernelFiles.resolved(path))
    guard let objects = try await git.objects() else {
      throw KernelBuildError.badSource("\(source)", "\(path) is not a git tree")
    }
    guard Git.isRevision(revision) else {
      throw KernelBuildError.noSuchRevision(
        tree: path, revision: revision, reason: "that is not a revision; give a hash, a tag or a branch")
    }
    guard let commit = try await git.commit(revision) else {
      throw KernelBuildError.noSuchRevision(
        tree: path, revision: revision, reason: "git finds no such commit, tag or branch")
    }
    self.path = path
    self.revision = revision
    self.objects = objects
    self.commit = commit
    self.reverted = reverted
    id = "git-\(SHA256.hex(of: objects.path).prefix(16))"
    directory = cache.source(id)
  }

  /// Runs `body` while the commit is checked out; others wait.
  func with<Result>(
    cache: KernelBuildCache, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (KernelSourceTree) async throws -> Result
  ) async throws -> Result {
    try await cache.locked("source-\(id)", waiting: { progress(.note("waiting for another build of \(path)")) }) {
      cache.use.note("sources/\(id)")
      progress(.step("checking out \(revision)"))
      try await checkOut(commit, of: objects, into: directory, cache: cache)
      if let reverted {
        progress(.step("reverting \(reverted.prefix(12))"))
        try await revert(reverted, in: directory, name: "\(source)")
      }
      return try await body(
        KernelSourceTree(directory: directory, name: "\(source)", mark: "", isCheckout: true))
    }
  }
}
