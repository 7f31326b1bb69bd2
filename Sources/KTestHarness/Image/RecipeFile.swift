/// A recipe and the place it was read from.
public struct RecipeFile: Sendable, Equatable {
  public var recipe: Recipe
  /// As given, for messages.
  public var path: String
  /// The folder that its sources are relative to, without symbolic links.
  public var folder: String
  /// SHA-256 of its text.
  public var digest: String

  /// Reads a recipe from a file; nil with diagnostics when it has errors.
  ///
  /// Throws `ImageError` when the file cannot be read.
  public static func read(_ path: String) throws -> (file: RecipeFile?, diagnostics: [Diagnostic]) {
    let limit = YAMLLimits.standard.bytes
    guard let stamp = FileStamp(path) else { throw ImageError.fileMissing(path: path, layer: "the suite") }
    guard stamp.isRegular else { throw ImageError.fileUnfit(path: path, reason: "a recipe is a regular file") }
    // Far too large: the reader would refuse it too, but only after all of it was in memory.
    guard stamp.size <= limit else {
      let message = "the file has \(stamp.size) bytes; at most \(limit) are read"
      return (nil, [Diagnostic(file: path, mark: nil, message: message, note: "is it the right file?")])
    }
    let bytes = try Files.read(path)
    let (recipe, diagnostics) = Recipe.read(bytes: bytes, file: path)
    guard let recipe else { return (nil, diagnostics) }
    let folder = Files.real(Paths.parent(path)) ?? Paths.parent(path)
    return (RecipeFile(recipe: recipe, path: path, folder: folder, digest: SHA256.hex(of: bytes)), diagnostics)
  }
}
