import KTestValues

/// A source that does not change, parts of which are compiled in several configurations. Nothing of it boots.
package struct TargetBuilding: Sendable {
  /// The requested source.
  package let source: KernelTreeName
  /// The label for reports: `6.12.117`, `6.12.117@1a2b3c4d5e6f`, with `+` if there are uncommitted changes.
  package let label: String
  /// The state of the source: `git:COMMIT`, `git:COMMIT+HASH` with uncommitted changes, `files:HASH`.
  package let state: String
  let tree: KernelSourceTree
  let kconfig: KconfigTree
  let cache: KernelBuildCache
  let toolchain: String
  /// Whether the tree belongs to ktest, so that nobody else changes it.
  private let isOurs: Bool
  let progress: @Sendable (KernelBuildProgress) -> Void

  /// Fetches, unpacks or checks out the source, and calls `body` while it is available.
  ///
  /// Throws ``KernelBuildError``, `KernelError`, `CancellationError`, and the error of `body`.
  package static func with<Result>(
    _ source: KernelTreeName, cache: KernelBuildCache,
    progress: @escaping @Sendable (KernelBuildProgress) -> Void = { _ in },
    _ body: (TargetBuilding) async throws -> Result
  ) async throws -> Result {
    try MakePath.check(cache.root, isCache: true)
    try BuildTools.check()
    let toolchain = try await BuildTools.toolchain()
    func run(_ tree: KernelSourceTree, known: String? = nil) async throws -> Result {
      guard tree.isSource else {
        throw KernelBuildError.badSource(tree.name, "it is not a kernel tree: it has no Kconfig and Makefile")
      }
      guard !tree.isBuiltInPlace else {
        throw KernelBuildError.badSource(
          tree.name,
          "it is built in place, and make cannot build such a tree elsewhere; give one of its commits, "
            + "\(tree.name)@HEAD, or run 'make mrproper' there, which deletes its .config and objects")
      }
      try MakePath.check(tree.directory)
      progress(.step("reading \(tree.name)"))
      var state = known ?? ""
      if known == nil { state = try await tree.state() }
      return try await body(
        TargetBuilding(
          source: source, label: label(of: tree, state: state), state: state, tree: tree,
          kconfig: KconfigTree { try? KernelFiles.read("\(tree.directory)/\($0)", limit: 4 << 20) },
          cache: cache, toolchain: toolchain, isOurs: known != nil, progress: progress))
    }
    switch source {
    case .directory(let path):
      var tree = KernelSourceTree(directory: try KernelFiles.resolved(path), name: path, mark: "")
      if tree.isOutput { tree.directory = try KernelFiles.resolved("\(tree.directory)/source") }
      return try await run(tree)
    case .debian(let name, let suite):
      let (directory, entry) = try await unpackDebianSource(
        name, suite: suite, cache: cache, progress: progress)
      return try await run(KernelSourceTree(directory: directory, name: entry, mark: ""))
    case .revision(let path, let revision):
      let checkout = try await RevisionCheckout(revision, of: path, cache: cache)
      return try await checkout.with(cache: cache, progress: progress) { try await run($0, known: checkout.state) }
    }
  }

  /// Returns whether the source has not changed.
  func isUnchanged() async throws -> Bool {
    if isOurs { return true }
    return try await tree.state() == state
  }

  /// Returns the version, and the commit if there is one.
  private static func label(of tree: KernelSourceTree, state: String) -> String {
    let version = tree.version ?? "source"
    guard state.hasPrefix("git:") else { return version }
    return "\(version)@\(state.dropFirst(4).prefix(12))\(state.contains("+") ? "+" : "")"
  }
}
