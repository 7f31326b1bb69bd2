/// All symbols that the Kconfig files of a tree define, for x86.
///
/// Read only to explain what Kconfig did: the configuration itself is always made by the tree's own Kconfig. Defaults,
/// ranges and help are passed over, macros are not evaluated.
///
/// Source: `Documentation/kbuild/kconfig-language.rst`, `kconfig-macro-language.rst`.
public struct KconfigTree: Sendable {
  public private(set) var symbols: [String: KconfigSymbol] = [:]
  /// Names of the members of each choice.
  private(set) var choices: [Int: [String]] = [:]

  private var variables = ["SRCARCH": "x86", "ARCH": "x86", "HEADER_ARCH": "x86"]
  private var frames: [Frame] = []
  private var choiceCount = 0
  private var bytesLeft: Int
  /// Files that are being read, the top one first.
  private var open: [String] = []

  /// A menu, `if` or choice that is open, with what it has from those around it.
  private struct Frame {
    var depends: [KconfigSymbol.Condition] = []
    var visible: [KconfigSymbol.Condition] = []
    var choice: Int?
  }

  /// Linux 6.12 has 1812 files of 7 MB, eight deep, and menus with a few conditions. What is beyond this was made to harm.
  static let byteLimit = 32 << 20
  private static let depthLimit = 32
  private static let conditionLimit = 128
  private static let pathLimit = 4096

  /// What attributes belong to.
  private enum Owner { case symbol(String), frame, nobody }

  /// Reads `top` and all that it sources. `read` gives a file by its path from the top of the tree, nil where there is
  /// none.
  public init(top: String = "Kconfig", read: (_ path: String) -> [UInt8]?) {
    self.init(top: top, byteLimit: Self.byteLimit, read: read)
  }

  /// The same with another limit, which is soft: the file that goes beyond it is read to its end.
  init(top: String = "Kconfig", byteLimit: Int, read: (_ path: String) -> [UInt8]?) {
    bytesLeft = byteLimit
    parse(top, read: read)
    frames = []
  }

  private mutating func parse(_ path: String, read: (String) -> [UInt8]?) {
    // Kconfig refuses a file that sources itself as well.
    guard open.count < Self.depthLimit, bytesLeft > 0, !open.contains(path), let bytes = read(path) else {
      return
    }
    // An empty file costs something too.
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
        // The help ends with the first line that is indented less than its first one.
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
      // Taken out meanwhile, so that no list is copied to be made longer by one.
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

  /// Each symbol has those of all menus around it, so that without a limit they are as many as the square of the lines.
  private static func add(_ condition: KconfigSymbol.Condition, to list: inout [KconfigSymbol.Condition]) {
    if list.count < conditionLimit { list.append(condition) }
  }

  /// The text behind `"…" if`.
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

  /// `name := value`; true when the line was one.
  private mutating func assign(_ word: String, _ rest: String) -> Bool {
    for sign in [":=", "+=", "="] where rest.hasPrefix(sign) {
      let value = rest.dropFirst(sign.count).drop { $0 == " " }
      variables[word] = (sign == "+=" ? (variables[word] ?? "") + " " : "") + value
      return true
    }
    return false
  }

  /// The path that a `source` line names; nil where it depends on what only Kconfig knows.
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

/// Lines of a Kconfig file, continued ones joined.
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

  /// Columns before the first character; a tab goes to the next multiple of eight.
  static func indent(of line: ArraySlice<UInt8>) -> Int {
    var columns = 0
    for byte in line {
      if byte == 32 { columns += 1 } else if byte == 9 { columns = (columns | 7) + 1 } else { break }
    }
    return columns
  }
}
