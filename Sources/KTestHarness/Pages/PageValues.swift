internal import Mustache

/// What a template shows under a name.
enum PageValue: Sendable {
  /// It is escaped. An empty one counts as absent.
  case text(String)
  case markup(Markup)
  case flag(Bool)
  case list([PageValues])

  static func number(_ number: Int) -> PageValue { .text(String(number)) }
}

/// The values of a template by their names.
///
/// The templates themselves do not escape: the library's own escaping goes by characters, and a quote that is followed by a
/// combining mark is another character to it. Here everything is escaped that is not ``Markup``.
struct PageValues: Sendable, ExpressibleByDictionaryLiteral {
  private var values: [String: PageValue]

  init(_ values: [String: PageValue] = [:]) { self.values = values }

  init(dictionaryLiteral elements: (String, PageValue)...) {
    values = Dictionary(elements) { _, last in last }
  }

  subscript(name: String) -> PageValue? {
    get { values[name] }
    set { values[name] = newValue }
  }
}

extension PageValues: MustacheParent {
  func child(named name: String) -> Any? {
    switch values[name] {
    case .text(let text): text.isEmpty ? Absent() : Markup(text: text).html
    case .markup(let markup): markup.html.isEmpty ? Absent() : markup.html
    case .flag(let flag): flag
    case .list(let list): list
    case nil: nil
    }
  }

  /// It hides a value of the same name around it.
  private struct Absent: MustacheCustomRenderable {
    var renderText: String { "" }
    var isNull: Bool { true }
  }
}
