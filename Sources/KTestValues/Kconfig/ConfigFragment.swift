/// The lines of a `.config` fragment, in the format of `scripts/kconfig/merge_config.sh`.
package struct ConfigFragment: Sendable, Equatable {
  package var wishes: [ConfigWish] = []
  /// Messages `file:3: …` about lines that are neither an assignment nor a comment.
  package var problems: [String] = []

  /// Parses a fragment. `name` is the file name for messages. A later line for a symbol replaces an earlier one.
  package init(parsing text: String, name: String) {
    var found: [String: ConfigWish] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let origin = "\(name):\(index + 1)"
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let first = words.first else { continue }
      if words.count == 5, first == "#", words[1].hasPrefix("CONFIG_"), words[2...] == ["is", "not", "set"] {
        let wish = ConfigWish(String(words[1]), .off, origin: origin)
        found[wish.symbol] = wish
        continue
      }
      if first.hasPrefix("#") { continue }
      guard let equals = line.firstIndex(of: "="), let symbol = ConfigFragment.symbol(line[..<equals]) else {
        problems.append("\(origin): '\(line.prefix(80))' is neither CONFIG_NAME=value nor a comment")
        continue
      }
      let value = String(line[line.index(after: equals)...].reversed().drop { $0 == " " || $0 == "\t" }.reversed())
      found[symbol] = ConfigWish(symbol, ConfigFragment.value(value), origin: origin)
    }
    wishes = found.values.sorted { $0.symbol < $1.symbol }
  }

  private static func symbol(_ text: Substring) -> String? {
    let text = text.drop { $0 == " " || $0 == "\t" }
    guard text.hasPrefix("CONFIG_"), text.utf8.count > 7,
      text.utf8.allSatisfy({ $0 == 95 || ($0 >= 48 && $0 <= 57) || ($0 | 32 >= 97 && $0 | 32 <= 122) })
    else { return nil }
    return String(text.dropFirst(7))
  }

  private static func value(_ text: String) -> ConfigWish.Value {
    switch text {
    case "y": .builtIn
    case "m": .module
    case "n": .off
    default: .text(text)
    }
  }
}
