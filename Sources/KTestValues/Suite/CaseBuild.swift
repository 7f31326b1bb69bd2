/// What a case of a suite with `kind: build` compiles, including the suite's settings.
package struct CaseBuild: Sendable, Equatable, Codable {
  /// What the configuration starts from.
  package enum Base: String, Sendable, Codable, CaseIterable { case allnoconfig, defconfig }

  /// The default timeout, which is longer than that of a test.
  package static let defaultTimeout = DurationValue.seconds(3600)

  package var base: Base
  /// The values by symbol without `CONFIG_`: `y`, `m`, `n`, or a number as written.
  package var config: [String: String]
  /// The targets for `make`: directories with a slash at the end, objects, modules.
  package var targets: [String]
  /// The number of allowed warnings; nil means any number.
  package var warnings: Int?

  package init(base: Base = .allnoconfig, config: [String: String], targets: [String], warnings: Int? = nil) {
    self.base = base
    self.config = config
    self.targets = targets
    self.warnings = warnings
  }

  /// A regular expression for targets, which must have a size after the build: `mm/`, `lib/test_hmm.ko`.
  static let targetPattern = "^([A-Za-z0-9_][A-Za-z0-9._-]*/)*([A-Za-z0-9_][A-Za-z0-9._-]*(/|[.]o|[.]ko))$"

  static func target(_ text: String) throws(ValueProblem) -> String {
    let parts = (text.hasSuffix("/") ? text.dropLast() : text[...]).split(
      separator: "/", omittingEmptySubsequences: false)
    let isPath = parts.allSatisfy { part in
      guard let first = part.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return false }
      return part.utf8.allSatisfy {
        $0 >= 97 && $0 <= 122 || $0 >= 65 && $0 <= 90 || $0 >= 48 && $0 <= 57 || [45, 46, 95].contains($0)
      }
    }
    let hasSize = text.hasSuffix("/") || text.hasSuffix(".o") || text.hasSuffix(".ko")
    guard isPath, hasSize, text.utf8.count <= 200 else {
      throw ValueProblem(
        "a target must be a directory, an object or a module below the top of the tree, found \(Phrase.quoted(text))",
        note: "for example mm/, lib/test_hmm.o or lib/test_hmm.ko; a directory ends with a slash")
    }
    return text
  }

  static func value(_ text: String) throws(ValueProblem) -> String {
    if ["y", "m", "n"].contains(text) { return text }
    let hex = text.hasPrefix("0x") && Int(text.dropFirst(2), radix: 16) != nil
    guard hex || Int(text) != nil else {
      throw ValueProblem("a symbol must be y, m, n or a number, found \(Phrase.quoted(text))")
    }
    return text
  }
}
