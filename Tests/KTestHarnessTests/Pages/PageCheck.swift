import Foundation
import FoundationXML

/// Reads every page of a directory strictly, and gathers what is wrong: pages that are not well-formed, elements and attributes
/// that no template has, links to what is not there.
final class PageCheck: NSObject, XMLParserDelegate {
  private(set) var faults: [String] = []
  private(set) var pages = 0
  private(set) var links = 0

  private let folder: String
  private var path = ""
  private var ids: [String: Set<String>] = [:]
  private var targets: [(page: String, target: String)] = []
  private var scripts = 0

  private static let elements: Set<String> = [
    "html", "head", "meta", "title", "link", "script", "body", "a", "nav", "span", "main", "h1", "h2", "h3", "p", "ul",
    "li", "b", "i", "section", "article", "dl", "div", "dt", "dd", "code", "kbd", "table", "thead", "tbody", "tr", "th",
    "td", "footer", "form", "label", "input", "pre", "svg", "line", "polyline", "circle", "text", "figure",
    "figcaption", "details", "summary",
  ]
  private static let attributes: Set<String> = [
    "lang", "charset", "http-equiv", "content", "name", "rel", "type", "href", "src", "defer", "class", "id",
    "tabindex", "aria-label", "aria-current", "title", "data-label", "data-name", "data-flips", "data-rate",
    "data-sortable", "data-key", "scope", "colspan", "hidden", "role", "autocomplete", "spellcheck", "placeholder",
    "open", "viewBox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "points", "text-anchor",
  ]

  init(_ folder: String) {
    self.folder = folder
    super.init()
    let files = ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".html") }
    for file in files.sorted() { read(file) }
    pages = files.count
    for (page, target) in targets { follow(target, from: page) }
  }

  private func read(_ file: String) {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)") else {
      return faults.append("\(file): gone")
    }
    path = file
    scripts = 0
    let parser = XMLParser(data: data)
    parser.delegate = self
    if !parser.parse() {
      faults.append("\(file):\(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "not well-formed")")
    }
    if scripts != 1 { faults.append("\(file): \(scripts) scripts") }
    let json = file.dropLast(5) + ".json"
    if !FileManager.default.fileExists(atPath: "\(folder)/\(json)") { faults.append("\(file): no JSON beside it") }
    if let data = FileManager.default.contents(atPath: "\(folder)/\(json)"),
      (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) == nil
    {
      faults.append("\(json): no JSON")
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if !PageCheck.elements.contains(name) { faults.append("\(path): the element \(name)") }
    if name == "script" { scripts += 1 }
    for (key, value) in attributes {
      if !PageCheck.attributes.contains(key) { faults.append("\(path): the attribute \(key) of \(name)") }
      if key == "id", !(ids[path, default: []].insert(value).inserted) {
        faults.append("\(path): \(value) is there twice")
      }
      if key == "href" || key == "src" { targets.append((path, value)) }
    }
  }

  private func follow(_ target: String, from page: String) {
    links += 1
    if target.contains(":") { return faults.append("\(page): leads out, to \(target)") }
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let folder = page.split(separator: "/").dropLast().joined(separator: "/")
    var steps: [Substring] = folder.isEmpty ? [] : folder.split(separator: "/")
    for step in parts[0].split(separator: "/") {
      if step == ".." {
        if steps.popLast() == nil { return faults.append("\(page): \(target) leaves the pages") }
      } else {
        steps.append(step)
      }
    }
    let file = parts[0].isEmpty ? page : steps.joined(separator: "/")
    guard FileManager.default.fileExists(atPath: "\(self.folder)/\(file)") else {
      return faults.append("\(page): \(target) is missing")
    }
    if parts.count == 2, file.hasSuffix(".html"), ids[file]?.contains(String(parts[1])) != true {
      faults.append("\(page): \(target) has no such place")
    }
  }
}
