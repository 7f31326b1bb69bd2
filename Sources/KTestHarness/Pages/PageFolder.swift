import Glibc
import KTestHost
import KTestValues

/// The directory with the pages. What is in it was made by ktest: another one is left alone.
struct PageFolder {
  let path: String
  private let lock: FileLock
  private let templates: PageTemplates
  private(set) var written = 0

  /// The file that says whose the directory is.
  private static let mark = ".ktest-pages"

  /// Creates the directory if it is not there, and waits until no other ktest writes into it.
  init(_ path: String) async throws {
    self.path = path
    let names = HostFiles.names(in: path)
    guard names.isEmpty || names.contains(PageFolder.mark) else { throw PageProblem.foreign(path: path) }
    do {
      try HostFiles.makeDirectory(path)
      lock = try await FileLock("\(path)/\(PageFolder.mark)")
    } catch let problem as FileProblem { throw PageProblem.unwritable(path: problem.path, reason: problem.reason) }
    templates = try PageTemplates()
    try write(PageStyle.text, to: "ktest.css")
    try write(PageScript.text, to: "ktest.js")
    try write(PageStyle.icon, to: "ktest.svg")
  }

  mutating func write(_ page: Page) throws {
    try write(templates.render(page), to: page.path)
    if let json = page.json { try write(json, to: PagePath.json(of: page.path)) }
  }

  mutating func write(_ text: String, to file: String) throws { try write(Array(text.utf8), to: file) }

  /// Writes a file completely or not at all, unless it has this content already. It is not forced to the disk: everything
  /// here can be made again.
  mutating func write(_ bytes: [UInt8], to file: String) throws {
    let target = "\(path)/\(file)"
    if let size = HostFiles.size(of: target), size == bytes.count,
      (try? RegularFile.bytes(of: target, limit: size)) == bytes
    {
      return
    }
    do { try HostFiles.makeDirectory(Paths.parent(target)) } catch {
      throw PageProblem.unwritable(path: error.path, reason: error.reason)
    }
    let draft = target + ".new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw PageProblem.unwritable(path: target, errno: errno) }
    var code = writeBytes(bytes, to: descriptor)
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(draft, target) != 0 { code = errno }
    guard code == 0 else {
      unlink(draft)
      throw PageProblem.unwritable(path: target, errno: code)
    }
    written += 1
  }

  /// The names in a folder of pages.
  func names(in folder: String) -> [String] { HostFiles.names(in: "\(path)/\(folder)") }

  func text(of file: String) -> [UInt8]? { try? RegularFile.bytes(of: "\(path)/\(file)", limit: 1 << 26) }

  func remove(_ file: String) { HostFiles.remove("\(path)/\(file)") }

  /// Removes the pages of a folder that are not among these.
  func keep(_ pages: Set<String>, in folder: String) {
    for name in names(in: folder) {
      let page = "\(folder)/" + (name.hasSuffix(".json") ? name.dropLast(5) + ".html" : name)
      if !pages.contains(page) { remove("\(folder)/\(name)") }
    }
  }
}

/// The reasons why pages cannot be written.
package enum PageProblem: Error, Sendable, Equatable, CustomStringConvertible {
  case foreign(path: String)
  case unwritable(path: String, reason: String)

  static func unwritable(path: String, errno code: Int32) -> PageProblem {
    .unwritable(path: path, reason: String(cString: strerror(code)))
  }

  package var description: String {
    switch self {
    case .foreign(let path):
      "\(path) has files that are not ktest's pages; name an empty or a new directory, or one with pages"
    case .unwritable(let path, let reason): "cannot write the page \(path): \(reason)"
    }
  }
}
