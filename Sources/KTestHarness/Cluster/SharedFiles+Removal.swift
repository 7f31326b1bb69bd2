import Glibc
import KTestHost

extension SharedFiles {
  /// What may stay.
  struct Limits: Sendable, Equatable {
    /// The seconds for which a file is kept that nobody uses.
    var seconds = 14 * 86_400
    /// The bytes of all files together, beyond which those go that were used longest ago.
    var bytes = 50 << 30
    /// The seconds for which a file is kept in any case.
    var leastSeconds = 86_400
  }

  /// A file, or what a killed process has left of one.
  struct Item: Sendable, Equatable {
    var name: String
    /// In seconds since 1970.
    var lastUse: Int
    var bytes: Int
    var isDraft: Bool
  }

  private static var digits: Int { 64 }

  /// All that is kept there. What has another name than a digest or a draft of one is none of it.
  var items: [Item] {
    HostFiles.names(in: "\(root)/\(WorkFolder.files)").compactMap { name in
      // rsync's drafts begin with a dot.
      let stem = name.drop { $0 == "." }.prefix { $0 != "." }
      guard stem.count == SharedFiles.digits, stem.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
      var status = stat()
      guard lstat("\(root)/\(WorkFolder.files)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        return nil
      }
      return Item(
        name: name, lastUse: max(lastUse(of: name) ?? 0, status.st_mtim.tv_sec), bytes: Int(status.st_blocks) * 512,
        isDraft: stem.count != name.count)
    }
  }

  private func lastUse(of name: String) -> Int? {
    var status = stat()
    return lstat("\(root)/\(SharedFiles.use(of: name))", &status) == 0 ? status.st_mtim.tv_sec : nil
  }

  /// When the oldest run began that has work here, in seconds since 1970; nil for none. It has used its files since then.
  private var oldestRun: Int? {
    HostFiles.names(in: root).compactMap { name in
      var status = stat()
      return lstat("\(root)/\(name)/\(WorkFolder.mark)", &status) == 0 ? status.st_mtim.tv_sec : nil
    }.min()
  }

  /// Removes what nobody has used for long, and what is too much. What a run under way uses stays: it says so before it
  /// looks whether a file is there.
  ///
  /// - Parameter now: in seconds since 1970, by the clock of the files.
  /// - Returns: the names of the files that are gone.
  @discardableResult
  func removeUnused(_ limits: Limits = Limits(), now: Int = time(nil)) -> [String] {
    let items = items.sorted { ($0.lastUse, $0.name) < ($1.lastUse, $1.name) }
    let held = oldestRun ?? .max
    var (left, removed) = (items.reduce(0) { $0 + $1.bytes }, [String]())
    for item in items where item.lastUse < held {
      let age = now - item.lastUse
      guard age > limits.seconds || (age > limits.leastSeconds && (left > limits.bytes || item.isDraft)) else {
        continue
      }
      guard remove(item) else { continue }
      left -= item.bytes
      removed.append(item.name)
    }
    // Notes are made again where somebody needs them; but only the note of a use says that a file is new.
    forget(in: "digests", before: now - limits.seconds) { _ in true }
    forget(in: WorkFolder.uses, before: now - limits.seconds) { !HostFiles.exists("\(root)/\(WorkFolder.files)/\($0)") }
    return removed
  }

  /// Whether a run under way may use it, or one that begins.
  func mayBeInUse(_ item: Item, now: Int = time(nil)) -> Bool {
    item.lastUse >= (oldestRun ?? .max) || now - item.lastUse < 3600
  }

  /// Removes a file unless somebody uses it meanwhile. Returns whether it is gone.
  func remove(_ item: Item) -> Bool {
    let path = "\(root)/\(WorkFolder.files)/\(item.name)"
    // From here on, who looks for it finds it gone, and puts it there again; who has looked before has noted its use.
    let aside = "\(path).\(UInt64.random(in: 0 ... .max)).new"
    guard rename(path, aside) == 0 else { return false }
    guard (lastUse(of: item.name) ?? 0) <= item.lastUse else {
      if rename(aside, path) != 0 { unlink(aside) }
      return false
    }
    unlink(aside)
    return true
  }

  private func forget(in folder: String, before: Int, _ isFree: (String) -> Bool) {
    for name in HostFiles.names(in: "\(root)/\(folder)") where isFree(name) {
      var status = stat()
      guard lstat("\(root)/\(folder)/\(name)", &status) == 0, status.st_mtim.tv_sec < before else { continue }
      unlink("\(root)/\(folder)/\(name)")
    }
  }
}
