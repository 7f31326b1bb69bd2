/// Where a session gets its kernels from. Tests have one that fetches and compiles nothing.
public protocol KernelSupply: Sendable {
  /// Finds a kernel, and fetches and unpacks it where that is needed.
  func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild

  /// Builds a kernel from source, or finds it finished.
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
  /// A supply that compiles nothing.
  public func compiling<Result: Sendable>(
    _ source: KernelTreeName, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (any TargetCompiler) async throws -> Result
  ) async throws -> Result {
    throw Failure(.host, "\(source) cannot be compiled here")
  }
}

/// The kernels of the cache, of Debian's archive and of the compiler.
public struct CachedKernels: KernelSupply {
  private let cache: KernelBuildCache

  /// - Parameters:
  ///   - root: the directory of the cache.
  ///   - notice: is told of a kernel in the cache that is damaged.
  public init(root: String, notice: @escaping @Sendable (String) -> Void = { _ in }) {
    cache = KernelBuildCache(root: root, notice: notice)
  }

  public func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild {
    try await resolveKernel(source, cache: cache.kernels, refresh: refresh, progress: progress)
  }

  public func build(
    _ request: KernelBuildRequest, progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel {
    try await buildKernel(request, cache: cache, progress: progress)
  }

  public func compiling<Result: Sendable>(
    _ source: KernelTreeName, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (any TargetCompiler) async throws -> Result
  ) async throws -> Result {
    try await TargetBuilding.with(source, cache: cache, progress: progress) { try await body($0) }
  }
}
