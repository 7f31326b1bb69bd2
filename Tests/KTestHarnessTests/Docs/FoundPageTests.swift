import Testing

/// The page counts bugs, and a count is wrong as soon as somebody adds a row.
@Suite("What ktest has found")
struct FoundPageTests {
  @Test("each count is the number of rows below, and each row leads to its observation")
  func counts() throws {
    let page = try #require(Document.all.first { $0.path == "docs/found.md" }).text
    let sections = page.split(separator: "\n## ")
    let summary = try #require(sections.first).split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
    #expect(summary.count == 5 && sections.count == summary.count + 1)
    for (row, section) in zip(summary, sections.dropFirst()) {
      let lines = section.split(separator: "\n")
      let bugs = lines.filter { $0.hasPrefix("| [") }
      let title = try #require(lines.first)
      #expect(row.lowercased() == "| \(title) | \(bugs.count) |".lowercased())
      #expect(lines.count { $0.hasPrefix("| ") } == bugs.count + 1, "\(title): a row without a link")
    }
  }
}
