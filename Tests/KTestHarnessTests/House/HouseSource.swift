import Foundation

/// A Swift source as the tests of the walls read it: by its words.
struct HouseSource {
  /// Below `Sources`: `target/room/…/file`.
  var path: String
  var lines: [Substring]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Substring(String($0)) }
  }

  static func all(below root: String) -> [HouseSource] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []).filter { $0.hasSuffix(".swift") }.sorted()
      .compactMap { path in
        (try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)).map { HouseSource(path: path, text: $0) }
      }
  }

  private var parts: [Substring] { path.split(separator: "/") }

  var target: String { String(parts[0]) }

  /// The folder below the target, whatever subfolder the file is in; empty for a file beside the rooms.
  var room: String { parts.count > 2 ? String(parts[1]) : "" }

  var imports: [String] {
    lines.filter { $0.contains("import ") && !$0.hasPrefix("//") }.compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count, place <= 2 else { return nil }
      return String(words[place + 1])
    }
  }

  /// The lines without comments and without the texts of literals; what stands in an interpolation stays.
  var code: [Substring] {
    lines.map { line in
      var kept = ""
      var isText = false
      var depth: [Int] = []
      var former: Character = " "
      for character in line {
        if isText {
          if former == "\\", character == "(" {
            isText = false
            depth.append(1)
          } else if character == "\"", former != "\\" {
            isText = false
          }
          former = former == "\\" ? " " : character
          continue
        }
        if former == "/", character == "/" {
          kept.removeLast()
          break
        }
        former = character
        if character == "\"" {
          isText = true
          continue
        }
        if let open = depth.last {
          let now = open + (character == "(" ? 1 : character == ")" ? -1 : 0)
          depth[depth.count - 1] = now
          if now == 0 {
            depth.removeLast()
            isText = true
            continue
          }
        }
        kept.append(character)
      }
      return Substring(kept)
    }
  }

  /// The words of the code.
  var names: Set<Substring> { Set(code.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") } }) }

  /// Names of functions that are called as free ones: not behind a dot.
  var calls: Set<Substring> {
    var found: Set<Substring> = []
    for line in code {
      var start: Substring.Index?
      for place in line.indices {
        let character = line[place]
        if character.isLetter || character.isNumber || character == "_" {
          if start == nil { start = place }
          continue
        }
        if let start, character == "(" {
          let before = start == line.startIndex ? " " : line[line.index(before: start)]
          if before != ".", !line[..<start].hasSuffix("func ") { found.insert(line[start..<place]) }
        }
        start = nil
      }
    }
    return found
  }

  /// What the file declares: outside of any type, and anywhere else.
  var declarations: (types: Set<Substring>, functions: Set<Substring>, members: Set<Substring>) {
    let kinds: Set<Substring> = [
      "struct", "class", "enum", "actor", "protocol", "typealias", "func", "case", "let", "var",
    ]
    var types: Set<Substring> = []
    var functions: Set<Substring> = []
    var members: Set<Substring> = []
    for line in code {
      let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      guard let place = words.firstIndex(where: kinds.contains), place + 1 < words.count else { continue }
      let isOutside = line.first != " " && !line.contains("private ")
      switch (isOutside, words[place]) {
      case (true, "func"): functions.insert(words[place + 1])
      case (true, "let"), (true, "var"), (true, "case"), (false, _): members.insert(words[place + 1])
      case (true, _): types.insert(words[place + 1])
      }
    }
    return (types, functions, members)
  }
}
