import KTestValues

/// Reads a layer of a recipe. The key that names the layer gives its kind.
enum LayerReader {
  private static let keys: [(kind: String, others: [String], required: [String])] = [
    ("directory", ["mode"], []),
    ("file", ["to", "mode"], ["to"]),
    ("program", ["to"], []),
    ("package", ["files"], ["files"]),
    ("compile", ["sources", "cflags", "libs"], ["sources"]),
    ("meson", ["options", "targets", "install"], ["install"]),
    ("selftests", ["from", "only", "flags"] + programKeys, ["from", "to"]),
    ("checkout", programKeys, ["to", "programs"]),
    ("module", ["sources", "cflags"], ["sources"]),
  ]

  static func layer(_ node: YAMLNode, _ diagnostics: Diagnostics) -> Recipe.Layer? {
    guard let entries = diagnostics.entries(node, "a layer (a mapping)") else { return nil }
    let kinds = keys.map(\.kind)
    let named = entries.filter { kinds.contains($0.key) }
    guard let first = named.first, let kind = keys.first(where: { $0.kind == first.key }) else {
      let close = entries.compactMap { Suggestion.nearest(to: $0.key, in: kinds) }.first
      diagnostics.error(
        at: node.mark, "the layer has no kind" + (close.map { "; did you mean '\($0)'?" } ?? ""),
        note: "a layer has one of the keys \(kinds.joined(separator: ", "))")
      return nil
    }
    guard named.count == 1 else {
      diagnostics.error(
        at: named[1].mark, "a layer has one kind, found both '\(first.key)' and '\(named[1].key)'",
        note: "split it into two layers")
      return nil
    }
    guard
      let map = YAMLMapReader(
        node, of: "a layer '\(kind.kind)'", keys: [kind.kind] + kind.others, required: kind.required, diagnostics)
    else { return nil }
    switch kind.kind {
    case "directory": return directory(map)
    case "file": return file(map)
    case "program": return program(map)
    case "package": return package(map)
    case "compile": return compile(map)
    case "selftests": return selftests(map)
    case "checkout": return checkout(map)
    case "module": return module(map)
    default: return meson(map)
    }
  }

  private static func directory(_ map: YAMLMapReader) -> Recipe.Layer? {
    let mode = map.has("mode") ? map.value("mode", "permissions", permissions) : 0o755
    guard let path = map.value("directory", "a path", inImage), let mode else { return nil }
    return .directory(path: path, mode: mode)
  }

  private static func file(_ map: YAMLMapReader) -> Recipe.Layer? {
    let source = map.value("file", "a path", source)
    let to = map.value("to", "a path", inImage)
    let mode = map.has("mode") ? map.value("mode", "permissions", permissions) : 0o644
    guard let source, let to, let mode else { return nil }
    return .file(source: source, to: to, mode: mode)
  }

  private static func program(_ map: YAMLMapReader) -> Recipe.Layer? {
    let path = map.value("program", "a path", inImage)
    let to = map.has("to") ? map.value("to", "a path", inImage) : path
    guard let path, let to else { return nil }
    return .program(path: path, to: to)
  }

  private static func package(_ map: YAMLMapReader) -> Recipe.Layer? {
    let name = map.value("package", "a package", RecipeName.package)
    let files = values(map, "files", of: "paths", inImage)
    guard let name, let files else { return nil }
    return .package(name: name, files: files)
  }

  private static func compile(_ map: YAMLMapReader) -> Recipe.Layer? {
    let name = map.value("compile", "a name", RecipeName.program)
    let sources = values(map, "sources", of: "paths", source)
    let cflags = map.has("cflags") ? map.strings("cflags") : []
    let libs = map.has("libs") ? map.strings("libs") : []
    guard let name, let sources, let cflags, let libs else { return nil }
    return .compile(name: name, sources: sources, cflags: cflags, libs: libs)
  }

  private static func meson(_ map: YAMLMapReader) -> Recipe.Layer? {
    let parameter = map.value("meson", "a name", RecipeName.parameter)
    let options = map.has("options") ? map.list("options", of: "options") { value($0, map, option) } : []
    let targets = map.has("targets") ? map.list("targets", of: "targets") { value($0, map, target) } : []
    let entries = map.entries("install", "a mapping from the build's files to paths in the image")
    let install = entries?.compactMap { entry -> Recipe.Install? in
      let key = YAMLNode(.scalar(YAMLScalar(entry.key, isPlain: false)), at: entry.mark)
      guard let target = value(key, map, target), let to = value(entry.value, map, inImage) else { return nil }
      return Recipe.Install(target: target, to: to)
    }
    if let entries, entries.isEmpty { map.error("install", "nothing to install") }
    guard let parameter, let options, let targets, let install else { return nil }
    return .meson(parameter: parameter, options: options, targets: targets, install: install)
  }

  // MARK: values

  private static func value(
    _ node: YAMLNode, _ map: YAMLMapReader, _ parse: (String) throws(ValueProblem) -> String
  ) -> String? {
    map.diagnostics.value(node, "a string", parse)
  }

  /// Returns a list with at least one element.
  static func values(
    _ map: YAMLMapReader, _ key: String, of what: String, _ parse: (String) throws(ValueProblem) -> String
  ) -> [String]? {
    let values = map.list(key, of: what) { value($0, map, parse) }
    if case .sequence(let items) = map.node(key)?.content, items.isEmpty { map.error(key, "the list is empty") }
    return values
  }

  static func inImage(_ text: String) throws(ValueProblem) -> String {
    if let problem = ImagePath.problem(inImage: text) {
      throw ValueProblem("\(Phrase.quoted(text)) is not an absolute path of a file", note: problem)
    }
    return text
  }

  static func source(_ text: String) throws(ValueProblem) -> String {
    if let problem = ImagePath.problem(ofSource: text) {
      throw ValueProblem("\(Phrase.quoted(text)) cannot be a source", note: problem)
    }
    return text
  }

  private static func target(_ text: String) throws(ValueProblem) -> String {
    if text.hasPrefix("-") || ImagePath.problem(ofSource: text) != nil {
      throw ValueProblem(
        "\(Phrase.quoted(text)) cannot be a target", note: "a target is named relative to the build directory")
    }
    return text
  }

  private static func option(_ text: String) throws(ValueProblem) -> String {
    guard text.hasPrefix("-") else {
      throw ValueProblem("\(Phrase.quoted(text)) is not an option of 'meson setup'", note: "for example -Dtest=enabled")
    }
    return text
  }

  private static func permissions(_ text: String) throws(ValueProblem) -> UInt32 {
    let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
    guard (3...5).contains(digits.count), let mode = UInt32(digits, radix: 8), mode <= 0o7777 else {
      throw ValueProblem("\(Phrase.quoted(text)) are not permissions", note: "three or four octal digits, such as 0755")
    }
    return mode
  }
}
