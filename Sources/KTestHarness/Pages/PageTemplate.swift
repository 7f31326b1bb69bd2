internal import Mustache

/// The templates. They are part of the program, so that wherever it is installed they are there.
enum PageTemplate: String, CaseIterable, Sendable {
  case frame, night, matrix, test, run, console, list, hosts, issue, search

  var text: String {
    switch self {
    case .frame: PageTemplate.frameText
    case .night: PageTemplate.nightText
    case .matrix: PageTemplate.matrixText
    case .test: PageTemplate.testText
    case .run: PageTemplate.runText
    case .console: PageTemplate.consoleText
    case .list: PageTemplate.listText
    case .hosts: PageTemplate.hostsText
    case .issue: PageTemplate.issueText
    case .search: PageTemplate.searchText
    }
  }
}

/// The templates, read once.
struct PageTemplates: Sendable {
  private let library: MustacheLibrary

  /// Throws an error of the reader for a template that is wrong, which a test of every template excludes.
  init() throws {
    var library = MustacheLibrary()
    // The values escape themselves; see PageValues.
    for template in PageTemplate.allCases {
      try library.register("{{%CONTENT_TYPE:TEXT}}" + template.text, named: template.rawValue)
    }
    self.library = library
  }

  func render(_ page: Page) -> String {
    var values = page.values
    values["root"] = .text(page.root)
    let content = library.render(values, withTemplate: page.template.rawValue) ?? ""
    let frame: PageValues = [
      "root": .text(page.root), "title": .text(page.title), "kind": .text(page.template.rawValue),
      "content": .markup(Markup(rendered: content)),
      "json": .text(page.json == nil ? "" : Self.last(PagePath.json(of: page.path))),
      "navigation": .list(Self.navigation(page)),
    ]
    return library.render(frame, withTemplate: PageTemplate.frame.rawValue) ?? ""
  }

  private static func last(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

  private static func navigation(_ page: Page) -> [PageValues] {
    let places = [
      ("Morning", PagePath.index), ("Matrix", PagePath.matrix), ("Nights", PagePath.nights), ("Runs", PagePath.runs),
      ("Issues", PagePath.issues), ("Searches", PagePath.searches), ("Hosts", PagePath.hosts),
    ]
    return places.map { name, path in
      ["name": .text(name), "path": .text(page.root + path), "current": .flag(path == page.path)]
    }
  }
}
