/// Reads a recipe; everything that is wrong with it is found in one pass.
extension Recipe {
  /// nil when anything is an error. Nothing but the text is looked at: whether sources exist is found out when the
  /// image is built.
  public static func read(bytes: [UInt8], file: String) -> (Recipe?, [Diagnostic]) {
    let (recipe, _, diagnostics) = readWithMarks(bytes: bytes, file: file)
    return (recipe, diagnostics)
  }

  /// The same, and where each layer begins.
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

/// What the recipe puts where, to find two layers that want one place.
private struct RecipeTargets {
  let diagnostics: Diagnostics
  private var seen: [String: (title: String, line: Int)] = [:]
  private var folders: [String: Int] = [:]
  private var files: [String: Int] = [:]

  init(diagnostics: Diagnostics) { self.diagnostics = diagnostics }

  mutating func add(_ path: String, by title: String, at mark: Mark) {
    if path == "/init" || path == "/ktest" || path.hasPrefix("/ktest/") {
      diagnostics.error(
        at: mark, "'\(path)' belongs to the harness", note: "/init and /ktest are its own; choose another")
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

  /// Debian policy 5.6.1.
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
