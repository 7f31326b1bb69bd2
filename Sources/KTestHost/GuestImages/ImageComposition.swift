import KTestValues

/// The composition of layers.
struct ImageComposition: Sendable {
  private(set) var layers: [ImageLayer] = []
  private var entries: [String: (entry: LayerContent.Entry, title: String)] = [:]

  /// Adds a layer. Throws `duplicateTarget` if two layers put different files at the same path.
  mutating func add(_ content: LayerContent, by title: String) throws {
    layers.append(
      ImageLayer(
        title: title, identity: content.identity, details: content.details, omitted: content.omitted,
        folder: content.folder))
    for entry in content.entries {
      if let first = entries[entry.path], first.entry.body != entry.body {
        // Both layers contain the library: apt's candidate is never older than the host's, so the package's runs the
        // programs of both.
        guard first.entry.isLibrary, entry.isLibrary else {
          throw ImageError.duplicateTarget(path: entry.path, first: first.title, second: title)
        }
        if first.title.hasPrefix("package ") || !title.hasPrefix("package ") { continue }
      }
      entries[entry.path] = (entry, title)
    }
  }

  var files: [LayerContent.Entry] { entries.values.map(\.entry) }
}

extension ImageCache {
  struct Ready: Sendable {
    var path: String
    var sha256: String
    var size: Int
    /// The SHA-256 of the payload's paths and contents.
    var payload = ""
  }

  /// Returns the archive of the layers alone.
  func base(of composition: ImageComposition) throws -> Ready {
    let archive = CPIO(
      composition.files.map { entry in
        let body: CPIO.Body =
          switch entry.body {
          case .directory: .directory
          case .symlink(let target): .symlink(target)
          case .file(let sha256, let size): .file(.file(path: path(blob: sha256), size: size))
          }
        return CPIO.Entry(path: entry.path, mode: entry.mode, body: body)
      })
    let key = LayerBuild.key(
      ["base 1"] + archive.entries.map { "\($0.path) \($0.mode) " + name(of: $0.body) })
    return try finished("\(root)/base/\(key).cpio") { writer in try write(archive, to: &writer) }
  }

  /// Returns the base with the payload appended, or the base itself if there is no payload.
  func ready(_ base: Ready, with payload: [ImagePayload]) throws -> Ready {
    if payload.isEmpty { return base }
    var entries: [CPIO.Entry] = []
    var key = ["ready 1", base.sha256]
    for file in payload {
      if let problem = ImagePath.problem(inImage: file.path) {
        throw ImageError.fileUnfit(path: file.path, reason: problem)
      }
      let digest: String
      switch file.content {
      case .bytes(let bytes):
        digest = SHA256.hex(of: bytes)
        entries.append(CPIO.Entry(path: file.path, mode: file.mode, body: .file(.bytes(bytes))))
      case .file(let path):
        let (sha256, size) = try self.digest(path)
        digest = sha256
        entries.append(CPIO.Entry(path: file.path, mode: file.mode, body: .file(.file(path: path, size: size))))
      }
      key.append("\(file.path) \(file.mode) \(digest)")
    }
    let archive = CPIO(entries)
    var ready = try finished("\(root)/ready/\(LayerBuild.key(key)).cpio") { writer in
      try writer.write(file: base.path, size: base.size)
      try write(archive, to: &writer)
    }
    ready.payload = LayerBuild.key(Array(key.dropFirst(2)))
    return ready
  }

  private func name(of body: CPIO.Body) -> String {
    if case .file(.file(let path, let size)) = body { return "\(Paths.last(path)) \(size)" }
    return "\(body)"
  }

  private func write(_ archive: CPIO, to writer: inout FileWriter) throws {
    for piece in archive.pieces() {
      switch piece {
      case .bytes(let bytes): try writer.write(bytes)
      case .file(let path, let size): try writer.write(file: path, size: size)
      }
    }
  }

  /// Writes an archive, and its digest into a file next to it, unless both exist.
  private func finished(_ path: String, _ body: (inout FileWriter) throws -> Void) throws -> Ready {
    let note = path + ".sha256"
    use.note("images/\(Paths.last(Paths.parent(path)))/\(Paths.last(path))")
    let known = (try? Files.text(note))?.split(separator: " ").map(String.init) ?? []
    if known.count == 2, let size = Int(known[1]), Files.exists(path) {
      if isWhole(path, sha256: known[0], size: size) { return Ready(path: path, sha256: known[0], size: size) }
      damage.add(path)
    }
    sweep()
    let (sha256, size) = try write(path) { writer in
      try body(&writer)
      return (writer.sha256, writer.size)
    }
    remember(path, sha256: sha256)
    try write(note) { writer in try writer.write(Array("\(sha256) \(size)".utf8)) }
    return Ready(path: path, sha256: sha256, size: size)
  }
}
