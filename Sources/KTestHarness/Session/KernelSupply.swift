package import KTestHost
package import KTestValues

/// The source of a session's kernels. Tests have one that fetches and compiles nothing.
package protocol KernelSupply: Sendable {
  /// Whether it is good to ask for several kernels at a time.
  var buildsSideBySide: Bool { get }

  /// Finds a kernel; fetches and unpacks it if necessary.
  func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild

  /// Builds a kernel from source, or returns the one in the cache.
  func build(
    _ request: KernelBuildRequest, progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel

  /// Fetches, unpacks or checks out a source, and calls `body` with what compiles parts of it.
  func compiling<Result: Sendable>(
    _ source: KernelTreeName, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (any TargetCompiler) async throws -> Result
  ) async throws -> Result
}

extension KernelSupply {
  package var buildsSideBySide: Bool { false }

  /// A supply that compiles nothing.
  package func compiling<Result: Sendable>(
    _ source: KernelTreeName, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (any TargetCompiler) async throws -> Result
  ) async throws -> Result {
    throw Failure(.host, "\(source) cannot be compiled here")
  }
}

/// Kernels from the cache, from Debian's archive, and built from source.
package struct CachedKernels: KernelSupply {
  private let cache: KernelBuildCache

  /// - Parameters:
  ///   - root: the directory of the cache.
  ///   - notice: called with a message for each damaged kernel in the cache.
  package init(root: String, notice: @escaping @Sendable (String) -> Void = { _ in }) {
    cache = KernelBuildCache(root: root, notice: notice)
  }

  package func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild {
    try await resolveKernel(source, cache: cache.kernels, refresh: refresh, progress: progress)
  }

  package func build(
    _ request: KernelBuildRequest, progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel {
    try await buildKernel(request, cache: cache, progress: progress)
  }

  package func compiling<Result: Sendable>(
    _ source: KernelTreeName, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (any TargetCompiler) async throws -> Result
  ) async throws -> Result {
    try await TargetBuilding.with(source, cache: cache, progress: progress) { try await body($0) }
  }
}
