import Glibc
import KTestValues

/// The compiler and linker runs for some programs of one tree. An object that several programs share is compiled once.
struct ProgramCompilation: Sendable {
  let build: ProgramBuild
  let compiler: HostTool
  /// A work folder for objects and generated headers.
  let work: String
  private let width = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

  private struct Object: Sendable, Hashable {
    var source: String
    var cflags: [String]
  }

  private struct Compiled: Sendable {
    var path: String
    /// The files that it was made from, with links resolved.
    var inputs: [String]
  }

  init(build: ProgramBuild, compiler: HostTool, work: String) throws {
    (self.build, self.compiler, self.work) = (build, compiler, work)
    try Files.makeDirectory(work + "/include")
    for header in build.set.headers {
      let place = "\(work)/include/\(header.name)"
      try Files.makeDirectory(Paths.parent(place))
      try build.layer.cache.write(place) { writer in try writer.write(Array(header.text.utf8)) }
    }
  }

  /// Returns one content for each task, in their order.
  func compile(_ tasks: [ProgramTask]) async throws -> [LayerContent] {
    var objects: [(object: Object, program: String)] = []
    var places: [Object: Int] = [:]
    for task in tasks {
      for source in task.sources {
        let object = Object(source: source, cflags: task.cflags)
        if places[object] == nil {
          places[object] = objects.count
          objects.append((object, task.program.name))
        }
      }
    }
    let programs = Phrase.count(tasks.count, "program")
    build.layer.progress(ImageStep(layer: build.title, action: "compiling \(programs)"))
    let version = try await compiler.run(["--version"], cache: build.layer.cache)
    let line = version.output.split(separator: "\n").first.map(String.init) ?? compiler.name
    let jobs = objects.enumerated().map { ($0, $1.object, $1.program) }
    let compiled = try await concurrently(jobs) { job in try await compile(job.1, number: job.0, for: job.2) }
    build.layer.progress(ImageStep(layer: build.title, action: "linking \(programs)"))
    return try await concurrently(tasks) { [places] task in
      let own = task.sources.compactMap { places[Object(source: $0, cflags: task.cflags)] }.map { compiled[$0] }
      return try await link(task, own, version: line)
    }
  }

  private func compile(_ object: Object, number: Int, for program: String) async throws -> Compiled {
    let path = "\(work)/\(number).o"
    // Paths are mapped, so that two folders give the same bytes.
    let maps = ["-ffile-prefix-map=\(build.root)=.", "-ffile-prefix-map=\(work)=."]
    let arguments =
      object.cflags + ["-iquote", work + "/include"] + build.includes + maps
      + ["-frandom-seed=\(object.source)", "-MD", "-MF", path + ".d", "-c", "-o", path, object.source]
    try await cc(arguments, for: program)
    let inputs = LayerBuild.dependencies(try Files.text(path + ".d"), in: build.root)
    return Compiled(path: path, inputs: inputs)
  }

  private func link(_ task: ProgramTask, _ objects: [Compiled], version: String) async throws -> LayerContent {
    let (layer, name) = (build.layer, task.program.name)
    let linked = "\(work)/program-\(name)"
    let outcome = try await cc(
      task.cflags + (task.isStatic ? ["-static"] : []) + ["-Wl,--build-id=none", "-Wl,--trace", "-o", linked]
        + objects.map(\.path) + task.libs, for: name)
    var inputs = Set(objects.flatMap(\.inputs))
    // The linker lists every file that it used; an upgrade may replace those of the system.
    for line in outcome.output.split(whereSeparator: { "\n()".contains($0) }) where line.hasPrefix("/") {
      if let place = Files.real(String(line)), FileStamp(place)?.isRegular == true { inputs.insert(place) }
    }
    let program = ELFClosure.Program(source: linked, destination: "\(build.set.to)/\(name)")
    let libraries = task.isStatic ? [] : try ELFClosure(roots: [.host]).libraries(of: [program])
    var content = LayerContent()
    content.entries = try await layer.entries(programs: [program], libraries: libraries)
    content.details = [version] + task.absentLibs.map { "\(name): without lib\($0), which is not installed" }
    if !task.isStatic {
      content.details.append("\(name): linked dynamically because a library has no static form here")
    }
    // Files in the cache have names that identify their content.
    content.inputs = inputs.filter { !$0.hasPrefix(layer.cache.root + "/") }.sorted().map { path in
      layer.cache.input(path, byContent: path.hasPrefix(build.root + "/"))
    }
    return content
  }

  @discardableResult
  private func cc(_ arguments: [String], for program: String) async throws -> HostTool.Outcome {
    let outcome = try await compiler.run(arguments, in: build.root, cache: build.layer.cache)
    guard outcome.succeeded else {
      // Warnings about the tests come first and are not useful here.
      let lines = outcome.lines(first: 4000)
      let first = lines.firstIndex { $0.contains("error: ") || $0.contains("undefined reference") } ?? 0
      let shown = lines[max(0, first - 1)...].prefix(12)
      throw ImageError.compileFailed(program: program, lines: ["in \(build.root), for \(build.title):"] + shown)
    }
    return outcome
  }

  /// Runs as many concurrently as the host has processors; the results are in the order of the items.
  private func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Result
  ) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var results: [Result?] = Array(repeating: nil, count: items.count)
      for (number, item) in items.enumerated() {
        if number >= width, let (done, result) = try await group.next() { results[done] = result }
        group.addTask { (number, try await body(item)) }
      }
      while let (done, result) = try await group.next() { results[done] = result }
      return results.compactMap { $0 }
    }
  }
}
