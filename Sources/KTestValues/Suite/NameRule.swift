/// The characters that a name may have. The check and the schema's regular expression use the same two classes.
struct NameRule: Sendable {
  /// The kind of name with its article or owner: "a suite's name".
  let what: String
  /// A character class as inside of `[…]`, for example `a-z0-9`.
  let first: String
  let rest: String
  let limit: Int

  init(_ what: String, first: String, rest: String, limit: Int = 64) {
    self.what = what
    self.first = first
    self.rest = rest
    self.limit = limit
  }

  static let suite = NameRule("a suite's name", first: "a-z0-9", rest: "a-z0-9-")
  static let image = NameRule("a recipe's name", first: "a-z0-9", rest: "a-z0-9-")
  /// The rule for cases, whose names become part of file names in the journal.
  static let testCase = NameRule("a case's name", first: "a-z0-9", rest: "a-z0-9._-")
  static let module = NameRule("a module's name", first: "A-Za-z0-9", rest: "A-Za-z0-9_-")
  static let moduleParameter = NameRule("a module parameter's name", first: "A-Za-z0-9_", rest: "A-Za-z0-9_")
  static let parameter = NameRule("a parameter's name", first: "a-z", rest: "a-z0-9_-")
  /// The rule for folders of selftests, such as `net/af_unix`.
  static let collection = NameRule("a folder of selftests", first: "A-Za-z0-9", rest: "A-Za-z0-9._/-")
  static let axis = NameRule("an axis's name", first: "a-z", rest: "a-z0-9_-")
  /// The rule for values of axes, which appear on a kernel command line and in a cell's name: no spaces, quotes and
  /// `,|=[]:*`.
  static let axisValue = NameRule("an axis's value", first: "A-Za-z0-9", rest: "A-Za-z0-9._/+@%-")
  static let tag = NameRule("a tag", first: "a-z0-9", rest: "a-z0-9_-", limit: 32)
  static let metric = NameRule("a metric's name", first: "A-Za-z0-9", rest: "A-Za-z0-9._/+-")
  static let unit = NameRule("a unit", first: "A-Za-z%µ", rest: "A-Za-z0-9%µ/._-", limit: 16)
  static let environment = NameRule("a variable's name", first: "A-Za-z_", rest: "A-Za-z0-9_")
  static let cpuFlag = NameRule("a CPU flag", first: "a-z0-9", rest: "a-z0-9_")
  static let symbol = NameRule("a configuration symbol", first: "A-Z0-9", rest: "A-Za-z0-9_", limit: 100)

  var pattern: String { "^[\(first)][\(rest)]{0,\(limit - 1)}$" }
  /// The pattern of a name that may have a `?` behind it.
  var patternOrAbsent: String { "\(pattern.dropLast())[?]?$" }

  /// Returns the text if it is such a name.
  func check(_ text: String) throws(ValueProblem) -> String {
    let scalars = text.unicodeScalars
    guard let start = scalars.first else { throw ValueProblem("\(what) cannot be empty") }
    let legible = first == rest ? "of [\(rest)]" : "of [\(rest)] and start with one of [\(first)]"
    guard Self.contains(first, start), scalars.allSatisfy({ Self.contains(rest, $0) }) else {
      throw ValueProblem("\(what) must consist \(legible), found \(Phrase.quoted(text))")
    }
    guard scalars.count <= limit else { throw ValueProblem("\(what) can have at most \(limit) characters") }
    return text
  }

  private static func contains(_ set: String, _ scalar: Unicode.Scalar) -> Bool {
    let characters = Array(set.unicodeScalars)
    var index = 0
    while index < characters.count {
      if index + 2 < characters.count, characters[index + 1] == "-" {
        if scalar >= characters[index], scalar <= characters[index + 2] { return true }
        index += 3
      } else {
        if scalar == characters[index] { return true }
        index += 1
      }
    }
    return false
  }
}
