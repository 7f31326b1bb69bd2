import KTestValues

/// A page, before it has its frame.
struct Page: Sendable {
  /// Relative to the first page.
  var path: String
  var title: String
  /// The name of its template.
  var template: PageTemplate
  var values: PageValues
  /// The same for programs; it lies beside the page.
  var json: String?

  /// The way to the first page.
  var root: String { PagePath.root(from: path) }
}

/// Which pages there are, so that no link leads to one that is missing.
struct PageIndex: Sendable {
  var tests: Set<String> = []
  var runs: Set<String> = []
  var nights: Set<String> = []
  /// Their ids.
  var issues: Set<String> = []
  var searches: Set<String> = []
  /// Where the pages are published, without a slash at its end; nil if that is unknown.
  var address: String?

  func test(_ name: String, from root: String) -> String? {
    tests.contains(name) ? root + PagePath.test(name) : nil
  }
  func run(_ id: String, from root: String) -> String? { runs.contains(id) ? root + PagePath.run(id) : nil }
  func night(_ id: String, from root: String) -> String? { nights.contains(id) ? root + PagePath.night(id) : nil }
  func issue(_ key: IssueKey, from root: String) -> String? {
    let id = key.id
    return issues.contains(id) ? root + PagePath.issue(id) : nil
  }
  func search(_ id: String, from root: String) -> String? {
    searches.contains(id) ? root + PagePath.search(id) : nil
  }
}
