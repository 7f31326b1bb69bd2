/// What a path in an image and the path of a source may be.
enum ImagePath {
  /// Returns what is wrong with a path in the image, or nil for an absolute path below the root.
  static func problem(inImage path: String) -> String? {
    if !path.hasPrefix("/") { return "a path in the image must begin with '/'" }
    if path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
      return "a path in the image must not contain control characters"
    }
    if path != Paths.normalized(path) {
      return "a path in the image must not contain '.', '..' or '//', or end with '/'"
    }
    if path == "/" { return "the root always exists" }
    if path.utf8.count > 1000 { return "a path in the image can have at most 1000 bytes" }
    return nil
  }

  /// Returns what is wrong with the path of a source, or nil if it stays inside the recipe's folder.
  static func problem(ofSource path: String) -> String? {
    if path.isEmpty { return "the path is empty" }
    if path.hasPrefix("/") { return "a source must be relative to the recipe's folder" }
    if path.utf8.contains(0) { return "a path must not contain NUL" }
    if path.split(separator: "/").contains("..") {
      return "a source must be inside the recipe's folder: '..' is refused"
    }
    return nil
  }

  static func expand(_ directory: String, origin: String) -> String {
    var result = ""
    var rest = directory[...]
    while !rest.isEmpty {
      if let token = ["$ORIGIN", "${ORIGIN}"].first(where: rest.hasPrefix) {
        result += origin
        rest = rest.dropFirst(token.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
