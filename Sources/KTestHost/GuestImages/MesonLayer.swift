/// Layers with programs of a user's checkout, built with its own build system in a copy in the cache: nothing is ever
/// written into the checkout itself.
extension LayerBuild {
  func meson(
    _ parameter: String, value: String, options: [String], targets: [String], install: [Recipe.Install]
  ) async throws -> LayerContent {
    let title = "meson \(parameter)"
    let checkout = try await checkout(parameter, value: value, title: title)
    guard Files.exists(checkout.folder + "/meson.build") else {
      throw ImageError.parameterInvalid(
        name: parameter, value: value, reason: "it has no meson.build; give the root of the project's checkout")
    }
    guard Files.real(cache.root)?.hasPrefix(checkout.folder + "/") != true else {
      throw ImageError.parameterInvalid(
        name: parameter, value: value,
        reason: "the cache is inside of this checkout; choose another directory with --cache"
      )
    }
    let tools = try MesonTools(title: title)
    let recipe = [tools.stamp] + options
    let wanted = targets + ["--"] + install.flatMap { [$0.target, $0.to] }
    let key = LayerBuild.key(["meson 2", checkout.folder, checkout.identity, stripStamp] + recipe + wanted)
    return try await cached(key) {
      let place = cache.root + "/meson/" + LayerBuild.key(["copied", checkout.folder] + recipe)
      try Files.makeDirectory(place)
      let lock: FileLock
      do {
        lock = try await FileLock(place + "/lock")
      } catch let problem as FileProblem { throw Files.failure("lock", problem) }
      defer { withExtendedLifetime(lock) {} }
      let source = place + "/source"
      progress(ImageStep(layer: title, action: "copying the checkout"))
      try SourceCopy(source: checkout.folder, copy: source).refresh()
      guard try await self.checkout(parameter, value: value, title: title) == checkout else {
        throw ImageError.parameterInvalid(
          name: parameter, value: value, reason: "the checkout changed while it was copied; build it again")
      }
      let build = place + "/build"
      try await tools.build(
        source, of: checkout.folder, in: build, options, targets + install.map(\.target), self, title)
      var programs: [ELFClosure.Program] = []
      for file in install {
        guard let program = Files.real(build + "/" + file.target) else {
          throw ImageError.fileMissing(path: build + "/" + file.target, layer: title)
        }
        programs.append(ELFClosure.Program(source: program, destination: file.to))
      }
      let libraries = try ELFClosure(roots: [.host], buildDirectory: build).libraries(of: programs)
      var content = LayerContent()
      content.entries = try await entries(programs: programs, libraries: libraries)
      content.details = [checkout.identity]
      content.inputs = libraries.filter { !$0.source.hasPrefix(cache.root) }.map { cache.input($0.source) }
      return content
    }
  }
}

private struct MesonTools {
  var meson: HostTool
  var ninja: HostTool
  var compiler: HostTool

  init(title: String) throws {
    let advice = "'apt-get install meson ninja-build pkg-config gcc libc6-dev', or the equivalent on your system"
    meson = try HostTool.required("meson", for: title, advice: advice)
    ninja = try HostTool.required("ninja", for: title, advice: advice)
    compiler = try HostTool.required("cc", for: title, advice: advice)
    _ = try HostTool.required("pkg-config", for: title, advice: advice)
  }

  var stamp: String { [meson, ninja, compiler].map(\.stamp).joined(separator: "\n") }

  func build(
    _ source: String, of checkout: String, in build: String, _ options: [String], _ targets: [String],
    _ layer: LayerBuild, _ title: String
  ) async throws {
    let log = "\(layer.cache.root)/logs/\(Paths.last(Paths.parent(build))).log"
    let place = Paths.parent(build)
    let environment = ["PYTHONDONTWRITEBYTECODE": "1"]
    func run(_ tool: HostTool, _ arguments: [String]) async throws -> HostTool.Outcome {
      try await tool.run(arguments, in: place, cache: layer.cache, environment: environment, log: log)
    }
    let setup = ["setup", "--wrap-mode=nodownload"] + options + [build, source]
    let wanted = ["-C", build] + targets.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    Files.remove(log)
    if Files.exists(build + "/build.ninja") {
      layer.progress(ImageStep(layer: title, action: "building what has changed"))
      if try await run(ninja, wanted).succeeded { return }
      // An older state of the checkout may have left files that break the build: try again from scratch.
    }
    Files.remove(log)
    Files.remove(build)
    layer.progress(ImageStep(layer: title, action: "configuring"))
    var outcome = try await run(meson, setup)
    if outcome.succeeded {
      layer.progress(ImageStep(layer: title, action: "building"))
      outcome = try await run(ninja, wanted)
    }
    guard outcome.succeeded else {
      throw ImageError.buildFailed(what: checkout, lines: outcome.lines(last: 20), log: log)
    }
  }
}
