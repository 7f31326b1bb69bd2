/// What every command works with: where things are, where kernels come from, and who is shown what is done.
public struct Session: Sendable {
  public var places: Places
  public var display: any SessionDisplay
  public var kernels: any KernelSupply
  /// The command line as it was given, without the program's name.
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

  /// The same session without a display.
  public var silent: Session {
    var session = self
    session.display = SilentDisplay()
    return session
  }

  public var kernelCache: KernelCache { buildCache.kernels }
  public var buildCache: KernelBuildCache {
    KernelBuildCache(root: places.cacheDirectory, notice: { [display] in display.notice($0) })
  }

  /// The kernel that `--kernel` names.
  public func kernel(_ name: String, refresh: Bool = false) async throws -> KernelBuild {
    let source = try KernelSource(parsing: name)
    defer { display.clear() }
    return try await kernels.find(source, refresh: refresh, progress: { [display] in display.show(.fetching($0)) })
  }

  /// Builds a kernel and shows how far it is.
  public func build(_ request: KernelBuildRequest) async throws -> BuiltKernel {
    defer { display.clear() }
    return try await kernels.build(request, progress: { [display] in display.show(.building($0)) })
  }

  /// The kernels that `--kernel` names.
  ///
  /// - Parameters:
  ///   - options: how kernels are built that are given as source; nil where nothing is to be built.
  ///   - suites: what a kernel that is built must be able to run.
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
