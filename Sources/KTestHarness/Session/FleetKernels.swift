import KTestHost
import KTestValues
import Synchronization

/// Kernels as ``base`` has them, but commits are built on other hosts.
struct FleetKernels: KernelSupply {
  var base: any KernelSupply
  var cache: KernelBuildCache
  /// Builds on a host of the fleet.
  var builder: any RemoteBuilder
  /// A cache in the folder that all nodes have in common; nil if there is none.
  var shared: KernelBuildCache?
  var notice: @Sendable (String) -> Void
  private let course = BuildCourse()

  init(
    base: any KernelSupply, cache: KernelBuildCache, builder: any RemoteBuilder, shared: KernelBuildCache?,
    notice: @escaping @Sendable (String) -> Void
  ) {
    (self.base, self.cache, self.builder, self.shared, self.notice) = (base, cache, builder, shared, notice)
  }

  var buildsSideBySide: Bool { true }

  func find(
    _ source: KernelSource, refresh: Bool, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> KernelBuild { try await base.find(source, refresh: refresh, progress: progress) }

  func compiling<Result: Sendable>(
    _ source: KernelTreeName, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    _ body: (any TargetCompiler) async throws -> Result
  ) async throws -> Result { try await base.compiling(source, progress: progress, body) }

  func build(
    _ request: KernelBuildRequest, progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel {
    guard let build = try await CommitBuild(request, cache: cache, progress: progress) else {
      return try await here(request, progress)
    }
    if let built = build.cached() { return built }
    if let built = try await fromShared(build) { return built }
    guard await course.isWorthATry else { return try await here(request, progress) }
    progress(.step("sending \(request.source)"))
    let order = BuildOrder(build, source: try await CommitPacks(of: build, cache: cache))
    let (course, tell) = (course, progress)
    switch try await builder.build(
      order, avoiding: await course.unable,
      progress: { news in
        // Each build of a search would say again which hosts are not used.
        if case .note(let text) = news { course.once(text) { tell(news) } } else { tell(news) }
      }, take: { try await take($0, of: build) })
    {
    case .built(let built, let host):
      await course.succeed()
      try await share(built, of: build)
      notice("\(request.source) was built on \(host)")
      return built
    case .failed(let trouble, _) where trouble.kind == .configuration:
      // What Kconfig offers depends on what a host has. Here it is asked before anything is compiled.
      return try await here(request, progress)
    case .failed(let trouble, let host):
      await course.succeed()
      throw KernelBuildError.elsewhere(trouble.kind, "\(host): \(trouble.text)")
    case .nowhere(let why, let hosts):
      // Hosts that run guests need no compiler.
      await course.fail(hosts)
      notice("\(request.source) is built here: \(why)")
      return try await here(request, progress)
    }
  }

  /// One at a time: all of them would use all processors.
  private func here(
    _ request: KernelBuildRequest, _ progress: @escaping @Sendable (KernelBuildProgress) -> Void
  ) async throws -> BuiltKernel {
    try await cache.alone { try await base.build(request, progress: progress) }
  }

  private func take(_ folder: WorkFolder, of build: CommitBuild) async throws -> BuiltKernel {
    guard let end = folder.readEnd()?.built, end.entry == build.entry else {
      throw KernelBuildError.hostFailed(reason: "what another host has built is another kernel", log: folder.path)
    }
    return try await build.take(folder.kernel, end.news)
  }

  private func fromShared(_ build: CommitBuild) async throws -> BuiltKernel? {
    guard let shared, !build.request.refresh, let directory = shared.finished(build.entry),
      build.isGranted(by: directory)
    else { return nil }
    return try await build.take(directory, BuildNews())
  }

  /// A folder that is full keeps nobody from using the kernel.
  private func share(_ built: BuiltKernel, of build: CommitBuild) async throws {
    guard let shared else { return }
    do { try await shared.keep(built, isAnew: build.request.refresh) } catch {
      if error is CancellationError { throw error }
      notice("the kernel is not shared: \(Failure(error).description)")
    }
  }
}

/// What is known of other hosts as builders.
private actor BuildCourse {
  /// The hosts that could not build the last time.
  private(set) var unable: Set<String> = []
  private var failures = 0
  private let told = Mutex<Set<String>>([])

  /// Twice in turn no host could: the next one is not even sent.
  var isWorthATry: Bool { failures < 2 }

  func succeed() { failures = 0 }

  func fail(_ hosts: Set<String>) {
    failures += 1
    unable.formUnion(hosts)
  }

  nonisolated func once(_ text: String, _ tell: () -> Void) {
    if told.withLock({ $0.insert(text).inserted }) { tell() }
  }
}
