import SystemPackage

/// Operations on the text of paths, without access to files. A path ends at its first NUL, as it does for the kernel.
package enum Paths {
  /// Returns the path without its last component: `/` for a file in the root, and `.` for a single name.
  package static func parent(_ path: String) -> String {
    let parent = file(path).removingLastComponent()
    return parent.isEmpty ? "." : parent.string
  }

  /// Returns the last component, or `/` for the root.
  package static func last(_ path: String) -> String { file(path).lastComponent?.string ?? path }

  /// Returns the path without `.` and repeated slashes. `..` removes the component before it and stops at the root.
  package static func normalized(_ path: String) -> String { file(path).lexicallyNormalized().string }

  // A FilePath must not have a NUL in it.
  private static func file(_ path: String) -> FilePath {
    guard path.utf8.contains(0) else { return FilePath(path) }
    return FilePath(String(String.UnicodeScalarView(path.unicodeScalars.prefix { $0 != "\0" })))
  }
}
