/// Layers with our own programs, linked statically by the host's compiler.
extension LayerBuild {
  func compile(_ name: String, sources: [String], cflags: [String], libs: [String]) async throws -> LayerContent {
    let title = "compile \(name)"
    let places = try sources.map { try source($0, title: title) }
    let compiler = try HostTool.required(
      "cc", for: title, advice: "'apt-get install gcc libc6-dev', or the equivalent on your system")
    let contents = try places.map { try cache.digest($0).sha256 }
    let key = LayerBuild.key(
      ["compile 1", name, "\(sources.count)"] + sources + contents + ["\(cflags.count)"] + cflags + libs
        + [compiler.stamp, stripStamp])
    return try await cached(key) {
      progress(ImageStep(layer: title, action: "compiling"))
      let work = cache.temporary()
      try Files.makeDirectory(work)
      defer { Files.remove(work) }
      return try await compile(
        Compilation(program: name, sources: sources, cflags: cflags, libs: libs, work: work, compiler: compiler))
    }
  }

  private struct Compilation {
    var program: String
    var sources: [String]
    var cflags: [String]
    var libs: [String]
    var work: String
    var compiler: HostTool
  }

  private func compile(_ task: Compilation) async throws -> LayerContent {
    // Sources are named relative to the folder and paths are mapped, so that two folders give the same bytes.
    let maps = ["-ffile-prefix-map=\(folder)=.", "-ffile-prefix-map=\(task.work)=."]
    var inputs: Set<String> = []
    var objects: [String] = []
    for (index, source) in task.sources.enumerated() {
      let object = "\(task.work)/\(index).o"
      let arguments = task.cflags + maps + ["-frandom-seed=\(index)", "-MD", "-MF", object + ".d", "-c", "-o", object]
      try await cc(task, arguments + ["./" + source])
      inputs.formUnion(LayerBuild.dependencies(try Files.text(object + ".d"), in: folder))
      objects.append(object)
    }
    let linked = task.work + "/program"
    let libraries = task.libs.map { $0.hasPrefix("-") ? $0 : "-l" + $0 }
    let outcome = try await cc(
      task, task.cflags + ["-static", "-Wl,--build-id=none", "-Wl,--trace", "-o", linked] + objects + libraries)
    // The linker lists every file that it used; an upgrade may replace those of the system.
    for line in outcome.output.split(whereSeparator: { "\n()".contains($0) }) where line.hasPrefix("/") {
      if !line.hasPrefix(cache.root), let place = Files.real(String(line)), FileStamp(place)?.isRegular == true {
        inputs.insert(place)
      }
    }
    let program = ELFClosure.Program(source: linked, destination: "/usr/bin/" + task.program)
    var content = LayerContent()
    content.entries = try await entries(programs: [program], libraries: [])
    let version = try await task.compiler.run(["--version"], cache: cache)
    content.details = [version.output.split(separator: "\n").first.map(String.init) ?? task.compiler.name]
    content.inputs = inputs.sorted().map { cache.input($0, byContent: $0.hasPrefix(folder + "/")) }
    return content
  }

  @discardableResult
  private func cc(_ task: Compilation, _ arguments: [String]) async throws -> HostTool.Outcome {
    let outcome = try await task.compiler.run(arguments, in: folder, cache: cache)
    guard outcome.succeeded else {
      throw ImageError.compileFailed(program: task.program, lines: outcome.lines(first: 12))
    }
    return outcome
  }

  /// Returns the files that a make rule depends on, with links resolved; relative ones are in `folder`.
  static func dependencies(_ rule: String, in folder: String) -> [String] {
    let text = rule.drop { $0 != ":" }.dropFirst()
    let separator: Character = "\u{1}"
    let words = String(text).replacing("\\\n", with: " ").replacing("\\ ", with: String(separator))
    return words.split(whereSeparator: \.isWhitespace).compactMap { word in
      let path = word.replacing(String(separator), with: " ")
      return Files.real(path.hasPrefix("/") ? String(path) : folder + "/" + path)
    }
  }
}
