package import KTestHost
package import KTestValues

/// The directories, the source of kernels and the display that a command works with.
package struct Session: Sendable {
  package var places: Places
  package var display: any SessionDisplay
  package var kernels: any KernelSupply
  /// The command line as given, without the program's name.
  package var arguments: [String]
  /// The hosts of `--on`, if they are open.
  var fleet: OpenFleet?

  /// - Parameter kernels: nil for those of the cache.
  package init(
    places: Places, arguments: [String] = [], display: any SessionDisplay = SilentDisplay(),
    kernels: (any KernelSupply)? = nil
  ) {
    self.places = places
    self.arguments = arguments
    self.display = display
    self.kernels = kernels ?? CachedKernels(root: places.cacheDirectory, notice: { display.notice($0) })
  }

  /// This session without a display.
  package var silent: Session {
    var session = self
    session.display = SilentDisplay()
    return session
  }

  package var kernelCache: KernelCache { buildCache.kernels }
  package var buildCache: KernelBuildCache {
    KernelBuildCache(root: places.cacheDirectory, notice: { [display] in display.notice($0) })
  }

  /// Returns the kernel for a value of `--kernel`.
  package func kernel(_ name: String, refresh: Bool = false) async throws -> KernelBuild {
    let source = try KernelSource(parsing: name)
    defer { display.clear() }
    return try await kernels.find(source, refresh: refresh, progress: { [display] in display.show(.fetching($0)) })
  }

  /// Builds a kernel and shows the progress.
  package func build(_ request: KernelBuildRequest) async throws -> BuiltKernel {
    defer { display.clear() }
    return try await kernels.build(request, progress: { [display] in display.show(.building($0)) })
  }

  /// Returns the kernels for the values of `--kernel`.
  ///
  /// - Parameters:
  ///   - options: how kernels given as source are built; nil if nothing may be built.
  ///   - suites: the suites that a built kernel must be able to run.
  package func kernels(
    _ names: [String], building options: KernelBuildOptions? = nil, for suites: [Suite] = []
  ) async throws -> [KernelBuild] {
    guard kernels.buildsSideBySide, names.count > 1 else {
      var found: [KernelBuild] = []
      for name in names { found.append(try await kernel(name, building: options, for: suites)) }
      return found
    }
    return try await withThrowingTaskGroup(of: (Int, KernelBuild).self) { group in
      for (place, name) in names.enumerated() {
        group.addTask { (place, try await kernel(name, building: options, for: suites)) }
      }
      var found: [Int: KernelBuild] = [:]
      for try await (place, kernel) in group { found[place] = kernel }
      return names.indices.compactMap { found[$0] }
    }
  }

  private func kernel(
    _ name: String, building options: KernelBuildOptions?, for suites: [Suite]
  ) async throws -> KernelBuild {
    guard let options, KernelBuildOptions.isSource(name) else { return try await kernel(name) }
    let built = try await build(try options.request(name, suites: suites, casesMayBeSkipped: true))
    display.notice(built.summary)
    return built.kernel
  }
}
