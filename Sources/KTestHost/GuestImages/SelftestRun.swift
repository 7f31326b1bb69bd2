import Glibc
import KTestValues

/// One run of a tree's Makefile for a folder of selftests, and what came of it.
struct SelftestRun: Sendable {
  let make: SelftestMake
  let tool: HostTool
  let compiler: HostTool
  let place: SelftestPlace
  let notes: CompilerNotes

  private var layer: LayerBuild { make.layer }
  private var folder: String { "\(place.source)/tools/testing/selftests/\(make.folder)" }
  private var output: String { "\(place.programs)/\(make.folder)" }
  private var log: String { "\(layer.cache.root)/logs/selftests-\(Paths.last(place.root)).log" }

  func content() async throws -> LayerContent {
    let cc = try notes.install(for: make.set, in: make.folder, compiler: compiler, cache: layer.cache)
    try Files.makeDirectory(output)
    Files.remove(log)
    let listed = try await list(cc)
    let wanted = make.set.only.isEmpty ? listed : listed.filter { make.set.only.contains($0.name) }
    let programs = wanted.filter { $0.kind == .test || $0.kind == .made }.map(\.name)
    var times: [String: String?] = [:]
    for name in programs {
      let mark = CompilerNotes.mark(of: name, in: make.set)
      if notes.isStale("\(output)/\(name)", mark: mark, times: &times) { Files.remove("\(output)/\(name)") }
    }
    layer.progress(ImageStep(layer: make.title, action: "make -C tools/testing/selftests TARGETS=\(make.folder)"))
    let jobs = "-j\(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))"
    // -k: a program that does not compile does not keep the others from being built.
    var goal = ["-k", jobs, "-C", "\(place.source)/tools/testing/selftests", "TARGETS=\(make.folder)", "SKIP_TARGETS="]
    if !make.set.only.isEmpty {
      goal = ["-k", jobs, "-C", folder, "OUTPUT=\(output)", headers] + programs.map { "\(output)/\($0)" }
    }
    let outcome = programs.isEmpty ? nil : try await run(goal, cc)
    var content = LayerContent()
    content.folder = SelftestFolder(to: make.set.to, name: make.folder, tree: make.tree.name, files: listed)
    content.folder?.read(folder)
    var inputs: Set<String> = []
    for name in programs {
      let (path, destination) = ("\(output)/\(name)", "\(make.set.to)/\(name)")
      guard FileStamp(path)?.isRegular == true else {
        let reason = reason(of: name, outcome?.status)
        content.omitted.append(ImageOmission(path: destination, reason: reason, isBroken: true))
        continue
      }
      try await content.add(program(path, destination))
      inputs.formUnion(notes.inputs(of: path))
    }
    for file in wanted where file.kind == .script || file.kind == .file || file.kind == .include {
      try add(file, to: &content)
    }
    if make.set.only.isEmpty { try addHelpers(to: &content) }
    let version = try await compiler.run(["--version"], cache: layer.cache)
    content.details = [version.output.split(separator: "\n").first.map(String.init) ?? compiler.name]
    content.inputs = inputs.filter { !$0.hasPrefix(layer.cache.root + "/") }.sorted().map { layer.cache.input($0) }
    return content
  }

  private var headers: String { "KHDR_INCLUDES=-isystem \(place.output)/usr/include" }

  /// - Parameter log: nil for output that is read.
  private func run(_ arguments: [String], _ cc: String, toLog: Bool = true) async throws -> HostTool.Outcome {
    // Modules of tests need a built kernel; `module` layers build those that a suite needs.
    let settings = ["O=\(place.output)", "CC=\(cc)", "TEST_GEN_MODS_DIR="]
    return try await tool.run(
      arguments + settings, cache: layer.cache, environment: SelftestRun.environment, log: toLog ? log : nil)
  }

  /// Settings of the user's shell that would change the build.
  private static let environment: [String: String?] = [
    "ARCH": nil, "CROSS_COMPILE": nil, "CFLAGS": nil, "LDFLAGS": nil, "LDLIBS": nil, "KBUILD_OUTPUT": nil, "O": nil,
    "OUTPUT": nil, "MAKEFLAGS": nil, "MAKELEVEL": nil, "LLVM": nil, "TARGETS": nil, "USERCFLAGS": nil,
    "USERLDFLAGS": nil, "EXTRA_CFLAGS": nil, "KDIR": nil, "V": nil,
  ]

  /// Asks the Makefile what there is, and the Makefiles of the folders that it calls.
  private func list(_ cc: String) async throws -> [SelftestFile] {
    let listed = try await list(cc, in: "")
    var files = listed.filter { $0.kind != .folder }
    for inner in listed.map(\.name) where listed.contains(SelftestFile(.folder, inner)) {
      guard Files.exists("\(folder)/\(inner)/Makefile") else { continue }
      let programs = try await list(cc, in: "/" + inner).filter { $0.kind == .test || $0.kind == .made }
      // The script calls these one after the other, and its exit code is that of the last.
      if programs.contains(where: { $0.kind == .test }) { files.removeAll { $0.kind == .script } }
      files += programs.map { SelftestFile($0.kind, "\(inner)/\($0.name)") }
    }
    return files
  }

  private func list(_ cc: String, in inner: String) async throws -> [SelftestFile] {
    let (folder, output) = (folder + inner, output + inner)
    let lists: [(SelftestFile.Kind, String)] = [
      (.test, "$(TEST_GEN_PROGS) $(TEST_CUSTOM_PROGS)"), (.script, "$(TEST_PROGS)"),
      (.made, "$(TEST_GEN_FILES) $(TEST_GEN_PROGS_EXTENDED)"),
      (.file, "$(TEST_FILES) $(TEST_PROGS_EXTENDED) $(wildcard config settings)"), (.include, "$(TEST_INCLUDES)"),
      (.folder, "$(SUBDIRS)"),
    ]
    let calls = lists.map { "$(foreach name,\($0.1),$(info ktest \($0.0.rawValue) $(name)))" }.joined()
    let outcome = try await run(
      [
        "-s", "--no-print-directory", "-C", folder, "OUTPUT=\(output)", headers, "--eval=ktest-list: ; @: \(calls)",
        "ktest-list",
      ], cc, toLog: false)
    guard outcome.succeeded else {
      throw ImageError.toolFailed(
        tool: "make -C tools/testing/selftests/\(make.folder) in \(make.tree.root)", status: "\(outcome.status)",
        lines: outcome.lines(last: 12).map(shown))
    }
    return SelftestRun.files(outcome.output, output: output)
  }

  /// Returns the files that the Makefile printed; the first of several with one name counts.
  static func files(_ text: String, output: String) -> [SelftestFile] {
    var seen: Set<String> = []
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3, words[0] == "ktest", let kind = SelftestFile.Kind(rawValue: String(words[1])) else {
        return nil
      }
      let name = words[2].hasPrefix(output + "/") ? words[2].dropFirst(output.count + 1) : words[2]
      guard ImagePath.problem(inImage: "/" + Paths.last(String(name))) == nil, seen.insert(String(name)).inserted else {
        return nil
      }
      return SelftestFile(kind, String(name))
    }
  }

  private func program(_ path: String, _ destination: String) async throws -> [LayerContent.Entry] {
    let (sha256, _) = try layer.cache.digest(path)
    return try await layer.cached(LayerBuild.key(["selftest program 2", sha256, destination, layer.stripStamp])) {
      let program = ELFClosure.Program(source: path, destination: destination)
      var libraries = try ELFClosure(roots: [.host]).libraries(of: [program])
      // The C library opens this one when a thread is cancelled.
      if !libraries.isEmpty, let unwinder = SelftestRun.unwinder, !libraries.contains(unwinder) {
        libraries.append(unwinder)
      }
      var content = LayerContent()
      content.entries = try await layer.entries(programs: [program], libraries: libraries)
      content.inputs = libraries.map { layer.cache.input($0.source) }
      return content
    }.entries
  }

  private static var unwinder: ELFClosure.Program? {
    ELFMachine.host.searchPath.lazy.compactMap { folder in
      Files.real("\(folder)/libgcc_s.so.1").map { source in
        ELFClosure.Program(source: source, destination: "\(ELFMachine.host.libraryDirectory)/libgcc_s.so.1")
      }
    }.first
  }

  /// Adds a file of the sources: into the folder as upstream's installation does, or at its place in another folder.
  private func add(_ file: SelftestFile, to content: inout LayerContent) throws {
    let base = "\(place.source)/tools/testing/selftests/"
    guard let real = Files.real(file.name.hasPrefix("/") ? file.name : "\(folder)/\(file.name)") else { return }
    guard real.hasPrefix(place.source + "/") || real.hasPrefix(place.output + "/") else { return }
    if file.kind == .include {
      guard real.hasPrefix(base), let top else { return }
      return try content.add(copyOf: real, as: "\(top)/\(real.dropFirst(base.count))", cache: layer.cache)
    }
    let name = Paths.last(file.name)
    try content.add(
      copyOf: real, as: "\(make.set.to)/\(name)", isProgram: file.kind == .script || name.hasSuffix(".sh"),
      cache: layer.cache)
  }

  /// The folder in the image that stands for `tools/testing/selftests`; nil if the recipe has another order.
  private var top: String? {
    make.set.to.hasSuffix("/" + make.folder) ? String(make.set.to.dropLast(make.folder.count + 1)) : nil
  }

  /// Adds what upstream's installation puts beside all folders: scripts use it.
  private func addHelpers(to content: inout LayerContent) throws {
    guard let top else { return }
    let folder = "\(place.source)/tools/testing/selftests/kselftest"
    for name in Files.list(folder).sorted() {
      try content.add(copyOf: "\(folder)/\(name)", as: "\(top)/kselftest/\(name)", cache: layer.cache)
    }
  }

  /// Returns why a program was not built, in the compiler's or make's words.
  private func reason(of name: String, _ status: HostProgramStatus?) -> String {
    if let lines = notes.complaint(about: "\(output)/\(name)"), !lines.isEmpty {
      let advice = SelftestAdvice.package(for: lines).map {
        ["(a missing library: 'apt-get install \($0)', or the equivalent on your system)"]
      }
      return (["\(make.folder)/\(name) of \(make.tree.name) does not compile:"] + lines.map(shown) + (advice ?? []))
        .joined(separator: "\n  ")
    }
    let lines = HostTool.lines(of: (try? Files.text(log)) ?? "").filter { $0.contains(name) && $0.contains("***") }
    return
      (["make did not build \(make.folder)/\(name) of \(make.tree.name); its log is \(log)"]
      + lines.prefix(3).map(shown)).joined(separator: "\n  ")
  }

  /// Shows paths of the copy as paths of the user's tree.
  private func shown(_ line: String) -> String { line.replacing(place.source + "/", with: make.tree.root + "/") }
}

extension LayerContent {
  /// Adds entries; libraries of several programs are added once.
  mutating func add(_ new: [Entry]) {
    for entry in new where !entry.isLibrary || !entries.contains(where: { $0.path == entry.path }) {
      entries.append(entry)
    }
  }

  /// Adds a file or, with everything in it, a directory.
  mutating func add(copyOf path: String, as destination: String, isProgram: Bool = false, cache: ImageCache) throws {
    guard let stamp = FileStamp(path), ImagePath.problem(inImage: destination) == nil else { return }
    if stamp.isDirectory {
      for name in Files.list(path).sorted() {
        try add(copyOf: "\(path)/\(name)", as: "\(destination)/\(name)", cache: cache)
      }
      return
    }
    guard stamp.isRegular, !entries.contains(where: { $0.path == destination }) else { return }
    let (sha256, size) = try cache.digest(path)
    if !cache.has(blob: sha256, size: size) {
      try cache.write(cache.path(blob: sha256)) { writer in try writer.write(file: path, size: size) }
    }
    let mode = stamp.mode & 0o777 | (isProgram ? 0o555 : 0o444)
    entries.append(Entry(path: destination, mode: mode, body: .file(sha256: sha256, size: size)))
  }
}

/// The packages of libraries that selftests need.
enum SelftestAdvice {
  private static let headers: [(header: String, library: String, package: String)] = [
    ("numa.h", "numa", "libnuma-dev"), ("sys/capability.h", "cap", "libcap-dev"),
    ("liburing.h", "uring", "liburing-dev"), ("libmnl/libmnl.h", "mnl", "libmnl-dev"),
    ("alsa/asoundlib.h", "asound", "libasound2-dev"), ("fuse.h", "fuse", "libfuse-dev"),
    ("popt.h", "popt", "libpopt-dev"), ("gelf.h", "elf", "libelf-dev"), ("libelf.h", "elf", "libelf-dev"),
    ("openssl/err.h", "crypto", "libssl-dev"), ("ynl.h", "ynl", "libynl-dev"),
    ("linux/fuse.h", "fuse3", "libfuse3-dev"),
  ]

  /// Returns the package that a compiler's message asks for, if it is known.
  static func package(for lines: [String]) -> String? {
    for line in lines {
      for known in headers
      where line.contains(" \(known.header): No such file") || line.contains("cannot find -l\(known.library):")
        || line.hasSuffix("cannot find -l\(known.library)")
      {
        return known.package
      }
    }
    return nil
  }
}
