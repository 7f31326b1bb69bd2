internal import Foundation
import KTestHost
import KTestValues

/// The boot that a kept template is of.
package struct TemplateOrigin: Codable, Sendable, Equatable {
  /// The name of the run.
  package var run: String
  /// The number of the boot in that run.
  package var boot: Int
  /// The seconds from power-on to the stop.
  package var seconds: Double

  package init(run: String, boot: Int, seconds: Double) {
    (self.run, self.boot, self.seconds) = (run, boot, seconds)
  }
}

/// Templates that outlive their run, on a file system in memory: they are gone when the host boots.
///
/// Each is a directory whose name is the digest of all that determines it. Only ktest's user can enter the store: a run
/// copies a template into its own directory, whose files belong to the user whom guests run as, so that a guest that breaks
/// out of its QEMU reaches the guests of its own run only. A directory gets its name when it is whole, and loses it before
/// it is removed, so that any number of ktests can use the store at once.
struct TemplateStore: Sendable {
  let directory: String
  /// How long a template is used, in seconds: all of its clones have one boot in common, and what shows in one boot of
  /// three must not stay away for long.
  static let age = 3600.0
  /// What all of them may take, in bytes.
  static let budget: UInt64 = 1 << 30
  /// What must be left free by a copy, in bytes.
  private static let spare: UInt64 = 64 << 20
  private static let counter = DraftCounter()

  /// What is known of a template, in its file `template.json`.
  private struct Record: Codable {
    var origin: TemplateOrigin
    /// Seconds since 1970.
    var stopped: Double
    /// The sizes of the files with its memory, in bytes.
    var sizes: [String: UInt64]
    /// The SHA-256 of the devices' state.
    var state: String
  }

  enum Finding: Equatable {
    case none
    /// It was copied.
    case found(TemplateOrigin, age: Double)
    /// It was removed.
    case damaged(String)
  }

  private struct Damage: Error { var what: String }

  static var own: TemplateStore { TemplateStore(directory: "/dev/shm/ktest-\(geteuid())-templates") }

  /// Copies a template into an empty directory.
  ///
  /// - Parameters:
  ///   - key: the digest of all that determines it.
  ///   - files: the names of the files with its memory.
  ///   - user: who owns the copies; nil for ktest's own user.
  func take(_ key: String, into place: String, files: [String], user: GuestUser?) -> Finding {
    let source = "\(directory)/\(key)"
    guard isOwn, access(source, F_OK) == 0 else { return .none }
    do {
      let record = try record(of: source)
      let age = Date().timeIntervalSince1970 - record.stopped
      guard age >= 0, age < TemplateStore.age else {
        remove(key)
        return .none
      }
      guard Set(record.sizes.keys) == Set(files) else { throw Damage(what: "it has other files") }
      let state = try SHA256.hex(of: RegularFile.bytes(of: source + "/state", limit: 256 << 20))
      guard state == record.state else { throw Damage(what: "the devices' state was changed or cut short") }
      for name in files {
        var status = stat()
        guard lstat("\(source)/\(name)", &status) == 0, UInt64(status.st_size) == record.sizes[name] else {
          throw Damage(what: "\(name) was changed or cut short")
        }
      }
      guard fits(source, into: place) else { return .none }
      for name in files + ["state"] {
        try copy("\(source)/\(name)", to: "\(place)/\(name)", for: name == "state" ? nil : user)
      }
      // The time of its last use.
      utimensat(AT_FDCWD, source, nil, 0)
      return .found(record.origin, age: age)
    } catch {
      remove(key)
      return .damaged((error as? Damage)?.what ?? "\(error)")
    }
  }

  /// Keeps a copy of a template, if there is room, and removes those that the budget has no room for any more: the least
  /// recently used go first. Where one is kept under this key already, nothing changes.
  ///
  /// - Parameter available: the memory that the host can give, in bytes, of which an eighth may be used.
  func put(
    _ key: String, from source: String, files: [String], origin: TemplateOrigin, stopped: Date, available: UInt64
  ) {
    let budget = min(TemplateStore.budget, available / 8)
    mkdir(directory, 0o700)
    guard isOwn, access("\(directory)/\(key)", F_OK) != 0, bytes(of: source) <= budget, fits(source, into: directory)
    else { return }
    let draft = "\(directory)/.\(getpid())-\(TemplateStore.counter.next())"
    do {
      guard mkdir(draft, 0o700) == 0 else { return }
      for name in files + ["state"] { try copy("\(source)/\(name)", to: "\(draft)/\(name)", for: nil) }
      let record = Record(
        origin: origin, stopped: stopped.timeIntervalSince1970,
        sizes: Dictionary(uniqueKeysWithValues: files.map { ($0, TemplateStore.size(of: "\(draft)/\($0)")) }),
        state: SHA256.hex(of: try RegularFile.bytes(of: draft + "/state", limit: 256 << 20)))
      try JSONEncoder().encode(record).write(to: URL(filePath: draft + "/template.json"))
      if rename(draft, "\(directory)/\(key)") != 0 { throw Damage(what: "it is kept already") }
    } catch { try? FileManager.default.removeItem(atPath: draft) }
    trim(to: budget)
  }

  /// Removes a template that is good for nothing.
  func remove(_ key: String) {
    let draft = "\(directory)/.\(getpid())-\(TemplateStore.counter.next())"
    if rename("\(directory)/\(key)", draft) == 0 { try? FileManager.default.removeItem(atPath: draft) }
  }

  /// How many are kept, and the memory that they take in bytes.
  var content: (count: Int, bytes: UInt64) {
    let kept = HostFiles.names(in: directory).filter { !$0.hasPrefix(".") }
    return (kept.count, kept.reduce(0) { $0 + bytes(of: "\(directory)/\($1)") })
  }

  /// Removes what is too old, what killed processes have left half done, and the least recently used of the rest until it
  /// fits.
  ///
  /// - Parameter budget: in bytes.
  func trim(to budget: UInt64) {
    guard isOwn else { return }
    var kept: [(key: String, use: Double, bytes: UInt64)] = []
    let now = Date().timeIntervalSince1970
    for name in HostFiles.names(in: directory) {
      let path = "\(directory)/\(name)"
      if name.hasPrefix(".") {
        let pid = Int32(name.dropFirst().prefix { $0 != "-" }) ?? 0
        if pid <= 0 || kill(pid, 0) != 0 && errno == ESRCH { try? FileManager.default.removeItem(atPath: path) }
        continue
      }
      guard let record = try? record(of: path), abs(now - record.stopped) < TemplateStore.age else {
        remove(name)
        continue
      }
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      let use = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
      kept.append((name, use, bytes(of: path)))
    }
    var sum = kept.reduce(0) { $0 + $1.bytes }
    for template in kept.sorted(by: { ($0.use, $0.key) < ($1.use, $1.key) }) where sum > budget {
      remove(template.key)
      sum -= template.bytes
    }
  }

  /// Anybody may create a directory of that name on this file system.
  private var isOwn: Bool {
    var status = stat()
    return lstat(directory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
      && status.st_mode & 0o077 == 0
  }

  private func record(of path: String) throws -> Record {
    do {
      let bytes = try RegularFile.bytes(of: path + "/template.json", limit: 1 << 16)
      return try JSONDecoder().decode(Record.self, from: Data(bytes))
    } catch { throw Damage(what: "its record cannot be read") }
  }

  private func fits(_ source: String, into place: String) -> Bool {
    var disk = statvfs()
    guard statvfs(place, &disk) == 0 else { return false }
    return UInt64(disk.f_bavail) * UInt64(disk.f_frsize) >= bytes(of: source) + TemplateStore.spare
  }

  /// The bytes that files in a directory take.
  private func bytes(of path: String) -> UInt64 {
    HostFiles.names(in: path).reduce(0) { sum, name in
      var status = stat()
      return lstat("\(path)/\(name)", &status) == 0 ? sum + UInt64(status.st_blocks) * 512 : sum
    }
  }

  private static func size(of path: String) -> UInt64 {
    var status = stat()
    return lstat(path, &status) == 0 ? UInt64(status.st_size) : 0
  }

  /// Copies what a file has; its holes stay holes.
  private func copy(_ source: String, to target: String, for user: GuestUser?) throws {
    func problem(_ path: String) -> Damage { Damage(what: "\(path): \(String(cString: strerror(errno)))") }
    let from = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard from >= 0 else { throw problem(source) }
    defer { close(from) }
    let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard to >= 0 else { throw problem(target) }
    defer { close(to) }
    var status = stat()
    guard fstat(from, &status) == 0, ftruncate(to, status.st_size) == 0 else { throw problem(target) }
    if let user, fchown(to, user.uid, user.gid) != 0 { throw problem(target) }
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    // Linux: SEEK_DATA is 3, SEEK_HOLE is 4 (lseek(2)).
    var start = lseek(from, 0, 3)
    while start >= 0 {
      let end = lseek(from, start, 4)
      guard end >= 0 else { throw problem(source) }
      while start < end {
        let count = pread(from, buffer, min(1 << 20, end - start), start)
        guard count > 0 else { throw problem(source) }
        guard pwrite(to, buffer, count, start) == count else { throw problem(target) }
        start += count
      }
      start = lseek(from, start, 3)
    }
  }
}
