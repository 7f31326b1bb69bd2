import KTestValues

extension TargetBuilding {
  /// Returns the path of the last log of `make` for a request.
  package func log(of request: TargetRequest) -> String { "\(directory(of: request))/make.log" }

  /// Compiles the targets, or finds everything compiled already.
  ///
  /// make prints warnings only for files that it compiles. So after a change, all targets are compiled again to count
  /// the warnings of all files; ccache makes this fast.
  ///
  /// Throws ``KernelBuildError``, `KernelError`, `CancellationError`.
  package func compile(_ request: TargetRequest) async throws -> CompiledTargets {
    let directory = directory(of: request)
    let note = progress
    return try await cache.locked(
      name(of: request), waiting: { note(.note("waiting for another build of this configuration")) }
    ) {
      cache.use.note("builds/\(name(of: request))")
      if let record = TargetRecord.read(directory) {
        if record.state == state, let sizes = try? await sizes(of: request.targets, in: directory) {
          return CompiledTargets(
            sizes: sizes, warnings: record.warnings, supplements: record.supplements, isFromCache: true)
        }
        HostFiles.remove(directory)
      }
      return try await compile(request, in: directory)
    }
  }

  private func compile(_ request: TargetRequest, in directory: String) async throws -> CompiledTargets {
    let objects = "\(directory)/obj"
    let log = "\(directory)/make.log"
    try cache.makeDirectory(objects)
    try cache.write("", to: log)
    try checkNames(request.wishes)
    let configuring = KernelConfiguring(
      tree: tree, directory: directory, objects: objects, request: kernel(request), cache: cache, log: log,
      progress: progress)
    let supplements = try await configuring.configure()
    if !supplements.isEmpty {
      let line = "# also switched on: \(supplements.joined(separator: ", "))\n"
      try cache.write((cache.text(log) ?? "") + line, to: log)
    }
    try TargetRecord().write(directory)
    let process = MakeProcess(
      // Without a vmlinux, no symbol of a module is known.
      arguments: ["-C", tree.directory, "O=\(objects)", "-j\(max(1, request.jobs))"] + variables
        + ["KBUILD_MODPOST_WARN=1"] + request.targets,
      environment: try await BuildTools.environment(for: tree.directory), log: log, tree: tree.directory)
    let (succeeded, said) = try await process.run { [progress] log in
      progress(.compiling(files: log.filesCompiled, expected: nil, current: log.current))
    }
    guard succeeded else { throw said.failure(source: tree.name, log: log, directory: directory) }
    guard try await isUnchanged() else { throw KernelBuildError.sourceChanges(directory: tree.directory) }
    let sizes = try await sizes(of: request.targets, in: directory)
    var warnings: [String] = []
    for warning in said.warnings.map(\.description) where !warnings.contains(warning) { warnings.append(warning) }
    try TargetRecord(state: state, warnings: warnings, supplements: supplements).write(directory)
    return CompiledTargets(sizes: sizes, warnings: warnings, supplements: supplements, isFromCache: false)
  }

  /// Checks that the symbols exist. A symbol that does not exist is off in every configuration: it is misspelt or meant
  /// for another kernel.
  private func checkNames(_ wishes: [ConfigWish]) throws(KernelBuildError) {
    let unknown = wishes.filter { kconfig.symbols[$0.symbol]?.definitions.isEmpty ?? true }
    guard unknown.isEmpty else {
      let (all, empty) = (ConfigWishes(own: [], asked: wishes), KernelConfig(parsing: ""))
      throw .configurationImpossible(
        source: tree.name, shortfalls: unknown.map { kconfig.shortfall($0, in: empty, wishes: all) }, kconfig: [])
    }
  }

  private func sizes(of targets: [String], in directory: String) async throws -> [TargetSize] {
    var sizes: [TargetSize] = []
    for target in targets {
      let file = TargetSize.file(of: target)
      guard HostFiles.exists("\(directory)/obj/\(file)") else {
        throw KernelBuildError.doesNotCompile(
          source: tree.name, messages: [], lines: ["make \(target) made no \(file)"], log: "\(directory)/make.log")
      }
      let result = try await Tool(name: "size", package: "binutils").run(
        ["--format=berkeley", file], purpose: "measure what was compiled", in: "\(directory)/obj")
      guard result.succeeded else {
        throw KernelBuildError.hostFailed(
          reason: "size \(file): \(result.complaint)", log: "\(directory)/make.log")
      }
      sizes.append(TargetSize(target: target, table: result.text))
    }
    return sizes
  }

  private func kernel(_ request: TargetRequest) -> KernelBuildRequest {
    var kernel = KernelBuildRequest(source: source, base: request.base, wishes: request.wishes, jobs: request.jobs)
    kernel.needs = []
    kernel.variables = variables
    return kernel
  }

  /// The variables for make. ccache also serves the host compiler, because each configuration builds Kconfig and
  /// objtool for itself.
  private var variables: [String] {
    BuildTools.variables + (BuildTools.isInstalled("ccache") ? ["HOSTCC=ccache gcc"] : [])
  }

  private func name(of request: TargetRequest) -> String {
    let key = "\(tree.directory)\n\(kernel(request).configurationKey)\n\(request.targets)\n\(toolchain)"
    return String(SHA256.hex(of: "targets\n\(key)").prefix(24))
  }

  private func directory(of request: TargetRequest) -> String { cache.build(name(of: request)) }
}
