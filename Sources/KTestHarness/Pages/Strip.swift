import KTestValues

/// Outcomes side by side, a letter for each.
struct Strip: Sendable {
  struct Cell: Sendable {
    var letter: String
    /// The page of its run.
    var target: String?
    /// What is said of it on request.
    var note = ""
    /// Whether the rate changed before it.
    var isChange = false
  }

  var cells: [Cell]

  init(_ cells: [Cell]) { self.cells = cells }

  /// Letters without links.
  init(letters: String) { cells = letters.map { Cell(letter: String($0)) } }

  /// How a letter looks.
  static func kind(_ letter: String) -> String {
    switch letter {
    case ".": "ok"
    case "F", "T", "C": "bad"
    case "E": "warn"
    default: "quiet"
    }
  }

  /// Passing results are plain text, and all others links to their runs.
  var markup: Markup {
    var markup = Markup()
    guard !cells.isEmpty else { return markup }
    markup.begin("span", ["class": "strip"])
    var plain = ""
    var kind = ""
    func flush(_ markup: inout Markup) {
      guard !plain.isEmpty else { return }
      markup.begin("i", ["class": kind])
      markup.add(text: plain, limit: .max)
      markup.end("i")
      plain = ""
    }
    for cell in cells {
      if cell.isChange {
        flush(&markup)
        markup.add("<b class=\"cut\" title=\"the rate changed here\">|</b>")
      }
      let own = Strip.kind(cell.letter)
      if let target = cell.target, own != "ok", cell.letter != " " {
        flush(&markup)
        markup.element("a", ["class": own, "href": target, "title": cell.note], text: cell.letter)
      } else {
        if own != kind { flush(&markup) }
        kind = own
        plain += cell.letter
      }
    }
    flush(&markup)
    markup.end("span")
    return markup
  }
}
