package import KTestValues

/// A recipe with its position in the file system.
package struct RecipeFile: Sendable, Equatable {
  package var recipe: Recipe
  /// The path as given, for messages.
  package var path: String
  /// The folder that its sources are relative to, without symbolic links.
  package var folder: String
  /// The SHA-256 of its text.
  package var digest: String
  /// The position of each layer.
  var marks: [Mark] = []

  /// Returns the position of a layer in the file; nil for a recipe that was not read from one.
  func mark(ofLayer number: Int) -> Mark? { marks.indices.contains(number) ? marks[number] : nil }

  /// Reads a recipe from a file; returns diagnostics and no recipe if it has errors.
  ///
  /// Throws `ImageError` if the file cannot be read.
  package static func read(_ path: String) throws -> (file: RecipeFile?, diagnostics: [Diagnostic]) {
    let limit = YAMLLimits.standard.bytes
    let bytes: [UInt8]
    do {
      bytes = try RegularFile.bytes(of: path, limit: limit)
    } catch {
      switch error {
      case .absent: throw ImageError.fileMissing(path: path, layer: "the suite")
      case .failed: throw Files.failure("read", error)
      case .notRegular:
        return (
          nil, [Diagnostic(file: path, mark: nil, message: error.reason, note: "a recipe must be a regular file")]
        )
      // The reader would also refuse it, but only after reading all of it into memory.
      case .tooLarge(_, let size, _):
        let message = "the file has \(size) bytes; the limit is \(limit)"
        return (nil, [Diagnostic(file: path, mark: nil, message: message, note: "is it the right file?")])
      }
    }
    let (recipe, marks, diagnostics) = Recipe.readWithMarks(bytes: bytes, file: path)
    guard let recipe else { return (nil, diagnostics) }
    let folder = Files.real(Paths.parent(path)) ?? Paths.parent(path)
    let digest = SHA256.hex(of: bytes)
    return (RecipeFile(recipe: recipe, path: path, folder: folder, digest: digest, marks: marks), diagnostics)
  }
}
