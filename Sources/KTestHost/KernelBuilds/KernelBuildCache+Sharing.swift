import KTestValues

/// What other hosts have built.
extension KernelBuildCache {
  /// Returns the directory of a whole kernel in a cache that only this user may write to; nil if there is none.
  package func finished(_ entry: String) -> String? {
    guard HostFiles.isOwn(root), HostFiles.isOwn(kernels.directory), kernels.load(entry) != nil else { return nil }
    return kernels.path(of: entry)
  }

  /// Keeps a copy of a kernel that is in another cache.
  ///
  /// - Parameter isAnew: whether it replaces one that is there.
  /// - Throws: ``KernelBuildError``, `KernelError`, `FileProblem`.
  package func keep(_ built: BuiltKernel, isAnew: Bool = false) async throws {
    if isAnew { HostFiles.remove(kernels.path(of: built.entry)) }
    _ = try await kernels.entry(built.entry) { partial in
      try built.pack(into: partial)
      var kernel = try await resolveKernel(.path(partial), cache: kernels)
      (kernel.label, kernel.source) = (built.kernel.label, built.kernel.source)
      return kernel
    }
  }

  /// Runs `body` while no other build of this kind is under way.
  package func alone<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await locked("one-at-a-time", waiting: {}, body)
  }
}
