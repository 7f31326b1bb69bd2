import KTestHost
import KTestValues

extension [SuiteFile] {
  /// Selects only those of the selected cases that have one of the tags. Suites without such a case are left out.
  ///
  /// - Throws: ``Failure`` for a tag that no case of the suites has, and if no case is left.
  package func selecting(tags: [String]) throws -> [SuiteFile] {
    let existing = Set(flatMap { $0.suite.cases.flatMap(\.tags) }).sorted()
    if let unknown = tags.first(where: { !existing.contains($0) }) {
      let known = existing.isEmpty ? "there are no tags" : "the tags are \(existing.joined(separator: ", "))"
      throw Failure(
        .usage,
        "no case of \(map(\.suite.name).joined(separator: ", ")) has the tag '\(unknown)'"
          + (Suggestion.nearest(to: unknown, in: existing).map { "; did you mean '\($0)'? (\(known))" } ?? "; \(known)")
      )
    }
    let left = try compactMap { file in
      var file = file
      file.cases = try file.selected(tags: tags)
      return file.cases.isEmpty ? nil : file
    }
    guard !left.isEmpty else {
      throw Failure(.usage, "none of the selected cases has the tag \(tags.joined(separator: " or "))")
    }
    return left
  }
}

extension SuiteFile {
  /// Returns the selection of each selected case that has one of the tags.
  fileprivate func selected(tags: [String]) throws -> [String] {
    let tagged = suite.cases.filter { !Set($0.tags).isDisjoint(with: tags) }
    let present = Set(tagged.map(\.name))
    return try (cases.isEmpty ? ["*"] : cases).flatMap { text -> [String] in
      let selection = try CaseSelection(parsing: text)
      let names = try SuiteRequest(suite, cases: [text]).chosenNames.intersection(present)
      return tagged.filter { names.contains($0.name) }.map { test in
        CaseSelection(axes: selection.axes, pattern: test.name).description
      }
    }
  }
}
