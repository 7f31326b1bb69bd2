import Glibc
import KTestValues

/// Compiles the programs of a `ProgramSet` and caches each by content, so that after a change of a file only the
/// programs that use it are compiled. Nothing is written into the tree with the sources.
struct ProgramBuild: Sendable {
  let layer: LayerBuild
  let title: String
  let set: ProgramSet
  /// The top of the tree, where the compiler runs: its messages name files relative to it.
  let root: String
  /// The folder of the sources, relative to `root`; empty for `root` itself.
  let base: String
  /// The name of the tree for messages.
  let name: String
  /// The options for header directories.
  let includes: [String]
  /// Other inputs that the programs depend on.
  let key: [String]

  func content() async throws -> LayerContent {
    let compiler = try HostTool.required(
      "cc", for: title, advice: "'apt-get install gcc libc6-dev', or the equivalent on your system")
    var result = LayerContent()
    var contents: [String: LayerContent] = [:]
    var pending: [ProgramTask] = []
    for program in set.programs {
      let sources = self.sources(of: program)
      if let absent = sources.absent {
        let path = "\(set.to)/\(program.name)"
        result.omitted.append(ImageOmission(path: path, reason: "\(name) has no \(absent)"))
        continue
      }
      let task = try task(program, sources: sources.present, compiler: compiler)
      contents[program.name] = layer.cache.layer(task.key)
      if contents[program.name] == nil { pending.append(task) }
    }
    if !pending.isEmpty {
      let work = layer.cache.temporary()
      defer { Files.remove(work) }
      let compilation = try ProgramCompilation(build: self, compiler: compiler, work: work)
      for (task, content) in zip(pending, try await compilation.compile(pending)) {
        try layer.cache.store(content, task.key)
        contents[task.program.name] = content
      }
    }
    for program in set.programs {
      guard let content = contents[program.name] else { continue }
      result.entries += content.entries
      for detail in content.details where !result.details.contains(detail) { result.details.append(detail) }
    }
    try add(files: set.files, to: &result)
    return result
  }

  /// Returns the path of a source, relative to the root.
  private func path(_ source: String) -> String { base.isEmpty ? source : base + "/" + source }

  private func sources(of program: ProgramSet.Program) -> (present: [String], absent: String?) {
    var present: [String] = []
    for source in program.sources + set.sources {
      let isOptional = source.hasSuffix("?")
      let path = path(isOptional ? String(source.dropLast()) : source)
      if FileStamp(root + "/" + path)?.isRegular == true {
        if !present.contains(path) { present.append(path) }
      } else if !isOptional {
        return (present, path)
      }
    }
    return (present, nil)
  }

  private func task(
    _ program: ProgramSet.Program, sources: [String], compiler: HostTool
  ) throws -> ProgramTask {
    let cflags = set.cflags + program.cflags
    var task = ProgramTask(program: program, sources: sources, cflags: cflags)
    let folders = cflags.filter { $0.hasPrefix("-L") }.map { option in
      option.dropFirst(2).hasPrefix("/") ? String(option.dropFirst(2)) : root + "/" + option.dropFirst(2)
    }
    for wanted in program.libs + set.libs {
      let library = wanted.hasSuffix("?") ? String(wanted.dropLast()) : wanted
      func isThere(_ ending: String) -> Bool {
        (folders + ELFMachine.host.searchPath).contains { Files.exists("\($0)/lib\(library).\(ending)") }
      }
      if isThere("a") {
        task.libs.append("-l" + library)
      } else if isThere("so") {
        task.libs.append("-l" + library)
        task.isStatic = false
      } else if wanted == library {
        throw ImageError.developmentFilesMissing(
          program: program.name, library: library, package: ProgramBuild.package(of: library))
      } else {
        task.absentLibs.append(library)
      }
    }
    let contents = try sources.map { try layer.cache.digest(root + "/" + $0).sha256 }
    let headers = set.headers.flatMap { [$0.name, $0.text] }
    let parts = [key, [root, set.to, program.name], sources, contents, cflags, task.libs, includes, headers]
    task.key = LayerBuild.key(
      ["program 1"] + parts.map(LayerBuild.key) + ["\(task.isStatic)", compiler.stamp, layer.stripStamp])
    return task
  }

  /// Returns the Debian package with a library's headers.
  private static func package(of library: String) -> String {
    let known = ["uring": "liburing-dev", "numa": "libnuma-dev", "cap": "libcap-dev", "popt": "libpopt-dev"]
    return known[library] ?? "lib\(library)-dev"
  }

  private func add(files: [String], to content: inout LayerContent) throws {
    for file in files {
      let place = root + "/" + path(file)
      guard let stamp = FileStamp(place), stamp.isRegular else {
        content.omitted.append(ImageOmission(path: "\(set.to)/\(file)", reason: "\(name) has no \(path(file))"))
        continue
      }
      let (sha256, size) = try layer.cache.digest(place)
      let blob = layer.cache.path(blob: sha256)
      if !layer.cache.has(blob: sha256, size: size) {
        try layer.cache.write(blob) { writer in try writer.write(file: place, size: size) }
      }
      content.entries.append(
        LayerContent.Entry(
          path: "\(set.to)/\(file)", mode: stamp.mode & 0o777, body: .file(sha256: sha256, size: size)))
    }
  }
}

/// One program to compile.
struct ProgramTask: Sendable {
  var program: ProgramSet.Program
  /// The sources, relative to the root; all exist.
  var sources: [String]
  var cflags: [String]
  var libs: [String] = []
  /// Optional libraries that are not available.
  var absentLibs: [String] = []
  /// Whether it is linked statically; false if a library has no `.a` here.
  var isStatic = true
  /// The key of the program in the cache.
  var key = ""

  init(program: ProgramSet.Program, sources: [String], cflags: [String]) {
    self.program = program
    self.sources = sources
    self.cflags = cflags
  }
}
