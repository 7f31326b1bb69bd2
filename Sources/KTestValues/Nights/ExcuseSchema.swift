/// All keys of an excuses file. The reader and `ktest issues --schema` both use these tables.
package enum ExcuseSchema {
  /// The JSON Schema (draft 2020-12) of an excuses file.
  package static var json: String { SchemaPrinter.print(file, title: "ktest excuses") }

  package static let file = SchemaShape(
    "excuses", "an excuses file",
    [
      .init(
        "excuses", .list(.map(entry)), "Failures that are known and do not count.",
        example: "[{series: 'mm:khugepaged-*', reason: Too slow., link: 'https://…', until: 2027-01-31}]",
        required: true)
    ])

  package static let entry = SchemaShape(
    "excuse", "an excuse",
    [
      .init(
        "splat", .text(), "The title of a splat, as ktest prints it; '*' stands for anything.",
        example: "WARNING in try_grab_folio"),
      .init(
        "series", .text(),
        "Cases or subtests, as SUITE[CELL]:CASE[:SUBTEST]; '*' stands for anything. Without splat, only failures without one.",
        example: "'hmm-tests:private:*'"),
      .init("reason", .text(), "Why it is excused.", example: "The fix is in the next release.", required: true),
      .init(
        "link", .text(pattern: "^https?://"), "Where that is written.", example: "https://lore.kernel.org/r/…",
        required: true),
      .init(
        "until", .text(pattern: CalendarDay.pattern), "The last day on which it counts, in UTC.", example: "2027-01-31",
        required: true),
    ])
}

extension Excuses {
  /// Parses and checks the text of an excuses file. If there is an error among the diagnostics, the excuses are nil. `file`
  /// is for the diagnostics.
  package static func read(bytes: [UInt8], file: String) -> (excuses: Excuses?, diagnostics: [Diagnostic]) {
    let diagnostics = Diagnostics(file: file)
    guard let root = YAMLReader.read(bytes: bytes, diagnostics: diagnostics),
      let map = YAMLMapReader(root, ExcuseSchema.file, diagnostics)
    else { return (nil, diagnostics.all) }
    let entries = map.list("excuses", of: "excuses") { node in
      YAMLMapReader(node, ExcuseSchema.entry, diagnostics).flatMap { Excuse($0) }
    }
    return (diagnostics.hasErrors ? nil : Excuses(entries ?? []), diagnostics.all)
  }
}

extension Excuse {
  fileprivate init?(_ map: YAMLMapReader) {
    func pattern(_ key: String) -> WildcardPattern? {
      map.value(key, "a pattern") { text throws(ValueProblem) in
        let pattern = try WildcardPattern(parsing: text)
        if pattern.matchesEverything {
          throw ValueProblem("\(Phrase.quoted(text)) would excuse everything", note: "name what is known")
        }
        return pattern
      }
    }
    let (splat, series) = (pattern("splat"), pattern("series"))
    if !map.has("splat"), !map.has("series") {
      map.diagnostics.error(at: map.mark, "an excuse needs the key 'splat' or 'series'")
    }
    let reason = map.value("reason", "a reason") { text throws(ValueProblem) in
      if text.allSatisfy(\.isWhitespace) { throw ValueProblem("the reason is empty") }
      return text
    }
    let link = map.value("link", "a link") { text throws(ValueProblem) in
      let isLink = ["https://", "http://"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
      guard isLink, !text.contains(where: \.isWhitespace) else {
        throw ValueProblem("expected a link, found \(Phrase.quoted(text))", note: "it begins with https:// or http://")
      }
      return text
    }
    let until = map.value("until", "a date") { text throws(ValueProblem) in try CalendarDay(parsing: text) }
    guard let reason, let link, let until else { return nil }
    self.init(splat: splat, series: series, reason: reason, link: link, until: until, line: map.mark.line)
  }
}
