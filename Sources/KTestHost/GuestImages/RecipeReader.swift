package import KTestValues

/// Reads a recipe and finds everything that is wrong with it in one pass.
extension Recipe {
  /// Returns nil if there is any error. It only looks at the text: building the image finds out whether sources exist.
  package static func read(bytes: [UInt8], file: String) -> (Recipe?, [Diagnostic]) {
    let (recipe, _, diagnostics) = readWithMarks(bytes: bytes, file: file)
    return (recipe, diagnostics)
  }

  /// Returns the recipe and the position of each layer.
  static func readWithMarks(bytes: [UInt8], file: String) -> (Recipe?, [Mark], [Diagnostic]) {
    let diagnostics = Diagnostics(file: file)
    guard let root = YAMLReader.read(bytes: bytes, diagnostics: diagnostics),
      let map = YAMLMapReader(
        root, of: "a recipe", keys: ["image", "description", "layers"], required: ["image", "layers"], diagnostics)
    else { return (nil, [], diagnostics.all) }
    var marks: [Mark] = []
    let name = map.value("image", "a name", RecipeName.image)
    var targets = RecipeTargets(diagnostics: diagnostics)
    let layers = map.list("layers", of: "layers") { node -> Layer? in
      guard let layer = LayerReader.layer(node, diagnostics) else { return nil }
      marks.append(node.mark)
      for path in layer.destinations { targets.add(path, by: layer.title, at: node.mark) }
      return layer
    }
    let description = map.string("description") ?? ""
    guard !diagnostics.hasErrors, let name, let layers else { return (nil, [], diagnostics.all) }
    return (Recipe(name: name, description: description, layers: layers), marks, diagnostics.all)
  }
}

/// The targets of the recipe, to find two layers with the same path.
private struct RecipeTargets {
  let diagnostics: Diagnostics
  private var seen: [String: (title: String, line: Int)] = [:]
  private var folders: [String: Int] = [:]
  private var files: [String: Int] = [:]

  init(diagnostics: Diagnostics) { self.diagnostics = diagnostics }

  mutating func add(_ path: String, by title: String, at mark: Mark) {
    if path == "/init" || path == "/ktest" || path.hasPrefix("/ktest/") {
      diagnostics.error(
        at: mark, "'\(path)' is reserved for ktest", note: "so are /init and /ktest; choose another path")
    }
    if let first = seen[path] {
      diagnostics.error(
        at: mark, "'\(path)' is already put into the image", note: "by \(first.title) in line \(first.line)")
      return
    }
    seen[path] = (title, mark.line)
    if !title.hasPrefix("directory ") {
      files[path] = mark.line
      if let line = folders[path] { clash(path, line, at: mark) }
    }
    var parent = Paths.parent(path)
    while parent != "/" && parent != "." {
      if let line = files[parent] { clash(parent, line, at: mark) }
      folders[parent] = folders[parent] ?? mark.line
      parent = Paths.parent(parent)
    }
  }

  private func clash(_ path: String, _ line: Int, at mark: Mark) {
    diagnostics.error(at: mark, "'\(path)' cannot be both a file and a directory", note: "see line \(line)")
  }
}

/// The names that a recipe may use.
enum RecipeName {
  static func image(_ text: String) throws(ValueProblem) -> String {
    try name(text, "an image", allowed: "._-+", note: "letters, digits, '.', '_', '-' and '+', first a letter or digit")
  }

  static func program(_ text: String) throws(ValueProblem) -> String {
    try name(
      text, "a program", allowed: "._-+", note: "the program is installed as /usr/bin/NAME; NAME has no '/' or spaces")
  }

  static func parameter(_ text: String) throws(ValueProblem) -> String {
    try name(text, "a suite parameter", allowed: "_-", note: "it is given as --set NAME=VALUE")
  }

  /// Checks a package name (Debian Policy, 5.6.1).
  static func package(_ text: String) throws(ValueProblem) -> String {
    let good = try name(
      text, "a Debian package", allowed: ".-+", note: "lower-case letters, digits, '.', '-' and '+', two or more")
    guard good == good.lowercased(), good.count > 1 else {
      throw ValueProblem("\(Phrase.quoted(text)) cannot be the name of a Debian package", note: "names are lower-case")
    }
    return good
  }

  private static func name(
    _ text: String, _ what: String, allowed: String, note: String
  ) throws(ValueProblem) -> String {
    let isName = text.unicodeScalars.enumerated().allSatisfy { index, scalar in
      guard scalar.isASCII else { return false }
      let character = Character(scalar)
      return character.isLetter || character.isNumber || (index > 0 && allowed.contains(character))
    }
    guard isName, !text.isEmpty, text.utf8.count <= 200 else {
      throw ValueProblem("\(Phrase.quoted(text)) cannot be the name of \(what)", note: note)
    }
    return text
  }
}
