/// What a path must not have where the kernel's Makefiles work on it: they put paths into lists of words and into lines for
/// a shell as they are.
enum MakePath {
  private static let special: Set<Character> = [
    " ", "\t", "\n", ":", "%", "#", "$", "'", "\"", "\\", "&", ";", "|", "<", ">", "(", ")", "[", "*", "?", "`",
  ]

  /// Throws ``KernelBuildError/badPlace(_:character:isCache:)``.
  static func check(_ path: String, isCache: Bool = false) throws(KernelBuildError) {
    guard let found = path.first(where: { special.contains($0) }) else { return }
    throw .badPlace(path, character: found, isCache: isCache)
  }
}
