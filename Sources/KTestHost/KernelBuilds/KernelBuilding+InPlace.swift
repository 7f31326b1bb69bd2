import KTestValues

extension KernelBuilding {
  /// Runs `make vmlinux modules` in a tree that its owner builds in place, or in its output directory, with the owner's
  /// configuration, and changes nothing else.
  ///
  /// Throws ``KernelBuildError/builtInPlace(directory:missing:)`` if the configuration lacks requested symbols.
  func inPlace(_ tree: KernelSourceTree) async throws -> BuiltKernel {
    try MakePath.check(tree.directory)
    let source = tree.isOutput ? (try? KernelFiles.resolved("\(tree.directory)/source")) : nil
    guard let text = cache.text("\(tree.directory)/.config") else {
      throw KernelBuildError.badSource(
        tree.name, "it was built in place but has no .config; run 'make mrproper' there to make it a clean source")
    }
    let config = KernelConfig(parsing: text)
    let version = KernelSourceTree(directory: source ?? tree.directory, name: tree.name, mark: "").version
    let request = try request.reading(source ?? tree.directory).adapted(to: version ?? "")
    let loads = ModuleSymbols.search(source ?? tree.directory, for: Set(request.modules.map(\.name)))
    let wishes = ConfigWishes(own: [], asked: request.wishes + loads.wishes(for: request.modules))
    guard wishes.conflicts.isEmpty else { throw KernelBuildError.conflicts(wishes.conflicts) }
    var missing = wishes.all.filter { !$0.isOptional && !$0.isGranted(by: config) }
    if missing.contains(where: \.mayBeAbsent) {
      let known = KconfigTree(ofSource: source ?? tree.directory)
      for note in request.absences(in: config, lacks: known.lacks) { progress(.note(note)) }
      missing.removeAll { $0.mayBeAbsent && known.lacks($0.symbol) }
    }
    guard missing.isEmpty else {
      throw KernelBuildError.builtInPlace(
        directory: tree.name,
        missing: missing.map { "\($0.phrase), requested by \($0.origin): it is \(config.value(of: $0.symbol).text)" })
    }
    progress(.note("\(tree.name) is built in place, with its own configuration"))
    let id = SHA256.hex(of: tree.directory).prefix(24)
    return try await cache.locked("place-\(id)", waiting: { progress(.note("waiting for another build of this tree")) })
    {
      try cache.makeDirectory(cache.build("logs"))
      let log = "\(cache.build("logs"))/\(id).log"
      try cache.write("", to: log)
      let process = MakeProcess(
        arguments: ["-C", tree.directory, "-j\(max(1, request.jobs))", "vmlinux", "modules"],
        environment: try await BuildTools.environment(for: source ?? tree.directory), log: log,
        tree: source ?? tree.directory)
      let (succeeded, said) = try await process.run { [progress] log in
        progress(.compiling(files: log.filesCompiled, expected: nil, current: log.current))
      }
      guard succeeded else {
        if said.last.contains(where: { $0.contains("Restart config") || $0.contains("(NEW)") }) {
          throw KernelBuildError.configurationFailed(
            lines: ["the source has new symbols: run 'make olddefconfig' in \(tree.name)"], log: log)
        }
        throw said.failure(source: tree.name, log: log, directory: tree.directory)
      }
      return BuiltKernel(
        kernel: try await resolveKernel(.path(tree.directory), cache: cache.kernels), directory: tree.directory,
        buildDirectory: tree.directory, sourceDirectory: source ?? tree.directory, sourceState: "in place",
        seconds: seconds, filesCompiled: said.filesCompiled, warnings: said.warnings, log: log, isFromCache: false,
        supplements: [])
    }
  }
}
