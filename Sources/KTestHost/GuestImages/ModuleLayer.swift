/// The out-of-tree modules of a recipe, built for one kernel. They are not part of the image's archive: a suite names
/// them like any other module of the kernel.
package struct RecipeModules: Sendable, Equatable {
  package struct Module: Sendable, Equatable {
    var name: String
    /// The path of the `.ko` in the cache.
    package var path: String
  }

  package var built: [Module] = []
  /// The reasons why modules cannot be built for this kernel, by name.
  package var refused: [String: String] = [:]
  /// The layers for the manifest of a run.
  package var layers: [ImageLayer] = []
  /// Notices about damaged files in the cache.
  package var notices: [String] = []
}

/// Builds the `module` layers of a recipe against the build tree of a kernel, or finds them in the cache.
///
/// It writes neither to the sources nor to the build tree. A kernel without a build tree gets none, with the reason.
/// Throws `ImageError` if a module does not compile.
package func buildModules(
  of file: RecipeFile, for kernel: ImageKernel, cache: String,
  progress: @escaping @Sendable (ImageStep) -> Void = { _ in }
) async throws -> RecipeModules {
  var modules = RecipeModules()
  let build = LayerBuild(
    folder: file.folder, parameters: [:], kernel: kernel, cache: try ImageCache(cache), strip: HostTool("strip"),
    progress: progress)
  for (number, layer) in file.recipe.layers.enumerated() {
    guard case .module(let name, let sources, let cflags) = layer else { continue }
    guard let tree = kernel.build else {
      modules.refused[name] = ImageKernel.refusal(ofModule: name)
      continue
    }
    if let gone = sources.first(where: { kernel.lacks(moduleSource: $0) }) {
      modules.refused[name] =
        "the module \(name) is made from \(gone.dropFirst(ModuleTask.ofTree.count)), which the source of "
        + "\(kernel.label) does not have"
      continue
    }
    try Task.checkCancellation()
    let task = ModuleTask(name: name, sources: sources, cflags: cflags, tree: tree, title: layer.title)
    let path: String
    do {
      path = try await build.module(task)
    } catch let error as ImageError { throw error.located(at: file.mark(ofLayer: number), in: file) }
    modules.built.append(RecipeModules.Module(name: name, path: path))
    modules.layers.append(
      ImageLayer(
        title: layer.title, identity: try build.cache.digest(path).sha256,
        details: ["built against \(tree), \(kernel.release)"]))
  }
  modules.notices = build.cache.damage.sentences
  return modules
}

extension ImageKernel {
  /// The sentence is the same for all such kernels, so that a report of several has it once.
  package static func refusal(ofModule name: String) -> String {
    "the module \(name) is built against a kernel's build tree, and this kernel has none: "
      + "give the build directory as the kernel"
  }

  /// Returns the path of a module's source that is in the kernel's own source; nil for other sources.
  fileprivate func place(ofModuleSource name: String) -> String? {
    guard name.hasPrefix(ModuleTask.ofTree) else { return nil }
    return (source ?? "") + "/" + name.dropFirst(ModuleTask.ofTree.count)
  }

  fileprivate func lacks(moduleSource name: String) -> Bool {
    guard let place = place(ofModuleSource: name) else { return false }
    return source == nil || !Files.exists(place)
  }
}

struct ModuleTask: Sendable {
  /// What a source begins with that is relative to the kernel's source instead.
  static let ofTree = "tree:"

  var name: String
  /// The sources, relative to the recipe's folder.
  var sources: [String]
  var cflags: [String]
  /// The kernel's build tree.
  var tree: String
  var title: String

  /// The Kbuild file, if the recipe has none of its own.
  var kbuild: String {
    let objects = sources.map(Paths.last).filter { $0.hasSuffix(".c") }.map { $0.dropLast(2) + ".o" }
    var lines = ["obj-m := \(name).o"]
    if objects != ["\(name).o"] { lines.append("\(name)-y := " + objects.joined(separator: " ")) }
    if !cflags.isEmpty { lines.append("ccflags-y := " + cflags.joined(separator: " ")) }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension LayerBuild {
  /// Returns the path of the built module in the cache.
  func module(_ task: ModuleTask) async throws -> String {
    let places = try task.sources.map { name in
      try kernel?.place(ofModuleSource: name) ?? source(name, title: task.title)
    }
    let contents = try places.map { try cache.digest($0).sha256 }
    // Another configuration, or one more exported symbol, gives another module.
    let tree = ["vmlinux", "Module.symvers", "include/config/auto.conf", "include/config/kernel.release"].map {
      "\($0) \(FileStamp(task.tree + "/" + $0)?.text ?? "absent")"
    }
    let parts = [[task.name, task.tree], tree, task.sources, contents, task.cflags]
    let folder = "\(cache.root)/modules/\(LayerBuild.key(["module 1"] + parts.map(LayerBuild.key)))"
    let result = "\(folder)/\(task.name).ko"
    if cache.isWhole(tree: folder), Files.exists(result) { return result }
    let advice = "'apt-get install make gcc libc6-dev libelf-dev', or the equivalent on your system"
    let make = try HostTool.required("make", for: task.title, advice: advice)
    try cache.checkForMake(task.title)
    progress(ImageStep(layer: task.title, action: "building against \(task.tree)"))
    let work = cache.temporary()
    try Files.makeDirectory(work)
    defer { Files.remove(work) }
    for place in places {
      try cache.write("\(work)/\(Paths.last(place))") { writer in
        try writer.write(file: place, size: FileStamp(place)?.size ?? 0)
      }
    }
    if !["Kbuild", "Makefile"].contains(where: { Files.exists("\(work)/\($0)") }) {
      try cache.write(work + "/Kbuild") { writer in try writer.write(Array(task.kbuild.utf8)) }
    }
    let log = "\(cache.root)/logs/module-\(task.name).log"
    Files.remove(log)
    let outcome = try await make.run(
      ["-C", task.tree, "M=\(work)", "modules"], cache: cache,
      environment: ["MAKEFLAGS": "", "KBUILD_OUTPUT": "", "O": ""], log: log)
    let made = "\(work)/\(task.name).ko"
    guard outcome.succeeded, Files.exists(made) else {
      let lines = outcome.lines(first: 4000)
      let errors = lines.filter { $0.contains("error: ") || $0.contains("ERROR: ") }
      throw ImageError.buildFailed(
        what: "the module \(task.name) against \(task.tree)",
        lines: errors.isEmpty ? Array(lines.suffix(12)) : Array(errors.prefix(12)), log: log)
    }
    let finished = cache.temporary()
    try Files.makeDirectory(finished)
    try cache.move(made, to: "\(finished)/\(task.name).ko")
    try cache.seal(finished, as: folder)
    return result
  }
}
