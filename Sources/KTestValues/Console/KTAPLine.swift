/// The KTAP meaning of one line, and its depth.
///
/// Depth is a column: KUnit indents by spaces, and kselftest puts `# ` before each line of the program that it runs;
/// both are two columns wide. So `# # ok 1 x` and `    ok 1 x` are equally deep, and a result owns everything deeper
/// that came before it.
package struct KTAPLine {
  package enum Kind {
    case version(isTAP: Bool)
    case plan(count: Int, skip: String?)
    case result(status: KTAPStatus, name: String, detail: String)
    case bailOut(String)
    /// `# Subtest: name` and `# selftests: dir: name`: deeper lines that follow belong to that name. The first
    /// announces results; the second precedes every program of kselftest, even one that prints none.
    case announcement(String, promisesResults: Bool)
    case totals(KTAPTotals)
    case metric(KTAPMetric)
    /// A metric that cannot be parsed, with the reason.
    case badMetric(String)
    case other
  }

  /// Lines at a deeper column are text, not structure.
  package static let deepest = 64
  /// The maximum length of kept names and lines, in bytes.
  package static let longest = 512

  package let kind: Kind
  package let column: Int
  /// The line without its indentation, truncated.
  package let text: String

  /// - Parameter numberless: whether `ok name` without a number counts as a result, as TAP allows.
  package init(_ line: String, numberless: Bool) {
    let bytes = sanitised(Array(line.utf8))
    var place = PrintkPrefix(bytes).end
    var column = 0
    var comment: Int?
    scan: while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "#"):
        guard place + 1 == bytes.count || bytes[place + 1] == ASCII.space else { break scan }
        comment = column
        column += 2
        place += 2
      case ASCII.space: (column, place) = (column + 1, place + 1)
      case ASCII.tab: (column, place) = (column + 4, place + 1)
      default: break scan
      }
    }
    let rest = bytes[min(place, bytes.count)...]
    text = String(decoding: rest.prefix(Self.longest), as: UTF8.self)
    guard column <= Self.deepest, let kind = Self.kind(rest, inComment: comment != nil, numberless: numberless) else {
      (self.kind, self.column) = (.other, column)
      return
    }
    self.kind = kind
    switch kind {
    // The last `# ` belongs to these lines and is not indentation.
    case .announcement, .totals: self.column = comment ?? column
    default: self.column = column
    }
  }

  private static func kind(_ rest: ArraySlice<UInt8>, inComment: Bool, numberless: Bool) -> Kind? {
    switch rest.first {
    case UInt8(ascii: "o"), UInt8(ascii: "n"): return result(rest, numberless: numberless && !inComment)
    case UInt8(ascii: "1"): return plan(rest)
    case UInt8(ascii: "K"), UInt8(ascii: "T"), UInt8(ascii: "B"), UInt8(ascii: "S"), UInt8(ascii: "s"),
      UInt8(ascii: "m"):
      break
    default: return nil
    }
    let text = String(decoding: rest.prefix(longest), as: UTF8.self)
    if text.hasPrefix("KTAP version ") { return .version(isTAP: false) }
    if text.hasPrefix("TAP version ") { return .version(isTAP: true) }
    if text.hasPrefix("Bail out!") { return .bailOut(trimmed(text.utf8.dropFirst(9))) }
    guard inComment else { return nil }
    if text.hasPrefix("Subtest: ") {
      let name = trimmed(text.utf8.dropFirst(9))
      // Without a name, no result could belong to it.
      return name.isEmpty ? nil : .announcement(name, promisesResults: true)
    }
    if text.hasPrefix("selftests: ") { return .announcement(trimmed(text.utf8), promisesResults: false) }
    if text.hasPrefix("metric ") {
      var problem: String?
      if let metric = KTAPMetric(text, problem: &problem) { return .metric(metric) }
      return problem.map { .badMetric($0) }
    }
    if text.hasPrefix("Totals: "), let totals = KTAPTotals(text.dropFirst(8)) { return .totals(totals) }
    return nil
  }

  /// Parses `1..5` and `1..0 # SKIP reason`.
  private static func plan(_ rest: ArraySlice<UInt8>) -> Kind? {
    guard rest.starts(with: "1..".utf8) else { return nil }
    let digits = rest.dropFirst(3).prefix { ASCII.isDigit($0) }
    guard !digits.isEmpty, digits.count <= 9, let count = Int(String(decoding: digits, as: UTF8.self)) else {
      return nil
    }
    let after = trimmed(rest[digits.endIndex...].prefix(longest))
    guard after.isEmpty || after.hasPrefix("#") else { return nil }
    let comment = trimmed(after.utf8.dropFirst())
    let skip = KTAPDirective(comment).flatMap { $0.word == .skip ? $0.reason : nil }
    return .plan(count: count, skip: skip)
  }

  private static func result(_ rest: ArraySlice<UInt8>, numberless: Bool) -> Kind? {
    var tail = rest
    let good = !tail.starts(with: "not ".utf8)
    if !good { tail = tail.dropFirst(4) }
    guard tail.starts(with: "ok".utf8) else { return nil }
    tail = tail.dropFirst(2)
    guard tail.isEmpty || tail.first == ASCII.space else { return nil }
    tail = tail.drop { $0 == ASCII.space }
    let digits = tail.prefix { ASCII.isDigit($0) }
    let next = digits.endIndex < tail.endIndex ? tail[digits.endIndex] : ASCII.space
    let isNumber = !digits.isEmpty && (next == ASCII.space || next == ASCII.tab)
    guard isNumber || numberless else { return nil }
    if isNumber { tail = tail[digits.endIndex...] }
    tail = tail.drop { $0 == ASCII.space || $0 == ASCII.tab }
    if tail.starts(with: "- ".utf8) { tail = tail.dropFirst(2) }

    var (name, comments) = splitComments(tail.prefix(longest))
    let directive = comments.lazy.compactMap(KTAPDirective.init).first
    let detail = directive?.reason ?? comments.joined(separator: " # ")
    let fallback = isNumber ? "test " + String(decoding: digits.prefix(9), as: UTF8.self) : "test"
    // ksft_test_result_skip() and similar functions print no name, only the directive and a text, which names the test.
    if name.isEmpty { name = detail.isEmpty ? fallback : detail }
    return .result(status: KTAPDirective.status(good: good, directive?.word), name: name, detail: detail)
  }

  /// Returns the description, and the text after each `#` that is neither escaped nor part of a word.
  private static func splitComments(_ text: ArraySlice<UInt8>) -> (name: String, comments: [String]) {
    var parts: [[UInt8]] = [[]]
    var previous = ASCII.space
    for byte in text {
      if byte == UInt8(ascii: "#"), previous == UInt8(ascii: "\\") {
        parts[parts.count - 1].removeLast()
        parts[parts.count - 1].append(byte)
      } else if byte == UInt8(ascii: "#"), previous == ASCII.space, parts.count < 8 {
        parts.append([])
      } else {
        parts[parts.count - 1].append(byte)
      }
      previous = byte
    }
    let texts = parts.map { trimmed($0) }
    return (texts[0], Array(texts.dropFirst()))
  }

  private static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
    let blank = { (byte: UInt8) in byte == ASCII.space || byte == ASCII.tab }
    var rest = bytes.drop(while: blank)
    while let last = rest.last, blank(last) { rest = rest.dropLast() }
    return String(decoding: rest, as: UTF8.self)
  }
}

/// The directive after the `#` of a result, and its reason.
struct KTAPDirective {
  enum Word: String, CaseIterable {
    case skip = "SKIP"
    case todo = "TODO"
    case xfail = "XFAIL"
    case xpass = "XPASS"
    case timeout = "TIMEOUT"
    case error = "ERROR"
  }

  let word: Word
  package let reason: String

  init?(_ comment: String) {
    let first = comment.prefix { $0.isLetter }
    let upper = first.uppercased()
    // TAP allows more characters after the word: `# SKIPPED`.
    guard let word = Word.allCases.first(where: { $0 == .skip ? upper.hasPrefix("SKIP") : upper == $0.rawValue }) else {
      return nil
    }
    self.word = word
    reason = String(comment.dropFirst(first.count).drop { $0 == " " || $0 == ":" })
  }

  static func status(good: Bool, _ word: Word?) -> KTAPStatus {
    switch word {
    case .skip: .skip
    case .todo: .todo
    case .xfail: .xfail
    case .timeout: .timeout
    case .error: .error
    // An unexpected pass is what the result line says.
    case .xpass, nil: good ? .pass : .fail
    }
  }
}

/// The counts of kselftest's `# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0`, or of KUnit's line with
/// `total:`.
package struct KTAPTotals {
  var failures = 0
  var skips = 0
  var results = 0

  init?(_ text: Substring) {
    var known = false
    for word in text.split(separator: " ") {
      let pair = word.split(separator: ":", maxSplits: 1)
      guard pair.count == 2, let count = Int(pair[1]), (0...999_999_999).contains(count) else { continue }
      switch pair[0] {
      case "fail", "error": (failures, results) = (failures + count, results + count)
      case "skip": (skips, results) = (skips + count, results + count)
      case "pass", "xfail", "xpass": results += count
      default: continue
      }
      known = true
    }
    guard known else { return nil }
  }
}
