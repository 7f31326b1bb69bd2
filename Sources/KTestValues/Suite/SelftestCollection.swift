/// A folder of `tools/testing/selftests` whose tests become cases of a suite.
package struct SelftestCollection: Sendable, Equatable, Codable {
  /// The folder, for example `mm` or `net/af_unix`.
  package var folder: String
  /// Programs that do not become cases, for example because another suite runs them.
  package var except: [String]

  package init(_ folder: String, except: [String] = []) {
    self.folder = folder
    self.except = except
  }
}

extension Suite {
  static func collection(_ map: YAMLMapReader) -> SelftestCollection? {
    guard let node = map.node("collection") else { return nil }
    func checked(_ name: String, _ node: YAMLNode) -> String? {
      guard name.split(separator: "/").contains("..") else { return name }
      map.diagnostics.error(at: node.mark, "a folder of selftests has no '..', found \(Phrase.quoted(name))")
      return nil
    }
    guard case .mapping = node.content else {
      return map.value("collection", NameRule.collection).flatMap { checked($0, node) }.map { SelftestCollection($0) }
    }
    guard let inner = YAMLMapReader(node, SuiteSchema.collection, map.diagnostics) else { return nil }
    let except = inner.list("except", of: "programs") { map.diagnostics.string($0) } ?? []
    return inner.value("folder", NameRule.collection).flatMap { checked($0, node) }
      .map { SelftestCollection($0, except: except) }
  }
}

extension SuiteSchema {
  static let collectionField = SchemaField(
    "collection", .anyOf([.text(pattern: NameRule.collection.pattern), .map(collection)]),
    "A folder of the kernel's selftests: what its Makefile lists and no case runs becomes a case.", example: "mm")

  static let collection = SchemaShape(
    "collection", "a collection",
    [
      .init(
        "folder", .text(pattern: NameRule.collection.pattern), "The folder below tools/testing/selftests.",
        example: "mm", required: true),
      .init(
        "except", .list(.text()), "Programs that do not become cases, because another suite runs them.",
        example: "[hmm-tests]"),
    ])
}
