import KTestValues

/// Reads the layers `selftests` and `checkout`, which compile foreign programs.
extension LayerReader {
  static let programKeys = ["to", "programs", "sources", "cflags", "libs", "headers", "files"]

  static func selftests(_ map: YAMLMapReader) -> Recipe.Layer? {
    let folder = map.value("selftests", "a folder", selftestFolder)
    let from = map.list("from", of: "origins") { map.diagnostics.value($0, "an origin", origin) }
    if case .sequence(let items) = map.node("from")?.content, items.isEmpty { map.error("from", "the list is empty") }
    if map.has("programs") {
      for key in ["only", "flags"] where map.has(key) {
        map.error(key, "'\(key)' is for a folder that the tree's Makefile builds", note: "remove it, or 'programs'")
      }
      guard let set = programs(map), let folder, let from else { return nil }
      return .selftests(folder: folder, from: from, .programs(set))
    }
    for key in ["sources", "cflags", "libs", "files"] where map.has(key) {
      map.error(
        key, "'\(key)' says how 'programs' are compiled, and there are none",
        note: "without 'programs', the tree's own Makefile builds the folder; 'flags' adds options for single programs")
    }
    guard let set = selftestSet(map), let folder, let from else { return nil }
    return .selftests(folder: folder, from: from, .make(set))
  }

  private static func selftestSet(_ map: YAMLMapReader) -> SelftestSet? {
    let to = map.value("to", "a path", inImage)
    let only = map.has("only") ? values(map, "only", of: "programs", source) : []
    let entries = map.has("flags") ? map.entries("flags", "a mapping from programs to compiler options") : []
    let flags = entries?.compactMap { entry -> SelftestSet.Flags? in
      let key = YAMLNode(.scalar(YAMLScalar(entry.key, isPlain: false)), at: entry.mark)
      guard let program = map.diagnostics.value(key, "a program", source),
        let options = map.diagnostics.list(entry.value, of: "compiler options", { map.diagnostics.string($0) })
      else { return nil }
      return SelftestSet.Flags(program, options)
    }
    guard let to, let only, let flags, let headers = headers(map) else { return nil }
    return SelftestSet(to: to, only: only, flags: flags, headers: headers)
  }

  private static func headers(_ map: YAMLMapReader) -> [ProgramSet.Header]? {
    guard map.has("headers") else { return [] }
    return map.entries("headers", "a mapping from names of headers to their text")?.compactMap { entry in
      let key = YAMLNode(.scalar(YAMLScalar(entry.key, isPlain: false)), at: entry.mark)
      guard let name = map.diagnostics.value(key, "a path", source), let text = map.diagnostics.string(entry.value)
      else { return nil }
      return ProgramSet.Header(name: name, text: text)
    }
  }

  static func checkout(_ map: YAMLMapReader) -> Recipe.Layer? {
    let parameter = map.value("checkout", "a name", RecipeName.parameter)
    guard let set = programs(map), let parameter else { return nil }
    return .checkout(parameter: parameter, set)
  }

  static func module(_ map: YAMLMapReader) -> Recipe.Layer? {
    let name = map.value("module", "a name", moduleName)
    let sources = values(map, "sources", of: "paths", source)
    let cflags = map.has("cflags") ? map.strings("cflags") : []
    guard let name, let sources, let cflags else { return nil }
    let files = sources.map(Paths.last)
    if let twice = files.first(where: { file in files.count { $0 == file } > 1 }) {
      map.error("sources", "two files have the name \(Phrase.quoted(twice))", note: "a module is built in one folder")
      return nil
    }
    // kbuild makes NAME.o of all the others.
    if files.count(where: { $0.hasSuffix(".c") }) > 1, files.contains(name + ".c") {
      map.error(
        "sources", "a module with several sources cannot have one with its own name, \(name).c",
        note: "name it \(name)-main.c, for example")
      return nil
    }
    return .module(name: name, sources: sources, cflags: cflags)
  }

  private static func moduleName(_ text: String) throws(ValueProblem) -> String {
    guard !text.isEmpty, text.utf8.count <= 55,
      text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
    else {
      throw ValueProblem(
        "\(Phrase.quoted(text)) cannot be the name of a module", note: "lower-case letters, digits and '_'")
    }
    return text
  }

  private static func programs(_ map: YAMLMapReader) -> ProgramSet? {
    let to = map.value("to", "a path", inImage)
    let entries = map.entries("programs", "a mapping from names of programs to how they are compiled")
    if let entries, entries.isEmpty { map.error("programs", "no program to compile") }
    let programs = entries?.compactMap { program($0, map.diagnostics) }
    let sources = map.has("sources") ? values(map, "sources", of: "paths", source) : []
    let cflags = map.has("cflags") ? map.strings("cflags") : []
    let libs = map.has("libs") ? values(map, "libs", of: "libraries", library) : []
    let files = map.has("files") ? values(map, "files", of: "paths", source) : []
    guard let to, let programs, let sources, let cflags, let libs, let files, let headers = headers(map) else {
      return nil
    }
    return ProgramSet(
      to: to, programs: programs, sources: sources, cflags: cflags, libs: libs, headers: headers, files: files)
  }

  private static func program(_ entry: YAMLEntry, _ diagnostics: Diagnostics) -> ProgramSet.Program? {
    let key = YAMLNode(.scalar(YAMLScalar(entry.key, isPlain: false)), at: entry.mark)
    guard let name = diagnostics.value(key, "a name", RecipeName.program) else { return nil }
    // `name:` alone is a program without settings.
    if case .scalar(let scalar) = entry.value.content, scalar.isNull { return ProgramSet.Program(name: name) }
    guard
      let map = YAMLMapReader(entry.value, of: "a program", keys: ["sources", "cflags", "libs"], diagnostics)
    else { return nil }
    let sources = map.has("sources") ? values(map, "sources", of: "paths", source) : [name + ".c"]
    let cflags = map.has("cflags") ? map.strings("cflags") : []
    let libs = map.has("libs") ? values(map, "libs", of: "libraries", library) : []
    guard let sources, let cflags, let libs else { return nil }
    return ProgramSet.Program(name: name, sources: sources, cflags: cflags, libs: libs)
  }

  private static func selftestFolder(_ text: String) throws(ValueProblem) -> String {
    let path = try source(text)
    guard "/" + path == Paths.normalized("/" + path) else {
      throw ValueProblem(
        "\(Phrase.quoted(text)) cannot be a folder of selftests",
        note: "it is relative to tools/testing/selftests of the kernel's source, for example mm")
    }
    return path
  }

  private static func origin(_ text: String) throws(ValueProblem) -> SelftestOrigin {
    if text == "tree" { return .tree }
    guard text.hasPrefix("debian:"), let package = try? RecipeName.package(String(text.dropFirst(7))),
      package.hasPrefix("linux-source-")
    else {
      throw ValueProblem(
        "\(Phrase.quoted(text)) is not an origin of a kernel's source",
        note: "'tree' is the source of the kernel under test, 'debian:linux-source-6.12' a package of the archive")
    }
    return .debian(package)
  }

  private static func library(_ text: String) throws(ValueProblem) -> String {
    let name = text.hasSuffix("?") ? text.dropLast() : text[...]
    let isName = name.utf8.allSatisfy { byte in
      byte < 128
        && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
          || "_+.-".utf8.contains(byte))
    }
    guard isName, !name.isEmpty, !name.hasPrefix("-") else {
      throw ValueProblem(
        "\(Phrase.quoted(text)) is not a library name", note: "numa is libnuma; append '?' to make it optional")
    }
    return text
  }
}
