package import KTestValues

/// A recipe in the output of `ktest image list`.
package struct ImageListing: Sendable, Equatable, Codable {
  /// The recipe's name, or the file's name if the recipe has errors.
  package var name: String
  package var description: String
  package var path: String
  /// The suite parameters that change it.
  package var parameters: [String]
  /// The size in bytes of the image that was last built from this text; nil if there is none in the cache.
  package var size: Int?
  package var sha256: String?
  package var diagnostics: [Diagnostic]

  package var isCached: Bool { size != nil }

  package init(
    name: String, description: String, path: String, parameters: [String] = [], size: Int? = nil,
    sha256: String? = nil, diagnostics: [Diagnostic] = []
  ) {
    self.name = name
    self.description = description
    self.path = path
    self.parameters = parameters
    self.size = size
    self.sha256 = sha256
    self.diagnostics = diagnostics
  }
}

/// Returns the recipes (`*.yaml`) of some folders, ordered by folder and then by name. Nothing is built.
///
/// Throws `ImageError` if a recipe cannot be read or the cache's folder cannot be created.
package func listImages(folders: [String], cache: String) throws -> [ImageListing] {
  let cache = try ImageCache(cache)
  return try folders.flatMap { folder in
    try Files.list(folder).filter { $0.hasSuffix(".yaml") }.map { name in
      let path = folder + "/" + name
      let (file, diagnostics) = try RecipeFile.read(path)
      guard let file else {
        return ImageListing(name: String(name.dropLast(5)), description: "", path: path, diagnostics: diagnostics)
      }
      let last = cache.last(file)
      return ImageListing(
        name: file.recipe.name, description: file.recipe.description, path: path, parameters: file.recipe.parameters,
        size: last?.size, sha256: last?.sha256, diagnostics: diagnostics)
    }
  }
}

extension ImageCache {
  /// Records the image that was last built from a recipe's text.
  func remember(_ file: RecipeFile, _ ready: Ready) throws {
    let text = "\(ready.path)\n\(ready.sha256)\n\(ready.size)\n"
    if (try? Files.text(note(of: file))) == text { return }
    try write(note(of: file)) { writer in try writer.write(Array(text.utf8)) }
  }

  /// Returns nil if the image has been removed since.
  func last(_ file: RecipeFile) -> (sha256: String, size: Int)? {
    let lines = (try? Files.text(note(of: file)))?.split(separator: "\n").map(String.init) ?? []
    guard lines.count == 3, let size = Int(lines[2]), FileStamp(lines[0])?.size == size else { return nil }
    return (lines[1], size)
  }

  private func note(of file: RecipeFile) -> String {
    "\(root)/recipes/\(LayerBuild.key([file.folder, file.recipe.name, file.digest]))"
  }
}
