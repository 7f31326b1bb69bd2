import KTestValues

/// Builds a kernel (`vmlinux` and modules), or finds it in the cache.
///
/// The same source, configuration and compiler are built once. A tree with one configuration has one build directory,
/// so that after a change `make` compiles only what is necessary. A tree that its owner builds in place is built there,
/// with its own configuration.
///
/// `progress` is called from any thread. Cancelling the task ends `make` and all its children.
///
/// Throws ``KernelBuildError``, `KernelError` for problems with fetching and with the image itself, or
/// `CancellationError`.
@concurrent
package func buildKernel(
  _ request: KernelBuildRequest, cache: KernelBuildCache,
  progress: @escaping @Sendable (KernelBuildProgress) -> Void = { _ in }
) async throws -> BuiltKernel {
  let start = ContinuousClock.now
  try BuildTools.check()
  let toolchain = try await BuildTools.toolchain()
  let job = KernelBuilding(request: request, cache: cache, toolchain: toolchain, start: start, progress: progress)
  switch request.source {
  case .directory(let path):
    let tree = KernelSourceTree(directory: try KernelFiles.resolved(path), name: path, mark: "")
    if tree.isOutput || tree.isBuiltInPlace && tree.isSource { return try await job.inPlace(tree) }
    guard tree.isSource else {
      throw KernelBuildError.badSource(path, "it is not a kernel tree: it has no Kconfig and Makefile")
    }
    return try await job.build(tree)
  case .debian(let name, let suite):
    try MakePath.check(cache.root, isCache: true)
    let (directory, entry) = try await unpackDebianSource(
      name, suite: suite, cache: cache, refresh: request.refresh, progress: progress)
    return try await job.build(KernelSourceTree(directory: directory, name: entry, mark: ""))
  case .revision(let path, let revision):
    try MakePath.check(cache.root, isCache: true)
    let checkout = try await RevisionCheckout(revision, of: path, reverting: request.reverting, cache: cache)
    if let found = job.cached(checkout.state, tree: checkout.directory) { return found }
    return try await checkout.with(cache: cache, progress: progress) { tree in
      try await job.build(tree, known: checkout.state)
    }
  }
}

/// One request that is being processed.
struct KernelBuilding: Sendable {
  var request: KernelBuildRequest
  var cache: KernelBuildCache
  var toolchain: String
  var start: ContinuousClock.Instant
  var progress: @Sendable (KernelBuildProgress) -> Void

  /// Builds the tree. `known` is the state of a tree that only ktest changes.
  func build(_ tree: KernelSourceTree, known: String? = nil) async throws -> BuiltKernel {
    try MakePath.check(tree.directory)
    try MakePath.check(cache.root, isCache: true)
    let id = id(of: tree.directory)
    let directory = cache.build(id)
    // A folder that the tree does not have is said before anything else.
    _ = try request.reading(tree.directory)
    func state() async throws -> String {
      if let known { return known }
      return try await tree.state()
    }
    let before = try await state()
    if let found = cached(before, tree: tree.directory) { return found }
    return try await cache.locked(id, waiting: { progress(.note("waiting for another build of this kernel")) }) {
      cache.use.note("builds/\(id)")
      var current = try await state()
      for _ in 0..<3 {
        if let found = cached(current, tree: tree.directory) { return found }
        let made = try await make(tree, in: directory, state: current)
        let after = try await state()
        if after == current { return try await finish(made, tree, in: directory, state: current) }
        progress(.note("the source changed meanwhile: building again"))
        current = after
      }
      throw KernelBuildError.sourceChanges(directory: tree.directory)
    }
  }

  /// Returns the finished kernel of a state, or nil if there is none or the cache is not to be used.
  func cached(_ state: String, tree: String) -> BuiltKernel? {
    guard !request.refresh, let kernel = cache.kernels.load(entry(state)) else { return nil }
    let config = kernel.config ?? KernelConfig(parsing: "")
    let request = request.adapted(to: kernel.release)
    if !request.isGranted(by: config, lacks: { _ in false }) {
      let known = KconfigTree(ofSource: tree)
      guard request.isGranted(by: config, lacks: known.lacks) else { return nil }
      for note in request.absences(in: config, lacks: known.lacks) { progress(.note(note)) }
    }
    return BuiltKernel(
      kernel: kernel, directory: cache.kernels.path(of: entry(state)),
      buildDirectory: "\(cache.build(id(of: tree)))/obj", sourceDirectory: tree, sourceState: state, seconds: seconds,
      filesCompiled: 0, warnings: [], log: nil, isFromCache: true,
      supplements: [])
  }

  var seconds: Double {
    let passed = (ContinuousClock.now - start).components
    return Double(passed.seconds) + Double(passed.attoseconds) / 1e18
  }

  /// Returns the name of the build directory.
  private func id(of tree: String) -> String {
    String(SHA256.hex(of: "\(tree)\n\(request.buildDirectoryKey ?? request.configurationKey)\n\(toolchain)").prefix(24))
  }

  func entry(_ state: String) -> String {
    "build-" + SHA256.hex(of: "\(state)\n\(request.configurationKey)\n\(toolchain)").prefix(32)
  }

  private struct Made {
    var log: BuildLog
    var supplements: [String]
  }

  private func make(_ tree: KernelSourceTree, in directory: String, state: String) async throws -> Made {
    let objects = "\(directory)/obj"
    try cache.makeDirectory(objects)
    let log = "\(directory)/make.log"
    try cache.write("", to: log)
    var record = BuildRecord.read(directory) ?? BuildRecord(source: tree.name, complete: nil, files: 0, symbols: 0)
    let wasComplete = record.complete != nil
    record.complete = nil
    try record.write(directory)
    let configuring = KernelConfiguring(
      tree: tree, directory: directory, objects: objects,
      request: try request.reading(tree.directory).adapted(to: tree.version ?? ""), cache: cache,
      log: log, progress: progress)
    let supplements = try await configuring.configure()
    record.symbols = KernelConfig(parsing: cache.text("\(objects)/.config") ?? "").symbols.count
    let expected = wasComplete ? nil : record.files > 0 ? record.files : estimate(symbols: record.symbols)
    let process = MakeProcess(
      arguments: ["-C", tree.directory, "O=\(objects)", "-j\(max(1, request.jobs))"] + request.variables
        + ["vmlinux", "modules"],
      environment: try await BuildTools.environment(for: tree.directory), log: log, tree: tree.directory)
    let (succeeded, said) = try await process.run { [progress] log in
      progress(.compiling(files: log.filesCompiled, expected: expected, current: log.current))
    }
    guard succeeded else { throw said.failure(source: tree.name, log: log, directory: directory) }
    if !wasComplete { record.files = max(record.files, said.filesCompiled) }
    record.complete = state
    try record.write(directory)
    try configuring.remember(supplements)
    return Made(log: said, supplements: supplements)
  }

  private func finish(
    _ made: Made, _ tree: KernelSourceTree, in directory: String, state: String
  ) async throws -> BuiltKernel {
    progress(.step("keeping the kernel"))
    let name = entry(state)
    let kernels = cache.kernels
    if request.refresh { HostFiles.remove(kernels.path(of: name)) }
    let kernel = try await kernels.entry(name) { partial in
      try KernelBuilding.install("\(directory)/obj", into: partial)
      var kernel = try await resolveKernel(.path(partial), cache: kernels)
      kernel.label = KernelBuilding.label(kernel.release, state)
      // ktest's checkout moves on to other commits: then neither its files nor its objects belong to this kernel.
      kernel.sourcePath = tree.isCheckout ? nil : tree.directory
      kernel.buildPath = tree.isCheckout ? nil : "\(directory)/obj"
      kernel.source = KernelOrigin(request.source).built(
        at: kernels.path(of: name), state: state, base: "\(request.base)", compiler: toolchain)
      return kernel
    }
    return BuiltKernel(
      kernel: kernel, directory: kernels.path(of: name), buildDirectory: "\(directory)/obj",
      sourceDirectory: tree.directory, sourceState: state, seconds: seconds, filesCompiled: made.log.filesCompiled,
      warnings: made.log.warnings, log: "\(directory)/make.log", isFromCache: false, supplements: made.supplements)
  }

  /// Returns `6.12.117@1a2b3c4d5e6f`, with `+` if there are uncommitted changes.
  static func label(_ release: String, _ state: String) -> String {
    guard let commit = KernelOrigin.commit(of: state) else { return release }
    return "\(release)@\(commit.prefix(12))\(state.contains("+") ? "+" : "")"
  }

  /// Estimates the number of files from another kernel by the number of symbols that are set; nil if there is none.
  private func estimate(symbols: Int) -> Int? {
    let records = HostFiles.names(in: cache.build("")).compactMap { BuildRecord.read(cache.build($0)) }
    let complete = records.filter { $0.complete != nil && $0.symbols > 0 && $0.files > 0 }
    guard let nearest = complete.min(by: { abs($0.symbols - symbols) < abs($1.symbols - symbols) }) else { return nil }
    return nearest.files * symbols / nearest.symbols
  }

  /// Copies all files that are needed to boot, load modules and look up the configuration, because the build directory
  /// will change.
  private static func install(_ objects: String, into directory: String) throws {
    for name in [
      "vmlinux", ".config", "modules.order", "modules.builtin", "System.map", "Module.symvers",
      "include/config/kernel.release",
    ] { try BuildFiles.copy("\(objects)/\(name)", to: "\(directory)/\(name)") }
    let order = (try? KernelFiles.read("\(objects)/modules.order")) ?? []
    for file in ModuleIndex.files(inOrder: String(decoding: order, as: UTF8.self)) {
      guard !file.hasPrefix("/"), !file.contains("..") else { continue }
      try BuildFiles.copy("\(objects)/\(file)", to: "\(directory)/\(file)")
    }
  }
}
