import Glibc
import Synchronization

/// The folder `images` of the cache.
///
/// Everything is written under a temporary name and renamed, so that a reader sees a whole file or none, and two
/// processes that make the same thing merely do it twice.
struct ImageCache: Sendable {
  let root: String
  private static let counter = Atomic(0)

  init(_ cache: String) throws {
    let folder = cache + "/images"
    try Files.makeDirectory(folder)
    root = Files.real(folder) ?? folder
    let children = [
      "tmp", "blobs", "layers", "base", "ready", "digests", "sysroots", "logs", "recipes", "meson", "git", "sources",
      "uapi", "modules",
    ]
    for child in children {
      try Files.makeDirectory(root + "/" + child)
    }
  }

  /// A path for something that is not finished. Who takes it removes it.
  func temporary() -> String {
    let number = ImageCache.counter.add(1, ordering: .relaxed).newValue
    return "\(root)/tmp/\(getpid())-\(number)"
  }

  /// What killed processes left behind a day ago or longer.
  func sweep() {
    let now = Int(time(nil))
    for name in Files.list(root + "/tmp") {
      let path = root + "/tmp/" + name
      let modified = FileStamp(path, followingLinks: false)?.modified.split(separator: ".").first.flatMap { Int($0) }
      if let modified, now - modified > 86_400 { Files.remove(path) }
    }
  }

  /// Makes the file at `path` from what `body` writes; on an error there is no file.
  @discardableResult
  func write<Result>(_ path: String, _ body: (inout FileWriter) throws -> Result) throws -> Result {
    let unfinished = temporary()
    do {
      var writer = try FileWriter(unfinished)
      let result = try body(&writer)
      try move(unfinished, to: path)
      return result
    } catch {
      Files.remove(unfinished)
      throw error
    }
  }

  func move(_ unfinished: String, to path: String) throws {
    if rename(unfinished, path) == 0 { return }
    // A folder that another process has just put there is as good as ours.
    if errno == ENOTEMPTY || errno == EEXIST {
      Files.remove(unfinished)
      return
    }
    throw Files.failure("rename to", path)
  }

  func path(blob sha256: String) -> String { "\(root)/blobs/\(sha256)" }

  // MARK: layers

  /// The stored layer of a key; nil when there is none, or one of its inputs has changed since.
  func layer(_ key: String) -> LayerContent? {
    guard let text = try? Files.text("\(root)/layers/\(key)"), let content = LayerContent(text: text) else {
      return nil
    }
    guard content.inputs.allSatisfy(isUnchanged) else { return nil }
    for entry in content.entries {
      if case .file(let sha256, let size) = entry.body, FileStamp(path(blob: sha256))?.size != size { return nil }
    }
    return content
  }

  func store(_ content: LayerContent, _ key: String) throws {
    try write("\(root)/layers/\(key)") { writer in try writer.write(Array(content.text.utf8)) }
  }

  /// Remembers what a file is like: by content where somebody may be editing it, else by size and time.
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

  /// The SHA-256 of a file, remembered for as long as its size and time stay what they are.
  func digest(_ path: String) throws -> (sha256: String, size: Int) {
    guard let stamp = FileStamp(path) else { throw Files.failure("read", path, ENOENT) }
    let place = Files.real(path) ?? path
    let memo = "\(root)/digests/\(SHA256.hex(of: place))"
    let known = (try? Files.text(memo))?.split(separator: "\n").map(String.init) ?? []
    if known.count == 2, known[0] == stamp.text { return (known[1], stamp.size) }
    let sha256 = SHA256.hex(of: try Files.read(path))
    // A file written a moment ago may be written again within the resolution of its time.
    let modified = stamp.modified.split(separator: ".").first.flatMap { Int($0) } ?? 0
    if time(nil) - modified > 2 {
      try write(memo) { writer in try writer.write(Array("\(stamp.text)\n\(sha256)\n".utf8)) }
    }
    return (sha256, stamp.size)
  }
}
