import Glibc
import KTestValues

/// The context in which all layers of an image are built.
struct LayerBuild: Sendable {
  /// The folder that sources are relative to, without symbolic links.
  var folder: String
  var parameters: [String: String]
  /// The kernel that the image is for, if it is known.
  var kernel: ImageKernel?
  var cache: ImageCache
  /// The tool `strip`, or nil if binutils are not installed: files then keep their debug information.
  var strip: HostTool?
  var progress: @Sendable (ImageStep) -> Void

  /// A part of the key of every layer that contains ELF files.
  var stripStamp: String { strip?.stamp ?? "not stripped" }

  /// Returns the layer from the cache, or builds it from its recipe.
  func content(of layer: Recipe.Layer) async throws -> LayerContent? {
    switch layer {
    case .directory(let path, let mode):
      var content = LayerContent()
      content.entries = [LayerContent.Entry(path: path, mode: mode, body: .directory)]
      return content
    case .file(let source, let to, let mode): return try file(source, to: to, mode: mode, title: layer.title)
    case .program(let path, let to): return try await program(path, to: to, title: layer.title)
    case .compile(let name, let sources, let cflags, let libs):
      return try await compile(name, sources: sources, cflags: cflags, libs: libs)
    case .package(let name, let files): return try await package(name, files: files)
    case .meson(let parameter, let options, let targets, let install):
      guard let value = parameters[parameter] else { return nil }
      return try await meson(parameter, value: value, options: options, targets: targets, install: install)
    case .selftests(let folder, let from, let plan):
      return try await selftests(folder, from: from, plan, title: layer.title)
    // These are appended to the image's archive with the kernel's own modules: see `buildModules`.
    case .module: return nil
    case .checkout(let parameter, let set):
      guard let value = parameters[parameter] else { return nil }
      return try await checkoutPrograms(parameter, value: value, set, title: layer.title)
    }
  }

  /// Returns the layer of a key, which `build` makes if the cache does not have it.
  func cached(_ key: String, _ build: () async throws -> LayerContent) async throws -> LayerContent {
    if let content = cache.layer(key) { return content }
    let content = try await build()
    try cache.store(content, key)
    return content
  }

  /// Joins parts to a key; the order matters, and no two lists of parts give the same key.
  static func key(_ parts: [String]) -> String {
    SHA256.hex(of: parts.map { "\($0.utf8.count):\($0)" }.joined())
  }

  /// Returns the path of a source on the host, which must be in the recipe's folder even with links resolved.
  func source(_ path: String, title: String) throws -> String {
    let place = folder + "/" + path
    guard let real = Files.real(place) else { throw ImageError.fileMissing(path: place, layer: title) }
    guard ImagePath.problem(ofSource: path) == nil, real.hasPrefix(folder == "/" ? "/" : folder + "/") else {
      throw ImageError.fileUnfit(path: place, reason: "it leads out of the recipe's folder '\(folder)'")
    }
    guard FileStamp(real)?.isRegular == true else {
      throw ImageError.fileUnfit(path: place, reason: "it is not a regular file")
    }
    return real
  }

  // MARK: contents

  /// Takes a file into the cache, without debug information if it is an ELF program or library.
  func blob(of path: String) async throws -> LayerContent.Body {
    guard let stamp = FileStamp(path) else { throw Files.failure("read", path, ENOENT) }
    guard stamp.isRegular else { throw ImageError.fileUnfit(path: path, reason: "it is not a regular file") }
    let unfinished = cache.temporary()
    defer { Files.remove(unfinished) }
    do {
      var writer = try FileWriter(unfinished)
      try writer.write(file: path, size: stamp.size)
      if !(try await strip(unfinished)) {
        try writer.flush()
        try cache.move(unfinished, to: cache.path(blob: writer.sha256))
        return .file(sha256: writer.sha256, size: writer.size)
      }
    }
    let stripped = try Files.read(unfinished)
    let sha256 = SHA256.hex(of: stripped)
    // strip wrote it, which flushes nothing.
    try cache.write(cache.path(blob: sha256)) { writer in try writer.write(stripped) }
    return .file(sha256: sha256, size: stripped.count)
  }

  /// Strips a file and returns whether it was rewritten. A file that `strip` rejects is kept whole: it may still run.
  private func strip(_ path: String) async throws -> Bool {
    guard let strip, let image = try? ELFLinking(try Files.read(path)) else { return false }
    guard image.kind == .executable || image.kind == .shared else { return false }
    return try await strip.run(["--strip-all", "--", path], cache: cache).succeeded
  }

  /// Returns entries for programs and the libraries that they need.
  func entries(
    programs: [ELFClosure.Program], libraries: [ELFClosure.Program], modes: [String: UInt32] = [:]
  ) async throws -> [LayerContent.Entry] {
    var entries: [LayerContent.Entry] = []
    for program in programs {
      let mode = modes[program.destination] ?? 0o755
      entries.append(
        LayerContent.Entry(path: program.destination, mode: mode, body: try await blob(of: program.source)))
    }
    for library in libraries {
      entries.append(
        LayerContent.Entry(
          path: library.destination, mode: 0o755, body: try await blob(of: library.source), isLibrary: true))
    }
    return entries
  }
}
