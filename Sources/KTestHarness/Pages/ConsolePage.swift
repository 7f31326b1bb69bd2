import KTestValues

/// The page of a boot's console.
struct ConsolePage: Sendable {
  var run: String
  var boot: BootResult
  /// The cases of the boot in the order in which they ran.
  var cases: [String]
  /// Those of them that did not pass.
  var badCases: Set<String>
  var excerpt: ConsoleExcerpt
  /// The name of the raw file beside the page; nil if the page has all lines.
  var raw: String?

  /// The marked lines that are listed above the console.
  private static let marksLimit = 200

  private func name(_ mark: ConsoleExcerpt.Mark) -> String {
    switch mark {
    case .splat: "splat"
    case .begin(let number): "begin of \(caseName(number))"
    case .end(let number): "end of \(caseName(number))"
    }
  }

  private func caseName(_ number: Int) -> String {
    cases.indices.contains(number - 1) ? cases[number - 1] : "case \(number)"
  }

  private func isBad(_ mark: ConsoleExcerpt.Mark) -> Bool {
    if case .begin(let number) = mark, cases.indices.contains(number - 1) {
      return badCases.contains(cases[number - 1])
    }
    return mark == .splat
  }

  /// The first line of the first splat; without one, where the first bad case begins; for a bad boot, its last line.
  var firstBad: Int? {
    excerpt.lines.first { $0.mark == .splat }?.number
      ?? excerpt.lines.first { $0.mark.map(isBad) ?? false }?.number
      ?? (boot.verdict.isBad ? excerpt.lines.last?.number : nil)
  }

  func page(path: String) -> Page {
    let starts = Set(excerpt.starts.values)
    let marks = excerpt.lines.compactMap { line -> PageValues? in
      guard let mark = line.mark, mark != .splat || starts.contains(line.number) else { return nil }
      return [
        "line": .number(line.number), "kind": .text(isBad(mark) ? "bad" : "quiet"),
        "text": .text(mark == .splat ? line.text : name(mark)),
      ]
    }
    var headline = PageText.verdict(boot.verdict)
    headline.add(text: " boot \(boot.id) of \(boot.suite) on \(boot.kernel)")
    if let reason = boot.reason { headline.add(text: ": \(reason)") }
    var about = PageText.link("index.html", "Run \(run)")
    about.add(text: ". \(TerminalText.count(excerpt.count, "line")).")
    if firstBad != nil {
      about.add(
        " <a href=\"#bad\">First bad line</a>, then <kbd>n</kbd> and <kbd>p</kbd> for the next marked line and the one before."
      )
    }
    if let raw {
      about.add(text: " \(excerpt.count - excerpt.lines.count) lines are left out; ")
      about.add(PageText.link(raw, "the whole console"))
      about.add(" has them.")
    }
    return Page(
      path: path, title: "Console of boot \(boot.id), run \(run)", template: .console,
      values: [
        "headline": .markup(headline), "about": .markup(about), "hasMarks": .flag(!marks.isEmpty),
        "isShort": .flag(marks.count <= 12), "marks": .list(Array(marks.prefix(ConsolePage.marksLimit))),
        "lines": .markup(lines),
      ], json: json)
  }

  /// Its marked lines, and where the first bad one is.
  private var json: String {
    let marks = excerpt.lines.compactMap { line -> JSONValue? in
      guard let mark = line.mark else { return nil }
      return .object([
        ("line", .int(line.number)), ("mark", .string(name(mark))), ("bad", .bool(isBad(mark))),
        ("text", .string(line.text)),
      ])
    }
    return JSONValue.object([
      ("run", .string(run)), ("boot", .int(boot.id)), ("suite", .string(boot.suite)),
      ("kernel", .string(boot.kernel)), ("verdict", .string(boot.verdict.rawValue)),
      ("reason", .optional(boot.reason)), ("lines", .int(excerpt.count)), ("firstBad", .optional(firstBad)),
      ("marks", .array(marks)),
    ]).page
  }

  private var lines: Markup {
    var markup = Markup()
    var last = 0
    let bad = firstBad
    for line in excerpt.lines {
      if line.number > last + 1 {
        markup.element(
          "span", ["class": "gap"], text: "… \(TerminalText.count(line.number - last - 1, "line")) left out")
      }
      last = line.number
      // The first bad line has two anchors: its number, and a name that links know in advance.
      markup.begin("span", ["id": "L\(line.number)", "class": kind(line.mark)])
      if line.number == bad { markup.add("<b id=\"bad\"></b>") }
      markup.element("a", ["href": "#L\(line.number)"], text: "\(line.number)")
      switch line.mark {
      case .splat: markup.add("! ")
      case .begin(_), .end(_): markup.add("# ")
      case nil: markup.add("  ")
      }
      markup.add(text: line.text, limit: ConsoleExcerpt.lineLimit)
      if case .some(let mark) = line.mark, mark != .splat {
        markup.element("i", ["class": "quiet"], text: "  — \(name(mark))")
      }
      markup.end("span")
    }
    return markup
  }

  private func kind(_ mark: ConsoleExcerpt.Mark?) -> String {
    switch mark {
    case .splat: "s"
    case .begin, .end: "b"
    case nil: "l"
    }
  }
}
