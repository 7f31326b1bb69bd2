extension KernelOrigin {
  /// Reads the value, or the text of an earlier version if there is no value that this version knows.
  package init<Key: CodingKey>(in values: KeyedDecodingContainer<Key>, value: Key, text: Key) throws {
    if let origin = try? values.decode(KernelOrigin.self, forKey: value) {
      self = origin
    } else {
      self.init(former: try values.decode(String.self, forKey: text))
    }
  }

  /// Reads what manifests and records of the cache held before they had the value: its text. This is the only place that
  /// reads the text.
  init(former text: String) {
    self =
      KernelOrigin.formerDebian(text) ?? KernelOrigin.formerBuild(text) ?? KernelOrigin.formerFile(text) ?? .path(text)
  }

  /// `debian:NAME`, `debian:NAME (PACKAGE VERSION)`, `PACKAGE VERSION`.
  private static func formerDebian(_ text: String) -> KernelOrigin? {
    func package(_ words: Substring, of name: String?) -> KernelOrigin? {
      let parts = words.split(separator: " ")
      guard parts.count == 2 else { return nil }
      return .debian(name: name, package: String(parts[0]), version: String(parts[1]))
    }
    guard text.hasPrefix("debian:") else {
      return text.hasPrefix("linux-image-") && !text.contains("/") ? package(text[...], of: nil) : nil
    }
    let rest = text.dropFirst("debian:".count)
    guard let (name, words) = parts(String(rest), around: " (") else { return .debian(name: String(rest)) }
    return package(words[...], of: name) ?? .debian(name: name)
  }

  /// `PATH (built from SOURCE, STATE, BASE, COMPILER)`, where base and compiler may have commas of their own.
  private static func formerBuild(_ text: String) -> KernelOrigin? {
    guard let (path, words) = parts(text, around: " (built from ") else { return nil }
    let parts = words.split(separator: ", ", omittingEmptySubsequences: false).map(String.init)
    guard let place = parts.firstIndex(where: { $0.hasPrefix("git:") || $0.hasPrefix("files:") }), place > 0 else {
      return .path(path)
    }
    let source = parts[..<place].joined(separator: ", ")
    let origin: KernelOrigin =
      source.hasPrefix("debian:") ? .source(package: String(source.dropFirst(7))) : .source(tree: source)
    let rest = parts[(place + 1)...]
    return origin.built(
      at: path, state: parts[place], base: rest.first ?? "", compiler: rest.dropFirst().joined(separator: ", "))
  }

  /// `PATH (sha256 DIGEST)`, `extracted from a bzImage with sha256 DIGEST`.
  private static func formerFile(_ text: String) -> KernelOrigin? {
    let extracted = "extracted from a bzImage with sha256 "
    if text.hasPrefix(extracted) { return .extracted(sha256: String(text.dropFirst(extracted.count))) }
    return parts(text, around: " (sha256 ").map { .packageFile($0.0, sha256: $0.1) }
  }

  /// Returns the text before the mark, and the text between the mark and the closing bracket at the end.
  private static func parts(_ text: String, around mark: String) -> (String, String)? {
    guard text.hasSuffix(")"), let place = text.firstRange(of: mark) else { return nil }
    return (String(text[..<place.lowerBound]), String(text[place.upperBound...].dropLast()))
  }
}
