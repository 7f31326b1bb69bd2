/// Characters that the kernel's Makefiles cannot handle in a path: they put paths unquoted into lists of words and into
/// shell lines.
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
