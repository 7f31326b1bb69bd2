import Glibc
import Synchronization

/// The folder `images` of the cache.
///
/// Everything is written under a temporary name and renamed, so that a reader sees a whole file or none, and two
/// processes that make the same file merely do it twice. A file gets its name only after it is on the disk, and it is
/// checked against its digest before use: a damaged one is rebuilt.
struct ImageCache: Sendable {
  let root: String
  /// Sentences for people about damaged files.
  let damage = DamageNotes()
  private static let counter = Atomic(0)

  init(_ cache: String) throws {
    let folder = cache + "/images"
    try Files.makeDirectory(folder)
    root = Files.real(folder) ?? folder
    let children = [
      "tmp", "blobs", "layers", "base", "ready", "digests", "sysroots", "logs", "recipes", "meson", "git", "sources",
      "uapi", "modules", "selftests",
    ]
    for child in children {
      try Files.makeDirectory(root + "/" + child)
    }
  }

  /// Checks the path: the kernel's Makefiles put paths unquoted into lists of words and into shell lines.
  func checkForMake(_ title: String) throws(ImageError) {
    guard root.contains(where: { " \t\n:%#$'\"\\&;|<>()[*?`".contains($0) }) else { return }
    throw .placeUnfit(path: root, layer: title)
  }

  /// Returns a path for an unfinished file. The caller removes it.
  func temporary() -> String {
    let number = ImageCache.counter.add(1, ordering: .relaxed).newValue
    return "\(root)/tmp/\(getpid())-\(number)"
  }

  /// Removes what killed processes left behind at least a day ago. The time of the last modification says nothing: a package
  /// that is just being unpacked has that of its archive, which is years old.
  ///
  /// - Parameter now: in seconds since 1970.
  func sweep(now: Int = Int(time(nil))) {
    for name in Files.list(root + "/tmp") {
      let path = root + "/tmp/" + name
      var status = stat()
      if lstat(path, &status) == 0, now - status.st_ctim.tv_sec > 86_400 { Files.remove(path) }
    }
  }

  /// Creates the file at `path` from the output of `body`; if there is an error, there is no file.
  @discardableResult
  func write<Result>(_ path: String, _ body: (inout FileWriter) throws -> Result) throws -> Result {
    let unfinished = temporary()
    do {
      var writer = try FileWriter(unfinished)
      let result = try body(&writer)
      try writer.flush()
      try move(unfinished, to: path)
      return result
    } catch {
      Files.remove(unfinished)
      throw error
    }
  }

  func move(_ unfinished: String, to path: String) throws {
    if rename(unfinished, path) == 0 {
      DurableFile.syncDirectory(of: path)
      return
    }
    // Another process has just put the same folder there, which is as good as ours.
    if errno == ENOTEMPTY || errno == EEXIST {
      Files.remove(unfinished)
      return
    }
    throw Files.failure("rename to", path)
  }

  /// Who uses the cache that the folder is in.
  var use: CacheUse { CacheUse(Paths.parent(root)) }

  func path(blob sha256: String) -> String { "\(root)/blobs/\(sha256)" }

  // MARK: layers

  /// Returns the stored layer of a key, or nil if there is none or one of its inputs has changed.
  func layer(_ key: String) -> LayerContent? {
    use.note("images/layers/\(key)")
    guard let text = try? Files.text("\(root)/layers/\(key)") else { return nil }
    guard let content = LayerContent(text: text) else {
      if text.hasPrefix("ktest-layer ") { damage.add("\(root)/layers/\(key)") }
      return nil
    }
    guard content.inputs.allSatisfy(isUnchanged) else { return nil }
    for entry in content.entries {
      if case .file(let sha256, let size) = entry.body, !has(blob: sha256, size: size) { return nil }
    }
    return content
  }

  /// Returns whether a content is there and matches its name; one that does not match is removed.
  func has(blob sha256: String, size: Int) -> Bool {
    let blob = path(blob: sha256)
    guard Files.exists(blob) else { return false }
    if isWhole(blob, sha256: sha256, size: size) { return true }
    damage.add(blob)
    Files.remove(blob)
    return false
  }

  /// Returns whether a file of the cache is unchanged since it was stored.
  func isWhole(_ path: String, sha256: String, size: Int) -> Bool {
    FileStamp(path)?.size == size && (try? memory.digest(of: path)) == sha256
  }

  /// Returns whether a directory of the cache is unchanged since it was stored; a changed one is removed.
  func isWhole(tree: String) -> Bool {
    guard Files.exists(tree) else { return false }
    switch TreeSeal.state(of: tree, memory: memory) {
    case .whole: return true
    case .unsealed:
      // An older ktest stored it without digests.
      _ = try? TreeSeal.seal(tree)
      return true
    case .damaged(let file):
      damage.add("\(tree)/\(file)")
      Files.remove(tree)
      return false
    }
  }

  /// Gives a finished directory its name, and stores the digests of its files.
  func seal(_ unfinished: String, as tree: String) throws {
    do {
      try TreeSeal.seal(unfinished)
      try DurableFile.moveTree(unfinished, to: tree)
    } catch {
      // Another process has just put the same folder there, which is as good as ours.
      if case .failed(_, let code) = error, code == ENOTEMPTY || code == EEXIST { return Files.remove(unfinished) }
      throw Files.failure("write", error)
    }
  }

  func store(_ content: LayerContent, _ key: String) throws {
    try write("\(root)/layers/\(key)") { writer in try writer.write(Array(content.text.utf8)) }
  }

  /// Returns the identity of an input file: by content if somebody may be editing it, else by size and time.
  func input(_ path: String, byContent: Bool = false) -> LayerContent.Input {
    LayerContent.Input(path: path, state: byContent ? contentState(path) : FileStamp(path)?.text ?? "absent")
  }

  private func isUnchanged(_ input: LayerContent.Input) -> Bool {
    let byContent = input.state.hasPrefix("sha256 ")
    return input.state == (byContent ? contentState(input.path) : FileStamp(input.path)?.text ?? "absent")
  }

  private func contentState(_ path: String) -> String {
    (try? digest(path)).map { "sha256 " + $0.sha256 } ?? "absent"
  }

  // MARK: digests

  private var memory: DigestMemory { DigestMemory(in: root + "/digests") }

  /// Returns the SHA-256 of a file, which is cached until the file is touched or the host reboots.
  func digest(_ path: String) throws -> (sha256: String, size: Int) {
    let size = try Files.open(path).size
    do {
      return (try memory.digest(of: Files.real(path) ?? path), size)
    } catch { throw Files.failure("read", error) }
  }

  /// Remembers the digest of a file that was hashed while it was written, so that it need not be read again.
  func remember(_ path: String, sha256: String) {
    if let mark = FileMark(path) { memory.remember(path, mark.text, sha256) }
  }
}
