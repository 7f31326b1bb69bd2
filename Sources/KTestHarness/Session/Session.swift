/// The directories, the source of kernels and the display that a command works with.
public struct Session: Sendable {
  public var places: Places
  public var display: any SessionDisplay
  public var kernels: any KernelSupply
  /// The command line as given, without the program's name.
  public var arguments: [String]

  /// - Parameter kernels: nil for those of the cache.
  public init(
    places: Places, arguments: [String] = [], display: any SessionDisplay = SilentDisplay(),
    kernels: (any KernelSupply)? = nil
  ) {
    self.places = places
    self.arguments = arguments
    self.display = display
    self.kernels = kernels ?? CachedKernels(root: places.cacheDirectory, notice: { display.notice($0) })
  }

  /// This session without a display.
  public var silent: Session {
    var session = self
    session.display = SilentDisplay()
    return session
  }

  public var kernelCache: KernelCache { buildCache.kernels }
  public var buildCache: KernelBuildCache {
    KernelBuildCache(root: places.cacheDirectory, notice: { [display] in display.notice($0) })
  }

  /// Returns the kernel for a value of `--kernel`.
  public func kernel(_ name: String, refresh: Bool = false) async throws -> KernelBuild {
    let source = try KernelSource(parsing: name)
    defer { display.clear() }
    return try await kernels.find(source, refresh: refresh, progress: { [display] in display.show(.fetching($0)) })
  }

  /// Builds a kernel and shows the progress.
  public func build(_ request: KernelBuildRequest) async throws -> BuiltKernel {
    defer { display.clear() }
    return try await kernels.build(request, progress: { [display] in display.show(.building($0)) })
  }

  /// Returns the kernels for the values of `--kernel`.
  ///
  /// - Parameters:
  ///   - options: how kernels given as source are built; nil if nothing may be built.
  ///   - suites: the suites that a built kernel must be able to run.
  public func kernels(
    _ names: [String], building options: KernelBuildOptions? = nil, for suites: [Suite] = []
  ) async throws -> [KernelBuild] {
    var found: [KernelBuild] = []
    for name in names {
      guard let options, KernelBuildOptions.isSource(name) else {
        found.append(try await kernel(name))
        continue
      }
      let built = try await build(try options.request(name, suites: suites, casesMayBeSkipped: true))
      display.notice(built.summary)
      found.append(built.kernel)
    }
    return found
  }
}
