/// All symbols that the Kconfig files of a tree define for x86.
///
/// They only serve to explain what Kconfig did: the tree's own Kconfig always makes the configuration. Defaults, ranges
/// and help are skipped, and macros are not evaluated.
///
/// Source: `Documentation/kbuild/kconfig-language.rst`, `kconfig-macro-language.rst`.
package struct KconfigTree: Sendable {
  package private(set) var symbols: [String: KconfigSymbol] = [:]
  /// Returns whether no Kconfig file for x86 defines the symbol.
  package func lacks(_ name: String) -> Bool { symbols[name]?.definitions.isEmpty ?? true }

  /// The names of the members of each choice.
  private(set) var choices: [Int: [String]] = [:]

  private var variables = ["SRCARCH": "x86", "ARCH": "x86", "HEADER_ARCH": "x86"]
  private var frames: [Frame] = []
  private var choiceCount = 0
  private var bytesLeft: Int
  /// The files that are being read, the top one first.
  private var open: [String] = []

  /// An open menu, `if` or choice, including the conditions that it inherits.
  private struct Frame {
    var depends: [KconfigSymbol.Condition] = []
    var visible: [KconfigSymbol.Condition] = []
    var choice: Int?
  }

  /// Linux 6.12 has 1812 files with 7 MB, eight levels deep, and menus with a few conditions. Anything beyond these
  /// limits is malicious.
  static let byteLimit = 32 << 20
  private static let depthLimit = 32
  private static let conditionLimit = 128
  private static let pathLimit = 4096

  /// The owner of the following attributes.
  private enum Owner { case symbol(String), frame, nobody }

  /// Reads `top` and all files that it sources. `read` returns the content of a file by its path from the top of the
  /// tree, or nil if there is none.
  package init(top: String = "Kconfig", read: (_ path: String) -> [UInt8]?) {
    self.init(top: top, byteLimit: Self.byteLimit, read: read)
  }

  /// Reads with another byte limit. The limit is soft: the file that exceeds it is read to its end.
  init(top: String = "Kconfig", byteLimit: Int, read: (_ path: String) -> [UInt8]?) {
    bytesLeft = byteLimit
    parse(top, read: read)
    frames = []
  }

  private mutating func parse(_ path: String, read: (String) -> [UInt8]?) {
    // Kconfig also refuses a file that sources itself.
    guard open.count < Self.depthLimit, bytesLeft > 0, !open.contains(path), let bytes = read(path) else {
      return
    }
    // Even an empty file has a cost.
    bytesLeft -= bytes.count + 256
    open.append(path)
    defer { open.removeLast() }
    var owner = Owner.nobody
    var helpIndent: Int?
    var isHelp = false
    var lines = KconfigLines(bytes)
    while let (number, line) = lines.next() {
      let body = line.drop { $0 == 32 || $0 == 9 }
      if isHelp {
        // The help text ends at the first line that is indented less than its first line.
        if body.isEmpty { continue }
        let indent = KconfigLines.indent(of: line)
        if let first = helpIndent, indent >= first { continue }
        if helpIndent == nil, indent > 0 {
          helpIndent = indent
          continue
        }
        isHelp = false
      }
      guard let first = body.first, first != UInt8(ascii: "#") else { continue }
      let word = String(decoding: body.prefix { $0 != 32 && $0 != 9 && $0 != UInt8(ascii: "\"") }, as: UTF8.self)
      if word == "help" || word == "---help---" {
        (isHelp, helpIndent) = (true, nil)
        continue
      }
      let rest = String(decoding: body.dropFirst(word.utf8.count).drop { $0 == 32 || $0 == 9 }, as: UTF8.self)
      let place = KconfigPlace(file: path, line: number)
      switch word {
      case "source", "rsource", "osource", "orsource":
        if let file = sourced(rest, relativeTo: word.contains("rsource") ? path : nil) {
          parse(file, read: read)
        }
        owner = .nobody
      default: owner = statement(word, rest, place, owner)
      }
    }
  }

  private mutating func statement(_ word: String, _ rest: String, _ place: KconfigPlace, _ owner: Owner) -> Owner {
    switch word {
    case "config", "menuconfig":
      let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      guard !name.isEmpty else { return .nobody }
      let around = frames.last ?? Frame()
      var definition = KconfigSymbol.Definition(place: place, depends: around.depends)
      definition.promptConditions = around.visible
      definition.choice = around.choice
      if let choice = definition.choice { choices[choice, default: []].append(name) }
      symbols[name, default: KconfigSymbol(name: name)].definitions.append(definition)
      return .symbol(name)
    case "menu":
      frames.append(frames.last ?? Frame())
      return .frame
    case "choice":
      choiceCount += 1
      var choice = frames.last ?? Frame()
      choice.choice = choiceCount
      frames.append(choice)
      return .frame
    case "if":
      var block = frames.last ?? Frame()
      if let expression = KconfigExpression(rest) {
        Self.add(KconfigSymbol.Condition(expression: expression, place: place), to: &block.depends)
      }
      frames.append(block)
      return .nobody
    case "endmenu", "endchoice", "endif":
      _ = frames.popLast()
      return .nobody
    case "comment", "mainmenu": return .nobody
    default:
      if assign(word, rest) { return owner }
      attribute(word, rest, place, owner)
      return owner
    }
  }

  private mutating func attribute(_ word: String, _ rest: String, _ place: KconfigPlace, _ owner: Owner) {
    let condition = { (text: Substring) in
      KconfigExpression(text).map { KconfigSymbol.Condition(expression: $0, place: place) }
    }
    switch owner {
    case .nobody: return
    case .frame:
      guard let last = frames.indices.last else { return }
      if word == "depends", let found = condition(rest.dropFirst(2)) { Self.add(found, to: &frames[last].depends) }
      if word == "visible", let found = condition(rest.dropFirst(2)) { Self.add(found, to: &frames[last].visible) }
    case .symbol(let name):
      // The symbol is removed meanwhile so that appending to its lists does not copy them.
      guard var symbol = symbols.removeValue(forKey: name) else { return }
      defer { symbols[name] = symbol }
      guard let last = symbol.definitions.indices.last else { return }
      switch word {
      case "depends":
        if let found = condition(rest.dropFirst(2)) { Self.add(found, to: &symbol.definitions[last].depends) }
      case "bool", "tristate", "int", "hex", "string", "prompt":
        if let kind = KconfigSymbol.Kind(rawValue: word) { symbol.kind = kind }
        if rest.hasPrefix("\"") || rest.hasPrefix("'") {
          symbol.definitions[last].hasPrompt = true
          if let found = KconfigTree.condition(after: rest).flatMap(condition) {
            Self.add(found, to: &symbol.definitions[last].promptConditions)
          }
        }
      case "def_bool", "def_tristate", "default":
        if word != "default" { symbol.kind = word == "def_bool" ? .bool : .tristate }
        symbol.definitions[last].hasDefault = true
      case "select":
        let target = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        let tail = rest.dropFirst(target.count).drop { $0 == " " || $0 == "\t" }
        let selection = KconfigSymbol.Selection(
          by: name, condition: tail.hasPrefix("if ") ? KconfigExpression(tail.dropFirst(3)) : nil, place: place)
        if target == name { return }
        symbols[target, default: KconfigSymbol(name: target)].selections.append(selection)
      default: return
      }
    }
  }

  /// Every symbol inherits the conditions of all surrounding menus, so that without a limit their number grows with the
  /// square of the lines.
  private static func add(_ condition: KconfigSymbol.Condition, to list: inout [KconfigSymbol.Condition]) {
    if list.count < conditionLimit { list.append(condition) }
  }

  /// Returns the text after `"…" if`.
  private static func condition(after prompt: String) -> Substring? {
    guard let quote = prompt.first else { return nil }
    var escaped = false
    var end = prompt.index(after: prompt.startIndex)
    while end < prompt.endIndex, escaped || prompt[end] != quote {
      escaped = !escaped && prompt[end] == "\\"
      end = prompt.index(after: end)
    }
    let tail = prompt[end...].dropFirst().drop { $0 == " " || $0 == "\t" }
    return tail.hasPrefix("if ") ? tail.dropFirst(3) : nil
  }

  /// Parses `name := value`. Returns whether the line has this form.
  private mutating func assign(_ word: String, _ rest: String) -> Bool {
    for sign in [":=", "+=", "="] where rest.hasPrefix(sign) {
      let value = rest.dropFirst(sign.count).drop { $0 == " " }
      variables[word] = (sign == "+=" ? (variables[word] ?? "") + " " : "") + value
      return true
    }
    return false
  }

  /// Returns the path in a `source` line, or nil if it depends on values that only Kconfig knows.
  private func sourced(_ rest: String, relativeTo file: String?) -> String? {
    var path = rest.split(separator: "\"").first.map(String.init) ?? rest
    for (name, value) in variables where path.contains("$") && !value.contains("$") {
      guard path.utf8.count <= Self.pathLimit, value.utf8.count <= Self.pathLimit else { return nil }
      path = path.replacing("$(\(name))", with: value)
    }
    guard !path.contains("$"), !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { return nil }
    guard let file, let slash = file.lastIndex(of: "/") else { return path }
    return String(file[...slash]) + path
  }
}

/// The lines of a Kconfig file, with continued lines joined.
private struct KconfigLines {
  private var rest: ArraySlice<UInt8>
  private var number = 0

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func next() -> (number: Int, line: ArraySlice<UInt8>)? {
    guard var line = physical() else { return nil }
    let first = number
    while line.last == UInt8(ascii: "\\"), let more = physical() {
      line.removeLast()
      line += more
    }
    return (first, line)
  }

  private mutating func physical() -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    number += 1
    let end = rest.firstIndex(of: 10) ?? rest.endIndex
    let line = rest[rest.startIndex..<end]
    rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...]
    return line.last == 13 ? line.dropLast() : line
  }

  /// Returns the column of the first character; a tab advances to the next multiple of eight.
  static func indent(of line: ArraySlice<UInt8>) -> Int {
    var columns = 0
    for byte in line {
      if byte == 32 { columns += 1 } else if byte == 9 { columns = (columns | 7) + 1 } else { break }
    }
    return columns
  }
}
